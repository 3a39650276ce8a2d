import { Alert, Anchor } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "react-router";
import { useLink } from "~/api/live";
import type { Account } from "~/api/types";
import { useAccounts, useNames } from "~/parts/trades/names";
import { type Health, useHealth, useReasons } from "./asking";
import { alertOf, type Lane } from "./day";
import classes from "./today.module.css";

interface Matter {
  readonly key: string;
  readonly grave: boolean;
  readonly about: string;
  readonly text: string;
  readonly to?: string;
  readonly way?: string;
}

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

const LOST: Matter = {
  key: "lost",
  grave: true,
  about: "No connection.",
  text: "What you see may be old. The platform goes on without this page.",
};

function ofHealth({ status, troubles, schedule }: Health): readonly Matter[] {
  const told = troubles.map((trouble) => ({
    key: `trouble ${trouble}`,
    grave: false,
    about: "The platform says:",
    text: trouble,
  }));
  if (status !== "failing") return told;
  const late = schedule.late_s === null ? "" : ` for ${Math.round(schedule.late_s)} s`;
  const text = `The schedule stands still${late}: nothing is entered or left by itself.`;
  return [{ key: "failing", grave: true, about: "The platform is failing.", text }, ...told];
}

function useAlerts(lanes: readonly Lane[]): readonly Matter[] {
  const words = useReasons().data;
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

function ofAccount(account: Account): readonly Matter[] {
  const { account_id: id, account_name: name, block, status } = account;
  const to = `/accounts/${id}`;
  const found: Matter[] = [];
  if (block !== null) {
    const text = `Nothing is entered there: ${block.reason}.`;
    found.push({
      key: `${id} block`,
      grave: true,
      about: `${name} is blocked.`,
      text,
      to,
      way: "Look",
    });
  }
  if (status === "EXPIRED") {
    const text = "Nothing is entered there, and no exit finds its way.";
    const about = `The session of ${name} is over.`;
    found.push({ key: `${id} session`, grave: true, about, text, to, way: "Log in" });
  }
  if (status === "DISCONNECTED") {
    const about = `Nobody is logged in at ${name}.`;
    const text = "Nothing is entered there.";
    found.push({ key: `${id} session`, grave: false, about, text, to, way: "Log in" });
  }
  const drifts = account.drifts.filter((drift) => drift.explained === null).length;
  if (drifts > 0) {
    const about = `${name} and the broker differ in ${drifts} ${drifts === 1 ? "place" : "places"}.`;
    const text = "No new risk is taken there.";
    found.push({
      key: `${id} drift`,
      grave: true,
      about,
      text,
      to: "/positions",
      way: "Settle it",
    });
  }
  return found;
}
