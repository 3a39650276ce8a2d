import { ActionIcon, Badge, Button, Group, Skeleton, Stack, Table, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import type { Schemas } from "~/api/types";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { Wide } from "~/parts/Wide";
import { AddTarget } from "./AddTarget";
import { useTargets } from "./asking";
import { RemoveTarget, type Target } from "./RemoveTarget";

type Trials = Schemas["TrialsShown"]["trials"];

/** Addresses where one is told; they go in, and are never shown again. */
export function Targets() {
  const { data, error, refetch } = useTargets();
  const testing = useAction((_: undefined, key) =>
    got(api.POST("/notifications/test", { params: { header: { "idempotency-key": key } } })),
  );
  const targets = data?.shown.targets ?? [];
  const test = targets.length > 0 && (
    <Button
      size="xs"
      variant="default"
      loading={testing.isPending}
      onClick={() => testing.mutate(undefined)}
    >
      Send a test message
    </Button>
  );
  return (
    <Panel title="Where you are told" side={test}>
      <Stack gap="sm">
        <Trouble of={error} again={refetch} />
        <Trouble of={testing.error} />
        {data === undefined && error === null && <Skeleton height={80} />}
        {data !== undefined && targets.length === 0 && (
          <Text size="sm" c="dimmed">
            Only in the inbox. Add a place that reaches you while you are away.
          </Text>
        )}
        {targets.length > 0 && (
          <Listed targets={targets} etag={data?.etag ?? null} trials={testing.data?.trials} />
        )}
        {data !== undefined && <AddTarget etag={data.etag} />}
      </Stack>
    </Panel>
  );
}

interface ListedProps {
  readonly targets: readonly Target[];
  readonly etag: string | null;
  readonly trials: Trials | undefined;
}

function Listed({ targets, etag, trials }: ListedProps) {
  const [leaving, setLeaving] = useState<Target>();
  return (
    <Wide of="Targets, as a table">
      {leaving !== undefined && (
        <RemoveTarget target={leaving} etag={etag} onClose={() => setLeaving(undefined)} />
      )}
      <Table aria-label="Targets" miw={440}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Service</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {targets.map((target) => (
            <Row
              key={target.name}
              target={target}
              trial={trials?.[target.name]}
              onRemove={() => setLeaving(target)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

interface RowProps {
  readonly target: Target;
  readonly trial: Trials[string] | undefined;
  readonly onRemove: () => void;
}

function Row({ target, trial, onRemove }: RowProps) {
  return (
    <Table.Tr>
      <Table.Td>{target.name}</Table.Td>
      <Table.Td>
        {target.service}
        <Text size="xs" c="dimmed">
          {target.shown}
        </Text>
      </Table.Td>
      <Table.Td>
        <Group gap="xs">
          <Badge variant="light" color={target.failing ? "red" : "gray"}>
            {target.failing ? "Failing" : target.channel}
          </Badge>
          {trial !== undefined && <Text size="xs">Test: {trial}</Text>}
        </Group>
      </Table.Td>
      <Table.Td>
        <ActionIcon
          variant="subtle"
          color="red"
          aria-label={`Remove ${target.name}`}
          onClick={onRemove}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </Table.Td>
    </Table.Tr>
  );
}
