import { Alert, Anchor } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "react-router";
import { useLink } from "~/api/live";
import { useHealth } from "~/parts/health";
import { useRunWords } from "~/parts/runs/asking";
import { alertOf } from "~/parts/runs/words";
import { useAccounts, useNames } from "~/parts/trades/names";
import type { Lane } from "./day";
import { LOST, type Matter, ofAccount, ofHealth } from "./matters";
import classes from "./today.module.css";

/** All that somebody should look at, the gravest first; nothing where nothing is wrong. */
export function Attention({ lanes }: { readonly lanes: readonly Lane[] }) {
  const lost = useLink() === "lost";
  const health = useHealth().data;
  const accounts = useAccounts().data?.items ?? [];
  const runs = useAlerts(lanes);
  const matters = [
    ...(lost ? [LOST] : []),
    ...(health === undefined ? [] : ofHealth(health)),
    ...runs,
    ...accounts.flatMap(ofAccount),
  ].sort((one, other) => Number(other.grave) - Number(one.grave));
  if (matters.length === 0) return null;
  return (
    <ul className={classes.matters} aria-label="What needs attention">
      {matters.map((matter) => (
        <li key={matter.key}>
          <Alert
            color={matter.grave ? "red" : "yellow"}
            icon={<IconAlertTriangle size={18} />}
            py="xs"
          >
            <strong>{matter.about}</strong> {matter.text}{" "}
            {matter.to !== undefined && (
              <Anchor component={Link} to={matter.to} size="sm" underline="always" inherit>
                {matter.way}
              </Anchor>
            )}
          </Alert>
        </li>
      ))}
    </ul>
  );
}

function useAlerts(lanes: readonly Lane[]): readonly Matter[] {
  const words = useRunWords();
  const names = useNames();
  return lanes.flatMap(({ run }) =>
    run === undefined || run.stage === "CLOSED"
      ? []
      : Object.entries(run.alerts).map(([kind, detail]) => ({
          key: `${run.run_id} ${kind}`,
          grave: true,
          about: `${names.strategy(run.strategy_id)}:`,
          text: `${alertOf(kind, words)} (${detail}).`,
          to: `/history/${run.run_id}`,
          way: "What happened",
        })),
  );
}
