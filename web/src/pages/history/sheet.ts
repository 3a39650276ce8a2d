/** What was known at a moment, ready to be shown: every text as it stands on the screen. */
export interface Group {
  readonly title: string;
  readonly facts?: readonly Fact[];
  readonly sheet?: Sheet;
  /** What stands there while there is nothing to show. */
  readonly none?: string;
}

export interface Fact {
  readonly label: string;
  readonly text: string;
  readonly tone?: Tone;
}

export type Tone = "gain" | "loss" | "even";

export interface Sheet {
  readonly columns: readonly Column[];
  readonly rows: readonly SheetRow[];
}

export interface Column {
  readonly label: string;
  readonly figures?: boolean;
}

export interface SheetRow {
  /** The same for the same thing at another moment. */
  readonly key: string;
  readonly cells: readonly string[];
}

/** Where two moments differ: the places on the later one, and each in a line of words. */
export interface Difference {
  readonly places: ReadonlySet<string>;
  readonly lines: readonly string[];
}

export const NO_DIFFERENCE: Difference = { places: new Set(), lines: [] };

export function factPlace(group: Group, fact: Fact): string {
  return `${group.title}/${fact.label}`;
}

export function cellPlace(group: Group, row: SheetRow, column: number): string {
  return `${group.title}/${row.key}/${column}`;
}

interface Spot {
  readonly label: string;
  readonly text: string;
}

const NOTHING = "–";

function* spots(group: Group): Iterable<readonly [string, Spot]> {
  for (const fact of group.facts ?? []) {
    yield [factPlace(group, fact), { label: fact.label, text: fact.text }];
  }
  for (const row of group.sheet?.rows ?? []) {
    for (const [at, text] of row.cells.entries()) {
      const column = group.sheet?.columns[at]?.label ?? "";
      // The first cell says what the row is of.
      const label = at === 0 ? (row.cells[0] ?? "") : `${row.cells[0]} ${column.toLowerCase()}`;
      yield [cellPlace(group, row, at), { label, text }];
    }
  }
}

function all(groups: readonly Group[]): ReadonlyMap<string, Spot> {
  return new Map(groups.flatMap((group) => [...spots(group)]));
}

/** What is other now than it was before; without a before there is nothing to compare. */
export function difference(before: readonly Group[], now: readonly Group[]): Difference {
  const [was, is] = [all(before), all(now)];
  const places = new Set<string>();
  const lines: string[] = [];
  for (const [place, { label, text }] of is) {
    const old = was.get(place)?.text ?? NOTHING;
    if (old === text) continue;
    places.add(place);
    if (label !== text) lines.push(`${label}: ${old} → ${text}`);
  }
  for (const [place, { label, text }] of was) {
    if (!is.has(place) && label !== text && text !== NOTHING) {
      lines.push(`${label}: ${text} → ${NOTHING}`);
    }
  }
  return { places, lines };
}
