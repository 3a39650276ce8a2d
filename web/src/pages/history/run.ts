import type { Order, Run } from "~/api/types";
import { amount, type Said, spelt, text } from "~/parts/events/said";
import { alertMeans, type RunWords, stageWord, whyInFull } from "~/parts/runs/words";
import { statusWord } from "~/parts/trades/words";
import { capital } from "~/words/definition";
import { count, NOTHING, price, profit, rupees, summed, tone } from "~/words/money";
import { istClock, istDate, istMoment } from "~/words/time";
import type { Fact, Group, SheetRow } from "./sheet";

export type Views = Readonly<Record<string, readonly Said[]>>;

/** The run's own row; views show rows as the endpoint of each does. */
export function runIn(views: Views): Run | undefined {
  return views.runs?.[0] as unknown as Run | undefined;
}

export function ordersIn(views: Views): readonly Order[] {
  return (views.orders ?? []) as unknown as readonly Order[];
}

/** A run as it stood: what it holds, what it ordered, what it made, what was wrong. */
export function runThen(views: Views, words: RunWords): readonly Group[] {
  const run = runIn(views);
  if (run === undefined) return [];
  return [
    { title: "Where it stood", facts: [...standing(run, words), ...money(run, views)] },
    legsOf(run, views),
    slicesOf(ordersIn(views)),
    alertsOf(run, words),
  ];
}

function standing(run: Run, words: RunWords): readonly Fact[] {
  const facts: Fact[] = [{ label: "Stage", text: stageWord(run.stage, words) }];
  if (run.reference_price !== null) {
    const source = spelt(run.reference_source ?? "");
    facts.push({ label: "Strikes chosen at", text: `${price(run.reference_price)} (${source})` });
  }
  if (run.exit_at !== null) facts.push({ label: "To be left at", text: istMoment(run.exit_at) });
  const why = whyInFull(run, words);
  if (why !== undefined) facts.push({ label: whyLabel(run), text: why });
  return facts;
}

export function whyLabel(run: Run): string {
  return run.skip_reason === null ? "Left because" : "Skipped because";
}

function money(run: Run, views: Views): readonly Fact[] {
  const facts: Fact[] = [];
  const days = views.daily_pnl ?? [];
  const cash = days.length === 0 ? undefined : amount(days[days.length - 1] ?? {}, "cash");
  if (run.net_premium !== null) {
    facts.push({ label: "Net premium", text: profit(run.net_premium) });
  }
  if (cash !== undefined) facts.push({ label: "Received less paid", text: profit(cash) });
  const charges = summed(days.map((day) => amount(day, "charges") ?? 0));
  if (days.length > 0) facts.push({ label: "Charges", text: rupees(run.charges ?? charges) });
  const marked = days.findLast((day) => amount(day, "mark") !== undefined);
  if (marked !== undefined) {
    const worth = amount(marked, "mark");
    const label = `Worth at the close of ${istDate(text(marked, "day"))}`;
    facts.push({ label, text: profit(worth), tone: tone(worth) });
  }
  if (run.realised !== null) {
    facts.push({ label: "Result", text: profit(run.realised), tone: tone(run.realised) });
  }
  return facts;
}

function legsOf(run: Run, views: Views): Group {
  const orders = ordersIn(views);
  const rows = run.legs.map((leg, at): SheetRow => {
    const key = `${leg.exchange}:${leg.symbol}`;
    return {
      key: `${at} ${key}`,
      cells: [
        leg.symbol,
        leg.action,
        count(leg.qty),
        traded(orders, "ENTRY", at),
        traded(orders, "EXIT", at),
        count(held(views, key)),
      ],
    };
  });
  return {
    title: "Legs",
    sheet: {
      columns: [
        { label: "Contract" },
        { label: "Side" },
        { label: "Units", figures: true },
        { label: "In", figures: true },
        { label: "Out", figures: true },
        { label: "Held", figures: true },
      ],
      rows,
    },
    none: "Its contracts are chosen when it enters.",
  };
}

function held(views: Views, key: string): number {
  const found = (views.positions ?? []).filter((row) => text(row, "key") === key);
  return found.reduce(
    (sum, row) => sum + (amount(row, "bought") ?? 0) - (amount(row, "sold") ?? 0),
    0,
  );
}

function traded(orders: readonly Order[], part: string, at: number): string {
  const leg = orders.find((order) => order.txn_type === part)?.legs.find((each) => each.leg === at);
  if (leg === undefined) return NOTHING;
  if (leg.filled_qty === 0) return statusWord(leg.status);
  const of = leg.filled_qty < leg.qty ? ` of ${count(leg.qty)}` : "";
  return `${count(leg.filled_qty)}${of} at ${price(leg.price)}`;
}

function slicesOf(orders: readonly Order[]): Group {
  const rows = orders.flatMap((order) =>
    order.legs.flatMap((leg) =>
      leg.slices.map((slice) => ({
        at: slice.released_at,
        key: slice.tag,
        cells: [
          `${leg.action} ${count(slice.qty)} ${leg.symbol}`,
          istClock(slice.released_at),
          price(slice.price),
          slice.filled_qty === 0
            ? NOTHING
            : `${count(slice.filled_qty)} at ${price(slice.average_price)}`,
          slice.message === null
            ? statusWord(slice.status)
            : `${statusWord(slice.status)}: ${slice.message}`,
        ],
      })),
    ),
  );
  return {
    title: "Orders at the broker",
    sheet: {
      columns: [
        { label: "Order" },
        { label: "Sent", figures: true },
        { label: "Limit", figures: true },
        { label: "Filled", figures: true },
        { label: "Status" },
      ],
      rows: rows.toSorted((one, other) => one.at.localeCompare(other.at)),
    },
    none: "No order had been sent.",
  };
}

function alertsOf(run: Run, words: RunWords): Group {
  const facts = Object.entries(run.alerts).map(([kind, detail]) => ({
    label: capital(alertMeans(kind, words)),
    text: detail,
  }));
  return { title: "Alarms", facts, none: "None." };
}
