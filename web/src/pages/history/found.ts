import type { Basket, Order, Run, Strategy } from "~/api/types";
import { spelt } from "~/parts/events/said";
import { type RunWords, stageWord, whyOf } from "~/parts/runs/words";
import type { Names } from "~/parts/trades/names";
import { statusWord } from "~/parts/trades/words";
import { capital } from "~/words/definition";
import { NOTHING, profit, tone } from "~/words/money";
import { istDay, istMinute } from "~/words/time";
import { addressOf } from "./streams";

/** One line of what may be looked for. */
export interface Found {
  readonly id: string;
  readonly address: string;
  readonly name: string;
  readonly cells: readonly string[];
  readonly tone?: "gain" | "loss" | "even";
}

function moment(at: string): string {
  return `${istDay(at)}, ${istMinute(at)}`;
}

export const RUN_COLUMNS = ["Run of", "Due", "Account", "Stage", "Why", "Result"];

export function foundRun(run: Run, names: Names, words: RunWords): Found {
  return {
    id: run.run_id,
    address: addressOf(run.run_id),
    name: names.strategy(run.strategy_id),
    cells: [
      moment(run.due_at),
      names.account(run.account_id),
      stageWord(run.stage, words),
      capital(whyOf(run, words) ?? NOTHING),
      profit(run.realised),
    ],
    tone: tone(run.realised),
  };
}

export const ORDER_COLUMNS = ["Order of", "Released", "Account", "Part", "Broker's no.", "Status"];

export function foundOrder(order: Order, names: Names): Found {
  const numbers = order.legs.flatMap((leg) => leg.slices.map((slice) => slice.broker_order_id));
  const [first, ...more] = numbers.filter((number) => number !== null);
  return {
    // Found by any of its numbers at the broker.
    id: [order.order_id, ...numbers].join(" "),
    address: addressOf(order.order_id),
    name: names.strategy(order.strategy_id),
    cells: [
      moment(order.created_at),
      names.account(order.account_id),
      order.txn_type === "EXIT" ? "Exit" : "Entry",
      first === undefined
        ? NOTHING
        : more.length === 0
          ? first
          : `${first} and ${more.length} more`,
      statusWord(order.status),
    ],
  };
}

export const THING_COLUMNS = ["Name", "Made", "Changed", "Status"];

export function foundStrategy(strategy: Strategy): Found {
  return thing(strategy.strategy_id, strategy);
}

export function foundBasket(basket: Basket): Found {
  return thing(basket.basket_id, basket);
}

function thing(id: string, shown: Strategy | Basket): Found {
  return {
    id,
    address: addressOf(id),
    name: shown.name,
    cells: [moment(shown.created_at), moment(shown.updated_at), spelt(shown.status)],
  };
}

/** Those in which every word that was typed occurs. */
export function matching(found: readonly Found[], typed: string): readonly Found[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return found;
  return found.filter(({ id, name, cells }) => {
    const all = [id, name, ...cells].join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
