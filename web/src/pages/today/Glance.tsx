import { Anchor, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useMarketNow } from "~/api/market";
import type { Schemas } from "~/api/types";
import { statusOf } from "~/parts/account";
import type { PnlNow } from "~/parts/runs/asking";
import { useAccounts, useNames } from "~/parts/trades/names";
import { count, profit, rupees } from "~/words/money";
import { istDay, istMinute, span } from "~/words/time";
import { type Lane, nextOf } from "./day";
import { Money } from "./Money";
import classes from "./today.module.css";

interface Props {
  readonly lanes: readonly Lane[];
  readonly session: Schemas["SessionShown"];
  readonly pnl: PnlNow | undefined;
}

/** The four things one looks for first: what was made, what comes, the market, the brokers. */
export function Glance({ lanes, session, pnl }: Props) {
  return (
    <section className={classes.glance} aria-label="At a glance">
      <Figure label="P&L today">
        <Made pnl={pnl} />
      </Figure>
      <Figure label="Next">
        <Next lanes={lanes} session={session} />
      </Figure>
      <Figure label="Market">
        <Market session={session} />
      </Figure>
      <Figure label="Brokers">
        <Brokers />
      </Figure>
    </section>
  );
}

function Figure({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={classes.figure}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      {children}
    </div>
  );
}

function Made({ pnl }: { readonly pnl: PnlNow | undefined }) {
  if (pnl === undefined) return <span className={classes.big}>–</span>;
  const { gross, charges, net, unmarked } = pnl.total;
  return (
    <>
      <Money of={gross} className={classes.big} />
      <Text size="xs" c="dimmed" className="figures">
        {unmarked > 0
          ? `${count(unmarked)} without a fresh price, not counted`
          : `${profit(net)} after ${rupees(charges)} of charges`}
      </Text>
    </>
  );
}

function Next({ lanes, session }: Pick<Props, "lanes" | "session">) {
  const now = useMarketNow() ?? new Date(session.now);
  const names = useNames();
  const next = nextOf(lanes, now);
  if (next === undefined) {
    return (
      <>
        <span className={classes.big}>Nothing more</span>
        <Text size="xs" c="dimmed">
          The next session is on {istDay(session.next_session)}
        </Text>
      </>
    );
  }
  const seconds = (next.at.getTime() - now.getTime()) / 1000;
  return (
    <>
      <span className={`${classes.big} figures`}>
        {istMinute(next.at)} <small>in {span(seconds)}</small>
      </span>
      <Text size="xs" c="dimmed" truncate>
        {names.strategy(next.lane.strategyId)} {next.what}
      </Text>
    </>
  );
}

function Market({ session }: Pick<Props, "session">) {
  const { open, close, is_open } = session;
  return (
    <>
      <span className={classes.big}>{is_open ? "Open" : "Closed"}</span>
      <Text size="xs" c="dimmed" className="figures">
        {open === null || close === null
          ? `Opens on ${istDay(session.next_session)}`
          : `${istMinute(open)} to ${istMinute(close)} IST`}
      </Text>
    </>
  );
}

function Brokers() {
  const accounts = useAccounts().data?.items;
  if (accounts === undefined) return <span className={classes.big}>–</span>;
  const connected = accounts.filter((each) => each.status === "CONNECTED").length;
  return (
    <>
      <span className={`${classes.big} figures`}>
        {connected} of {accounts.length} <small>connected</small>
      </span>
      <Text size="xs" c="dimmed" truncate>
        {accounts.map((account, place) => (
          <span key={account.account_id}>
            {place > 0 && ", "}
            <Anchor
              component={Link}
              to={`/accounts/${account.account_id}`}
              size="xs"
              underline="always"
            >
              {account.account_name}
            </Anchor>{" "}
            {statusOf(account)[0].toLowerCase()}
          </span>
        ))}
      </Text>
    </>
  );
}
