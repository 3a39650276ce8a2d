import { Anchor, Badge, Button, Group, Table, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, got } from "~/api/client";
import { inWords } from "~/api/problem";
import { useTrades } from "~/api/profile";
import type { Schemas, Strategy } from "~/api/types";
import { Waiting } from "~/app/Waiting";
import { More } from "~/parts/More";
import { useNextDue } from "~/parts/runs/asking";
import { Trouble } from "~/parts/Trouble";
import { useBaskets } from "~/parts/trades/names";
import { counted } from "~/words/money";
import { istDay, istMinute } from "~/words/time";
import classes from "./list.module.css";
import { MoreActions } from "./MoreActions";
import { SwitchButton } from "./SwitchButton";
import { STATUS } from "./status";
import { TYPES, weekdaysInWords } from "./words";

function useStrategies() {
  return useInfiniteQuery({
    queryKey: ["strategies", "list"],
    initialPageParam: null as string | null,
    getNextPageParam: (page: Schemas["Paged_StrategyShown_"]) => page.next_cursor,
    queryFn: ({ pageParam }) =>
      got(api.GET("/strategies", { params: { query: { limit: 50, cursor: pageParam } } })),
  });
}

/** All strategies: whether they are active, what is wrong with them, when they enter next. */
export function StrategiesList() {
  const read = useStrategies();
  const { data, error, refetch } = read;
  const trades = useTrades();
  const found = data?.pages.flatMap((page) => page.items);
  return (
    <>
      <Group justify="space-between" mb="md">
        <Title order={1} size="h2">
          Strategies
        </Title>
        {trades && (
          <Button component={Link} to="/strategies/new" leftSection={<IconPlus size={16} />}>
            New strategy
          </Button>
        )}
      </Group>
      <Trouble of={error} again={refetch} />
      {found === undefined && !error && <Waiting for="your strategies" />}
      {found?.length === 0 && (
        <Text c="dimmed" py="xl" ta="center">
          No strategy yet. Begin with a template: an iron condor is drawn and priced at once.
        </Text>
      )}
      {found !== undefined && found.length > 0 && <Strategies found={found} />}
      <More of={read} />
    </>
  );
}

function Strategies({ found }: { readonly found: readonly Strategy[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by keyboard
    <section className={classes.box} aria-label="Your strategies" tabIndex={0}>
      <Table highlightOnHover aria-label="Strategies">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Strategy</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Schedule, IST</Table.Th>
            <Table.Th>Enters next</Table.Th>
            <Table.Th>Basket</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.map((each) => (
            <Row key={each.strategy_id} strategy={each} />
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Row({ strategy }: { readonly strategy: Strategy }) {
  const trades = useTrades();
  const { schedule, status } = strategy;
  const basket = useBaskets().data?.items.find((each) => each.basket_id === strategy.basket_id);
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor
          component={Link}
          to={`/strategies/${strategy.strategy_id}`}
          className={classes.tight ?? ""}
          fw={600}
          size="sm"
        >
          {strategy.name}
        </Anchor>
        <Text size="xs" c="dimmed">
          {TYPES[strategy.type]}, {counted(strategy.legs.length, "leg")}
        </Text>
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={STATUS[status].color}>
          {STATUS[status].label}
        </Badge>
        <Faults strategy={strategy} />
      </Table.Td>
      <Table.Td className={`${classes.tight} figures`}>
        {schedule.entry_time} – {schedule.exit_time}
        <Text size="xs" c="dimmed">
          {weekdaysInWords(schedule.weekdays)}
        </Text>
      </Table.Td>
      <Table.Td>
        <NextDue strategy={strategy} />
      </Table.Td>
      <Table.Td>
        <Anchor component={Link} to={`/baskets/${strategy.basket_id}`} size="sm">
          {basket?.name ?? "…"}
        </Anchor>
      </Table.Td>
      <Table.Td>
        {trades && (
          <Group gap="xs" wrap="nowrap" justify="flex-end">
            <SwitchButton strategy={strategy} />
            <MoreActions strategy={strategy} />
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Faults({ strategy: { faults } }: { readonly strategy: Strategy }) {
  if (faults.length === 0) return null;
  return (
    <details className={classes.faults}>
      <summary>{counted(faults.length, "fault")}</summary>
      <ul>
        {faults.map((fault) => (
          <li key={fault.field + fault.code}>{fault.message}</li>
        ))}
      </ul>
    </details>
  );
}

/** The next entry of an active strategy, or what holds it back. */
function NextDue({ strategy }: { readonly strategy: Strategy }) {
  const { data, error } = useNextDue(strategy.strategy_id, strategy.status === "ACTIVE");
  if (strategy.status !== "ACTIVE") return <Text c="dimmed">–</Text>;
  if (error) return <Text size="xs">{inWords(error)}</Text>;
  if (data === undefined) return <Text c="dimmed">…</Text>;
  if (data.next_due === null) {
    const why = data.blockers[0]?.message ?? data.days.find((day) => day.reason)?.reason?.message;
    return <Text size="xs">{why ?? "not in the next days"}</Text>;
  }
  return (
    <Text size="sm" className={`${classes.tight} figures`}>
      {istDay(data.next_due)}, {istMinute(data.next_due)}
    </Text>
  );
}
