import { ActionIcon, Menu, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCopy, IconDots, IconHistory, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type RefObject, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useAction } from "~/api/action";
import type { Strategy } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import { deleted, duplicated } from "./saving";

interface OfOne {
  readonly strategy: Strategy;
  /** Set where the page is left on purpose. */
  readonly leaving?: RefObject<boolean>;
}

/** Copy it, look at its versions, delete it. */
export function MoreActions({ strategy, leaving }: OfOne) {
  const [deleting, setDeleting] = useState(false);
  const copy = useDuplicate();
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="default"
            size={30}
            loading={copy.isPending}
            aria-label={`More for ${strategy.name}`}
          >
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconCopy size={15} />}
            onClick={() => copy.mutate(strategy.strategy_id)}
          >
            Duplicate
          </Menu.Item>
          <Menu.Item
            leftSection={<IconHistory size={15} />}
            component={Link}
            to={`/strategies/${strategy.strategy_id}/versions`}
          >
            Versions
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={15} />}
            onClick={() => setDeleting(true)}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {deleting && (
        <DeleteModal
          strategy={strategy}
          onDone={() => setDeleting(false)}
          {...(leaving ? { leaving } : {})}
        />
      )}
    </>
  );
}

function useDuplicate() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const action = useAction(
    (strategyId: string, key: string) => duplicated(strategyId, key),
    (copy) => {
      void client.invalidateQueries({ queryKey: ["strategies"] });
      notifications.show({ title: "Duplicated", message: copy.name, color: "green" });
      void navigate(`/strategies/${copy.strategy_id}`);
    },
  );
  return action;
}

function DeleteModal({ strategy, leaving, onDone }: OfOne & { readonly onDone: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const action = useAction(
    () => deleted(strategy),
    () => {
      if (leaving) leaving.current = true;
      void client.invalidateQueries({ queryKey: ["strategies"] });
      onDone();
      void navigate("/strategies");
    },
  );
  return (
    <Confirm
      title={`Delete ${strategy.name}?`}
      verb="Delete"
      danger
      busy={action.isPending}
      failure={action.error}
      onConfirm={() => action.mutate(undefined)}
      onClose={onDone}
    >
      <Text size="sm">
        It enters no more and is shown no more. What it traded stays in the history.
      </Text>
    </Confirm>
  );
}
