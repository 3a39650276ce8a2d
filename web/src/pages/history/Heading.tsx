import { Anchor, Badge, Group, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { inside, text } from "~/parts/events/said";
import { useRunWords } from "~/parts/runs/asking";
import { stageWord } from "~/parts/runs/words";
import { useNames } from "~/parts/trades/names";
import { type Stream, useBeginning } from "./asking";
import { Keeping } from "./Keeping";
import { Result } from "./Result";
import { runIn } from "./run";
import { sortOf } from "./streams";

interface Props {
  readonly streamId: string;
  readonly head: Stream;
}

/** What the history is of, how it stands now, and what can be done with it as a whole. */
export function Heading({ streamId, head }: Props) {
  const sort = sortOf(streamId);
  const name = useName(streamId, head);
  return (
    <div>
      <Group justify="space-between" align="start" gap="sm">
        <div>
          <Text size="sm" c="dimmed">
            <Anchor component={Link} to="/history" size="sm" underline="always">
              History
            </Anchor>{" "}
            / {sort.name}
          </Text>
          <Group gap="sm">
            <Title order={1} size="h2">
              {name}
            </Title>
            <Standing head={head} />
          </Group>
        </div>
        <Keeping streamId={streamId} version={head.newest_version} />
      </Group>
      <Result head={head} />
      {sort.page !== undefined && !head.deleted && (
        <Anchor component={Link} to={`${sort.page}/${streamId}`} size="sm">
          See the {sort.name.toLowerCase()} as it is now
        </Anchor>
      )}
    </div>
  );
}

function Standing({ head }: { readonly head: Stream }) {
  const words = useRunWords();
  const run = runIn(head.views);
  if (head.deleted) return <Badge color="gray">Deleted</Badge>;
  if (run === undefined) return null;
  const ended = run.stage === "CLOSED" || run.stage === "SKIPPED";
  return (
    <Badge variant={ended ? "default" : "light"} color="cyan" autoContrast>
      {stageWord(run.stage, words)}
    </Badge>
  );
}

const NAMED: readonly (readonly [view: string, field: string])[] = [
  ["strategies", "name"],
  ["baskets", "name"],
  ["broker_accounts", "account_name"],
  ["users", "email"],
];

/** What it is called; how it began says what a run is of. */
function useName(streamId: string, head: Stream): string {
  const names = useNames();
  const began = useBeginning(streamId).data?.event ?? {};
  const run = runIn(head.views);
  if (run !== undefined) {
    return text(inside(began, "definition"), "name") || names.strategy(run.strategy_id);
  }
  for (const [view, field] of NAMED) {
    const found = text(head.views[view]?.[0] ?? {}, field);
    if (found !== "") return found;
  }
  return streamId;
}
