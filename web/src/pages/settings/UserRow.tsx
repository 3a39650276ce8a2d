import { ActionIcon, Badge, Group, Menu, Table, Text } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { istMoment } from "~/words/time";
import { Admission } from "./Admission";
import type { User } from "./asking";
import { EditRoles } from "./EditRoles";
import { ResetPassword } from "./ResetPassword";

type Doing = "roles" | "password" | "admission";

/** One user, and what an admin may do about them. */
export function UserRow({ user, own }: { readonly user: User; readonly own: boolean }) {
  const [doing, setDoing] = useState<Doing>();
  const active = user.status === "ACTIVE";
  const dialog = { user, onClose: () => setDoing(undefined) };
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600}>
          {user.name || user.email}
          {own && " (you)"}
        </Text>
        {user.name !== "" && (
          <Text size="xs" c="dimmed">
            {user.email}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{user.roles.join(", ")}</Table.Td>
      <Table.Td className="figures">
        {user.last_signed_in_at === null ? "never" : istMoment(user.last_signed_in_at)}
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={active ? "teal" : "gray"}>
          {active ? "Active" : "Disabled"}
        </Badge>
      </Table.Td>
      <Table.Td>
        <Group justify="flex-end">
          <Actions user={user} own={own} onChoose={setDoing} />
        </Group>
        <EditRoles {...dialog} open={doing === "roles"} />
        <ResetPassword {...dialog} open={doing === "password"} />
        <Admission {...dialog} open={doing === "admission"} />
      </Table.Td>
    </Table.Tr>
  );
}

interface ActionsProps {
  readonly user: User;
  readonly own: boolean;
  readonly onChoose: (what: Doing) => void;
}

function Actions({ user, own, onChoose }: ActionsProps) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${user.email}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onChoose("roles")}>Change roles</Menu.Item>
        {!own && (
          <>
            <Menu.Item onClick={() => onChoose("password")}>Reset password</Menu.Item>
            <Menu.Item onClick={() => onChoose("admission")}>
              {user.status === "ACTIVE" ? "Disable" : "Let in again"}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
