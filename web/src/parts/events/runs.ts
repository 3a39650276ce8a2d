import { alertMeans, exitMeans, skipMeans } from "~/parts/runs/words";
import { count, counted, price, rupees } from "~/words/money";
import { istClock, istDate } from "~/words/time";
import { type Known, type KnownOrder, orderOf } from "./known";
import { amount, at, each, inside, joined, outcome, type Said, spelt, text } from "./said";
import type { Teller } from "./telling";

const PHASES: Readonly<Record<string, string>> = {
  ENTRY_BUY: "Hedges released",
  ENTRY_SELL: "Shorts released",
  EXIT_BUY: "Shorts to be bought back",
  EXIT_SELL: "Hedges to be sold",
};
/** Where nothing is sold to begin with, there is nothing to hedge. */
const LONG_PHASES: Readonly<Record<string, string>> = {
  ENTRY_BUY: "Buys released",
  EXIT_SELL: "Longs to be sold",
};

function phaseOf(phase: string, known: Known): string {
  const long = known.legs.length > 0 && known.legs.every((leg) => leg.side === "BUY");
  return (long ? LONG_PHASES[phase] : undefined) ?? PHASES[phase] ?? `${spelt(phase)} released`;
}

function worded(order: KnownOrder): string {
  return `${order.side} ${count(order.quantity)} ${order.symbol}`;
}

/** The order an event is about; its tag where nothing more is known. */
function order(said: Said, known: Known): string {
  const found = known.orders.get(text(said, "tag"));
  return found === undefined ? `order ${text(said, "tag")}` : worded(found);
}

function orderAtLimit(said: Said, known: Known): string {
  const found = known.orders.get(text(said, "tag"));
  return atLimit(order(said, known), found?.price);
}

function atLimit(what: string, limit: number | undefined): string {
  return limit === undefined ? what : `${what} at ${at(limit)}`;
}

function filled(said: Said, known: Known): string {
  const found = known.orders.get(text(said, "tag"));
  const units = amount(said, "filled") ?? 0;
  const priced = at(amount(said, "average_price"));
  if (found === undefined) return `${count(units)} units of ${order(said, known)} at ${priced}`;
  const of = units < found.quantity ? ` of ${count(found.quantity)}` : "";
  return `${found.side} ${count(units)}${of} ${found.symbol} at ${priced}`;
}

function seen(said: Said, known: Known): string {
  const any = (amount(said, "filled") ?? 0) > 0;
  switch (text(said, "status")) {
    case "COMPLETE":
      return `Leg filled: ${filled(said, known)}`;
    case "OPEN":
      return any
        ? `Partly filled: ${filled(said, known)}`
        : `Open at the broker: ${orderAtLimit(said, known)}`;
    case "CANCELLED":
      return joined(
        any ? "Cancelled with a part filled" : "Order cancelled",
        any ? filled(said, known) : order(said, known),
        text(said, "message"),
      );
    case "REJECTED":
      return joined("Order rejected", order(said, known), text(said, "message"));
    default:
      return `Order is ${spelt(text(said, "status"))}: ${order(said, known)}`;
  }
}

function legNumbered(said: Said, known: Known): string {
  const leg = amount(said, "leg") ?? 0;
  return known.legs[leg]?.symbol ?? `leg ${leg + 1}`;
}

function exitRequested(said: Said, known: Known): string {
  const mtm = amount(said, "mtm");
  const made = mtm === undefined ? "" : `, at a ${outcome(mtm)}`;
  const why = exitMeans(text(said, "reason"), known.words);
  return joined(`Leaving (${why}${made})`, text(said, "detail"));
}

function entered(said: Said): string {
  const net = amount(said, "net_premium") ?? 0;
  if (net === 0) return "Entered, for no premium either way";
  return `Entered: ${rupees(Math.abs(net))} of premium ${net > 0 ? "received" : "paid"}`;
}

function opened(said: Said): string {
  const terms = inside(said, "terms");
  const name = text(inside(said, "definition"), "name") || "Closing of positions";
  const due = text(said, "due_at");
  const when = due === "" ? "" : ` for ${istClock(due)}`;
  return `Run opened${when}: ${name}, ${text(terms, "underlying")} × ${text(terms, "multiplier")}`;
}

function planned(said: Said): string {
  const reference = inside(said, "reference");
  const at = amount(reference, "price");
  const source = spelt(text(reference, "source"));
  const base = at === undefined ? source : `${source} ${price(at)}`;
  return `Contracts chosen at ${base}`;
}

function legsOf(said: Said): readonly string[] {
  return each(said, "legs").map((leg) => {
    const symbol = text(inside(leg, "contract"), "tradingsymbol");
    return `${text(leg, "side")} ${count(amount(leg, "quantity") ?? 0)} ${symbol}`;
  });
}

