import { count, counted, rupees, wholeRupees } from "~/words/money";
import { istClock, istMoment } from "~/words/time";
import { amount, at, each, inside, joined, type Said, spelt, text } from "./said";
import type { Teller } from "./telling";

/** `short 130 NIFTY2680424500CE at ₹101.50`. */
function held(position: Said): string {
  const units = amount(position, "quantity") ?? 0;
  const what = `${units < 0 ? "short" : "long"} ${count(Math.abs(units))} ${symbol(position)}`;
  const priced = at(amount(position, "average_price"));
  return priced === "" ? what : `${what} at ${priced}`;
}

function symbol(said: Said): string {
  return text(said, "key").split(":").pop() ?? "";
}

function differs(drift: Said): string {
  const order = text(drift, "order");
  const where = order === "" ? symbol(drift) : `${symbol(drift)}, order ${order}`;
  const [expected, found] = [amount(drift, "expected") ?? 0, amount(drift, "found") ?? 0];
  return `${where}: expected ${count(expected)}, the broker has ${count(found)}`;
}

const LIMITS: readonly (readonly [string, string, (value: number) => string])[] = [
  ["max_lots", "lots an order", count],
  ["max_notional", "notional", wholeRupees],
  ["max_orders_per_day", "orders a day", count],
  ["max_open_runs", "open runs", count],
  ["max_daily_loss", "loss a day", rupees],
];

function limits(said: Said): readonly string[] {
  const set = inside(said, "limits");
  return LIMITS.map(([field, label, shown]) => {
    const value = amount(set, field);
    return `${label}: ${value === undefined ? "no limit" : `at most ${shown(value)}`}`;
  });
}

function addressSeen(said: Said): string {
  const [found, declared] = [text(said, "found"), text(said, "declared")];
  const would = `Orders would leave from ${found || "an unknown address"}`;
  if (said.foreign !== true) return `${would}, as declared`;
  return declared === "" ? would : `${would}; ${declared} is declared`;
}

const SCOPES: Readonly<Record<string, string>> = {
  own: "what its runs hold is closed",
  all: "everything it holds is closed",
};

function scope(said: Said): string {
  const found = text(said, "scope");
  return SCOPES[found] ?? spelt(found);
}

/** What happens to an account at a broker. */
export const ACCOUNT_TELLERS: Readonly<Record<string, Teller>> = {
  "account.linked": {
    kind: "decision",
    tell: (said) => `Account linked: ${text(said, "account_name")} at ${text(said, "broker")}`,
  },
  "account.edited": {
    kind: "decision",
    tell: (said) =>
      joined(
        "Account changed",
        [text(said, "account_name"), text(said, "static_ip")].filter(Boolean).join(", "),
      ),
  },
  "account.secrets_kept": {
    kind: "note",
    tell: () => "Keys of the broker's app kept in the vault",
  },
  "account.connected": {
    kind: "note",
    tell: (said) => {
      const [user, until] = [text(said, "broker_user_id"), text(said, "expires_at")];
      const who = user === "" ? "" : ` as ${user}`;
      return `Connected to the broker${who}${until === "" ? "" : ` until ${istMoment(until)}`}`;
    },
  },
  "account.session_ended": {
    kind: "alarm",
    tell: (said) =>
      joined(`The broker's session ended (${spelt(text(said, "status"))})`, text(said, "reason")),
  },
  "account.login_due": {
    kind: "alarm",
    tell: (said) => {
      const open = amount(said, "open_runs") ?? 0;
      const runs = open === 0 ? "" : `; ${counted(open, "run")} open`;
      return `A login at the broker is due before ${istClock(text(said, "opens_at"))}${runs}`;
    },
  },
  "account.synced": {
    kind: "note",
    tell: (said) =>
      `Funds read: ${rupees(amount(said, "available"))} available, ${rupees(amount(said, "used"))} used`,
  },
  "account.reconciled": {
    kind: "note",
    tell: (said) => {
      const external = each(said, "external").length;
      const also = external === 0 ? "" : `, ${counted(external, "position")} of your own`;
      return `Compared with the broker's book${also}`;
    },
    more: (said) => each(said, "external").map(held),
  },
  "account.drift_found": {
    kind: "alarm",
    tell: (said) => `Differs from the broker: ${differs(inside(said, "drift"))}`,
  },
  "account.drift_resolved": {
    kind: "decision",
    tell: (said) => {
      const what = said.explained === true ? "Difference explained" : "Difference resolved";
      return joined(what, symbol(said), text(said, "how"));
    },
  },
  "account.position_adopted": {
    kind: "decision",
    tell: (said) =>
      joined("Position adopted", held(inside(said, "position")), text(said, "reason")),
  },
  "account.position_ignored": {
    kind: "decision",
    tell: (said) =>
      joined("Position left to its owner", held(inside(said, "position")), text(said, "reason")),
  },
  "account.limits_set": { kind: "decision", tell: () => "Limits set", more: limits },
  "account.blocked": {
    kind: "alarm",
    tell: (said) => `Trading stopped (${spelt(text(said, "reason"))}): ${scope(said)}`,
  },
  "account.released": {
    kind: "decision",
    tell: (said) => joined("Trading allowed again", text(said, "reason")),
  },
  "account.address_seen": { kind: "note", tell: addressSeen },
  "account.unlinked": { kind: "decision", tell: () => "Account unlinked" },
};
