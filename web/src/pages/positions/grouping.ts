import type { Position } from "~/api/types";
import { summed } from "~/words/money";

export type Part = Position["parts"][number];
export type By = "underlying" | "strategy";

/** One line: a position, or what one source adds to it. */
export interface Line {
  readonly position: Position;
  readonly parts: readonly Part[];
  readonly quantity: number;
  readonly average_price: number;
  readonly realised: number;
  readonly unrealised: number | null;
}

export interface Group {
  /** An underlying, the id of a strategy, or a kind. */
  readonly key: string;
  readonly lines: readonly Line[];
}

export const UNLISTED = "Not listed any more";

export function grouped(positions: readonly Position[], by: By): readonly Group[] {
  const lines = by === "underlying" ? positions.map(wholeLine) : positions.flatMap(partLines);
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const key = by === "underlying" ? underlyingOf(line) : sourceOf(line);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  return [...groups]
    .map(([key, group]) => ({ key, lines: group.toSorted(byContract) }))
    .toSorted((one, other) => one.key.localeCompare(other.key));
}

function wholeLine(position: Position): Line {
  const { parts, quantity, average_price, realised, unrealised } = position;
  return { position, parts, quantity, average_price, realised, unrealised };
}

function partLines(position: Position): readonly Line[] {
  return position.parts.map((part) => {
    const { quantity, average_price, realised, unrealised } = part;
    return { position, parts: [part], quantity, average_price, realised, unrealised };
  });
}

function underlyingOf({ position }: Line): string {
  return position.contract?.underlying ?? UNLISTED;
}

function sourceOf({ parts: [part] }: Line): string {
  return part?.strategy_id ?? part?.kind ?? "";
}

function byContract(one: Line, other: Line): number {
  const here = one.position.contract;
  const there = other.position.contract;
  if (here === null || there === null) return one.position.key.localeCompare(other.position.key);
  return (
    here.expiry.localeCompare(there.expiry) ||
    here.strike - there.strike ||
    here.option_type.localeCompare(there.option_type)
  );
}

/** ₹ of several lines: `unrealised` is not known where one that is held has no fresh price. */
export function total(lines: readonly Pick<Line, "quantity" | "realised" | "unrealised">[]): {
  readonly realised: number;
  readonly unrealised: number | null;
} {
  const held = lines.filter((line) => line.quantity !== 0);
  return {
    realised: summed(lines.map((line) => line.realised)),
    unrealised: held.some((line) => line.unrealised === null)
      ? null
      : summed(held.map((line) => line.unrealised ?? 0)),
  };
}

/** Runs that hold some of it: they leave whole when it is left. */
export function holders(position: Position): readonly Part[] {
  return position.parts.filter((part) => part.run_id !== null && part.quantity !== 0);
}

/** What else is left when these runs leave. */
export function alsoLeft(positions: readonly Position[], leaving: Position): readonly Position[] {
  const runs = new Set(holders(leaving).map((part) => part.run_id));
  return positions.filter(
    (each) =>
      each.key !== leaving.key &&
      each.account_id === leaving.account_id &&
      holders(each).some((part) => runs.has(part.run_id)),
  );
}
