import { Anchor, Badge, Group, Paper, Text, Title } from "@mantine/core";
import { useId } from "react";
import { Link } from "react-router";
import { useTrades } from "~/api/profile";
import type { Run, Schemas } from "~/api/types";
import { useRunWords } from "~/parts/runs/asking";
import { stageWord } from "~/parts/runs/words";
import { useNames } from "~/parts/trades/names";
import { profit, rupees } from "~/words/money";
import { istMinute } from "~/words/time";
import type { Triggers } from "./asking";
import { ExitRun } from "./ExitRun";
import { Gauge } from "./Gauge";
import { Money } from "./Money";
import classes from "./today.module.css";

interface Props {
  readonly run: Run;
  readonly why: string | undefined;
  readonly gain: Schemas["RunGainShown"] | undefined;
  readonly limits: Triggers | undefined;
}

/** A run in the market: what it makes now, where it would leave, and the way out. */
export function RunCard({ run, why, gain, limits }: Props) {
  const id = useId();
  const names = useNames();
  const trades = useTrades();
  const words = useRunWords();
  return (
    <Paper component="article" withBorder className={classes.card ?? ""} aria-labelledby={id}>
      <Group justify="space-between" wrap="nowrap" align="start" gap="xs">
        <div className={classes.named}>
          <Title order={2} size="h5" id={id} className={classes.cut ?? ""}>
            {names.strategy(run.strategy_id)}
          </Title>
          <Text size="xs" c="dimmed" truncate>
            {names.account(run.account_id)} · {run.underlying} · ×{run.multiplier}
          </Text>
        </div>
        <Badge variant="light" color={run.stage === "OPEN" ? "teal" : "yellow"}>
          {stageWord(run.stage, words)}
        </Badge>
      </Group>
      <div>
        <Money of={gain?.gross} className={classes.made} />
        <Text size="xs" c="dimmed" className="figures">
          {gain?.gross === null
            ? "no fresh price of what it holds"
            : `${profit(gain?.net)} after charges`}
        </Text>
      </div>
      {limits !== undefined && <Gauge limits={limits} gross={gain?.gross ?? null} />}
      <Facts run={run} why={why} />
      <Group justify="space-between">
        <Anchor component={Link} to={`/history/${run.run_id}`} size="sm">
          What happened
        </Anchor>
        {trades && <ExitRun run={run} gross={gain?.gross ?? null} />}
      </Group>
    </Paper>
  );
}

function Facts({ run, why }: Pick<Props, "run" | "why">) {
  const { net_premium: premium, exit_at: exit } = run;
  const took = premium === null ? "" : premium < 0 ? "paid" : "received";
  return (
    <Text size="xs" c="dimmed" className="figures">
      {premium !== null && `Premium ${took} ${rupees(Math.abs(premium))}`}
      {premium !== null && exit !== null && " · "}
      {run.stage === "EXITING"
        ? `leaving: ${why ?? ""}`
        : exit !== null && `leaves by ${istMinute(exit)}`}
    </Text>
  );
}
