import { Checkbox, Stack } from "@mantine/core";
import { useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import type { Role } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import { type User, useUsersChanged } from "./asking";
import { ROLES, rolesAmong } from "./roles";

interface Props {
  readonly user: User;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Which roles a user has; on the edition that was looked at. */
export function EditRoles({ user, open, onClose }: Props) {
  const [roles, setRoles] = useState<readonly string[]>(user.roles);
  const changed = useUsersChanged();
  const giving = useAction(
    (given: Role[]) =>
      got(
        api.PUT("/users/{user_id}/roles", {
          params: {
            path: { user_id: user.user_id },
            header: { "if-match": `"${user.edition}"` },
          },
          body: { roles: given },
        }),
      ),
    () => {
      void changed();
      onClose();
    },
  );
  return (
    <Confirm
      open={open}
      title={`Roles of ${user.email}`}
      verb="Give these roles"
      busy={giving.isPending}
      failure={giving.error}
      onConfirm={() => giving.mutate(rolesAmong(roles))}
      onClose={() => {
        giving.reset();
        setRoles(user.roles);
        onClose();
      }}
    >
      <Checkbox.Group label="Roles" value={[...roles]} onChange={setRoles}>
        <Stack gap="xs" mt="xs">
          {ROLES.map((role) => (
            <Checkbox key={role} value={role} label={role} />
          ))}
        </Stack>
      </Checkbox.Group>
    </Confirm>
  );
}
