import { Button, Skeleton, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useProfile } from "~/api/profile";
import { More } from "~/parts/More";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { Wide } from "~/parts/Wide";
import { AddUser } from "./AddUser";
import { type User, useUsers } from "./asking";
import { Frame } from "./Frame";
import { UserRow } from "./UserRow";

/** Everybody who may sign in, and as what; for admins. */
export function UsersPage() {
  const profile = useProfile().data;
  const admin = profile?.roles.includes("admin") ?? false;
  const asked = useUsers(admin);
  const [adding, { open, close }] = useDisclosure(false);
  const users = asked.data?.pages.flatMap((page) => page.items) ?? [];
  if (profile !== undefined && !admin) {
    return (
      <Frame title="Users and roles">
        <Text c="dimmed">Only an administrator sees who else signs in.</Text>
      </Frame>
    );
  }
  return (
    <Frame title="Users and roles">
      <Panel
        title="Who signs in"
        told="Traders trade what is theirs; viewers see it; auditors read the audit of all; administrators look after users."
        side={
          <Button size="xs" onClick={open}>
            Add a user
          </Button>
        }
      >
        <Trouble of={asked.error} again={asked.refetch} />
        {asked.isPending && <Skeleton height={120} />}
        {users.length > 0 && <Listed users={users} self={profile?.user_id} />}
        <More of={asked} />
      </Panel>
      <AddUser open={adding} onClose={close} />
    </Frame>
  );
}

interface ListedProps {
  readonly users: readonly User[];
  readonly self: string | undefined;
}

function Listed({ users, self }: ListedProps) {
  return (
    <Wide of="Users, as a table">
      <Table aria-label="Users" miw={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>User</Table.Th>
            <Table.Th>Roles</Table.Th>
            <Table.Th>Last signed in</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.map((user) => (
            <UserRow key={user.user_id} user={user} own={user.user_id === self} />
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
