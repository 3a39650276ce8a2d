import { Anchor, Group, Text, Title } from "@mantine/core";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { Problem } from "~/api/problem";
import { useTrades } from "~/api/profile";
import type { Basket } from "~/api/types";
import { Waiting } from "~/app/Waiting";
import { Dot } from "~/parts/Dot";
import type { Edition } from "~/parts/draft";
import { Panel } from "~/parts/Panel";
import { usePnlNow } from "~/parts/runs/asking";
import { Trouble } from "~/parts/Trouble";
import { profit, tone } from "~/words/money";
import { istMoment } from "~/words/time";
import { useBasket } from "./asking";
import classes from "./baskets.module.css";
import { Delete } from "./Delete";
import { EditBasket } from "./EditBasket";
import { Export } from "./Export";
import { Members } from "./Members";
import { RecentOrders } from "./RecentOrders";
import { RecentRuns } from "./RecentRuns";
import { Switch } from "./Switch";
import { fieldWord, statusTone, statusWord } from "./words";

/** One basket: what it trades and where, whether it does, and what came of it. */
export function BasketPage() {
  const { basketId = "" } = useParams();
  const [deleting, setDeleting] = useState(false);
  const { data, error, refetch } = useBasket(basketId, deleting);
  if (error instanceof Problem && error.status === 404) return <Gone />;
  if (data === undefined) {
    return error ? <Trouble of={error} again={refetch} /> : <Waiting for="the basket" />;
  }
  return <Whole key={basketId} edition={data} onDeleting={setDeleting} />;
}

function Gone() {
  return (
    <Panel title="There is no such basket">
      <Anchor component={Link} to="/baskets" size="sm">
        To your baskets
      </Anchor>
    </Panel>
  );
}

function Whole({
  edition,
  onDeleting,
}: {
  readonly edition: Edition<Basket>;
  readonly onDeleting: (deleting: boolean) => void;
}) {
  const trades = useTrades();
  const { shown: basket } = edition;
  return (
    <>
      <div className={classes.head}>
        <div>
          <Title order={1} size="h2">
            {basket.name}
          </Title>
          <Told basket={basket} />
        </div>
        <Group gap="xs">
          <Export basket={basket} />
          {trades && <Delete edition={edition} onDeleting={onDeleting} />}
          {trades && <Switch basket={basket} />}
        </Group>
      </div>
      <Faults basket={basket} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <Members basket={basket} trades={trades} />
          <RecentRuns basketId={basket.basket_id} />
          <RecentOrders basketId={basket.basket_id} />
        </div>
        <div className={classes.column}>
          <EditBasket edition={edition} trades={trades} />
        </div>
      </div>
    </>
  );
}

function Told({ basket }: { readonly basket: Basket }) {
  const gain = usePnlNow().data?.baskets.find((each) => each.basket_id === basket.basket_id);
  return (
    <div className={classes.told}>
      <Dot tone={statusTone(basket.status)}>{statusWord(basket.status)}</Dot>
      {gain !== undefined && (
        <span>
          Today <b className={`figures ${tone(gain.net)}`}>{profit(gain.net)}</b>{" "}
          {gain.unmarked > 0 && `(${gain.unmarked} without a fresh price)`}
        </span>
      )}
      <Anchor component={Link} to={`/history/${basket.basket_id}`} size="sm">
        History
      </Anchor>
      <Text size="sm" c="dimmed">
        changed {istMoment(basket.updated_at)} IST
      </Text>
    </div>
  );
}

/** What keeps it from being active, in the platform's words. */
function Faults({ basket }: { readonly basket: Basket }) {
  if (basket.faults.length === 0) return null;
  return (
    <div className={classes.above}>
      <Panel title="It cannot be activated yet">
        <ul className={classes.faults} aria-label="Faults of the basket">
          {basket.faults.map((fault) => (
            <li key={`${fault.field} ${fault.code}`}>
              {fieldWord(fault.field)}: {fault.message}
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}