function closed(said: Said, known: Known): string {
  const made = outcome(amount(said, "realised") ?? 0);
  const charges = rupees(amount(said, "charges") ?? 0);
  const why = exitMeans(text(said, "outcome"), known.words);
  return `Closed (${why}): ${made} before charges of ${charges}`;
}

function byHand(said: Said, known: Known): string {
  const units = amount(said, "quantity") ?? 0;
  const what = `${units < 0 ? "SELL" : "BUY"} ${count(Math.abs(units))} ${legNumbered(said, known)}`;
  const priced = at(amount(said, "price"));
  return joined("Traded by hand", `${what} at ${priced}`, spelt(text(said, "reason")));
}

function settled(said: Said, known: Known): string {
  const units = amount(said, "quantity") ?? 0;
  const side = units < 0 ? "short" : "long";
  const guessed = said.estimated === true ? " (estimated)" : "";
  const priced = at(amount(said, "price"));
  return `Settled at expiry: ${side} ${count(Math.abs(units))} ${legNumbered(said, known)} at ${priced}${guessed}`;
}

/** What happens in a run's life. */
export const RUN_TELLERS: Readonly<Record<string, Teller>> = {
  "run.opened": { kind: "decision", tell: opened },
  "run.skipped": {
    kind: "decision",
    tell: (said, known) =>
      joined(`Skipped (${skipMeans(text(said, "reason"), known.words)})`, text(said, "detail")),
  },
  "run.claimed": {
    kind: "note",
    tell: (said) => `A worker looks after it, until ${istClock(text(said, "until"))} at least`,
  },
  "run.planned": {
    kind: "decision",
    tell: planned,
    more: legsOf,
  },
  "run.phase_released": {
    kind: "order",
    tell: (said, known) =>
      `${phaseOf(text(said, "phase"), known)}: ${counted(each(said, "slices").length, "order")}`,
    more: (said, known) =>
      each(said, "slices").map((slice) => {
        const found = orderOf(slice, known.legs);
        return atLimit(worded(found), found.price);
      }),
  },
  "run.slice_accepted": {
    kind: "order",
    tell: (said, known) =>
      `The broker took the order: ${orderAtLimit(said, known)} (no. ${text(said, "broker_order_id")})`,
  },
  "run.slice_rejected": {
    kind: "alarm",
    tell: (said, known) => joined("Order rejected", order(said, known), text(said, "message")),
  },
  "run.slice_unsent": {
    kind: "order",
    tell: (said, known) => joined("Order not sent", order(said, known), text(said, "message")),
  },
  "run.slice_unknown": {
    kind: "alarm",
    tell: (said, known) =>
      joined("An order may or may not be at the broker", order(said, known), text(said, "message")),
  },
  "run.slice_absent": {
    kind: "order",
    tell: (said, known) =>
      joined("The broker never had the order", order(said, known), text(said, "evidence")),
  },
  "run.slice_seen": { kind: "fill", tell: seen },
  "run.slice_declared_filled": {
    kind: "fill",
    tell: (said, known) => joined("Declared filled", filled(said, known), text(said, "why")),
  },
  "run.repriced": {
    kind: "order",
    tell: (said, known) => `Order moved to ${at(amount(said, "price"))}: ${order(said, known)}`,
  },
  "run.price_wished": {
    kind: "order",
    tell: (said, known) => `Wanted at ${at(amount(said, "price"))}: ${order(said, known)}`,
  },
  "run.cancel_asked": {
    kind: "order",
    tell: (said, known) => `To be cancelled: ${order(said, known)}`,
  },
  "run.change_refused": {
    kind: "alarm",
    tell: (said, known) =>
      joined("The broker did not change the order", order(said, known), text(said, "message")),
  },
  "run.entered": { kind: "decision", tell: entered },
  "run.exit_requested": { kind: "decision", tell: exitRequested },
  "run.alerted": {
    kind: "alarm",
    tell: (said, known) =>
      joined(`Alarm (${alertMeans(text(said, "kind"), known.words)})`, text(said, "detail")),
  },
  "run.alert_cleared": {
    kind: "note",
    tell: (said, known) => `The alarm is over: ${alertMeans(text(said, "kind"), known.words)}`,
  },
  "run.settled": { kind: "fill", tell: settled },
  "run.adjusted": { kind: "fill", tell: byHand },
  "run.marked": {
    kind: "note",
    tell: (said) =>
      `Valued at the close of ${istDate(text(said, "day"))}: a ${outcome(amount(said, "mtm") ?? 0)} so far`,
  },
  "run.closed": { kind: "decision", tell: closed },
};
