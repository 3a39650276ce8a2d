import type { Basket, Definition, Schemas, Strategy } from "~/api/types";

/** A basket as a file: in the form of those in `baskets/`, which the command line reads, too. */
export interface BasketFile {
  readonly name: string;
  readonly description: string;
  readonly multiplier: number;
  /** Whatever the file says; the platform says whether it can be a strategy. */
  readonly strategies: readonly Definition[];
}

/** The file is no basket; says why. */
export class NoBasket extends Error {}

const TAKEN: readonly string[] = ["name", "description", "multiplier", "strategies"];
/** What of a strategy is its definition. */
const DEFINITION = [
  "name",
  "type",
  "underlying",
  "legs",
  "schedule",
  "risk_params",
  "holding",
  "exit_after_sessions",
  "exit_dte",
  "product",
  "order_type",
  "accept_unbounded_risk",
  "atm_fallback",
  "entry_grace_s",
  "hedge_timeout_s",
] as const satisfies readonly (keyof Definition)[];

/** Read a file's text; throws NoBasket. What is in the strategies is for the platform to judge. */
export function readBasket(text: string): BasketFile {
  const read = parsed(text);
  const strange = Object.keys(read).find((name) => !TAKEN.includes(name));
  if (strange !== undefined) throw new NoBasket(`A basket has no field “${strange}”.`);
  const { name, description = "", multiplier = 1, strategies } = read;
  if (typeof name !== "string" || name === "") throw new NoBasket("The basket has no name.");
  if (typeof description !== "string") throw new NoBasket("The description is no text.");
  if (typeof multiplier !== "number") throw new NoBasket("The multiplier is no number.");
  if (!Array.isArray(strategies) || strategies.length === 0) {
    throw new NoBasket("The file names no strategies.");
  }
  return { name, description, multiplier, strategies: strategies as readonly Definition[] };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw new NoBasket("The file is no JSON.", { cause });
  }
  if (typeof read !== "object" || read === null || Array.isArray(read)) {
    throw new NoBasket("The file is no basket.");
  }
  return read as Readonly<Record<string, unknown>>;
}

/** A basket and its strategies as a file's text. */
export function fileOf(basket: Basket, strategies: readonly Strategy[]): string {
  const file = {
    name: basket.name,
    description: basket.description,
    multiplier: basket.targets[0]?.multiplier ?? 1,
    strategies: strategies.map(definitionOf),
  };
  return `${JSON.stringify(file, withoutNull, 2)}\n`;
}

function definitionOf(strategy: Strategy): Partial<Strategy> {
  return Object.fromEntries(DEFINITION.map((name) => [name, strategy[name]]));
}

function withoutNull(_: string, value: unknown): unknown {
  return value === null ? undefined : value;
}

/** Weekly NIFTY Iron Condor is kept in weekly-nifty-iron-condor.json. */
export function fileName(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `${plain.replaceAll(/^-+|-+$/g, "") || "basket"}.json`;
}

/** What is wrong with a strategy of the file, by the platform. */
export interface Verdict {
  /** It cannot even be kept as a draft. */
  readonly unreadable: boolean;
  readonly faults: readonly Schemas["Fault"][];
}
