import { Text } from "@mantine/core";
import type { Ladder } from "~/parts/payoff/ladder";
import { useExpiries } from "./asking";
import type { Edit } from "./Builder";
import classes from "./builder.module.css";
import type { Draft } from "./draft";
import { useFault } from "./faults";
import { LegRow } from "./LegRow";
import { Panel } from "./Panel";
import { placedLegs, pricedAt, type Told } from "./placing";

interface Legs {
  readonly draft: Draft;
  readonly edit: Edit;
  readonly underlying: string | null;
  readonly told: Told | undefined;
  readonly ladders: ReadonlyMap<string, Ladder>;
  readonly onMove: (leg: number, place: number) => void;
}

/** The legs in a row each, as they would be traded now. */
export function LegsPanel({ draft, edit, underlying, told, ladders, onMove }: Legs) {
  const expiries = useExpiries(underlying).data ?? [];
  const together = useFault("legs");
  const placed = placedLegs(draft.legs, told, ladders);
  return (
    <Panel title="Legs">
      {together && <p className={classes.trouble}>{together}</p>}
      {draft.legs.length === 0 ? (
        <Text size="sm" c="dimmed">
          None yet.
        </Text>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by keyboard
        <section className={classes.table} aria-label="Legs, in rows" tabIndex={0}>
          <table className={classes.legTable}>
            <thead>
              <tr>
                <th scope="col">Side</th>
                <th scope="col">Lots</th>
                <th scope="col">Option</th>
                <th scope="col">Strike</th>
                <th scope="col">Expiry</th>
                <th scope="col" className={classes.number}>
                  Price
                </th>
                <th scope="col" className={classes.number}>
                  IV · Δ
                </th>
                <td />
              </tr>
            </thead>
            <tbody>
              {draft.legs.map((leg, i) => (
                <LegRow
                  // biome-ignore lint/suspicious/noArrayIndexKey: a leg is its place among the legs
                  key={i}
                  leg={leg}
                  place={i}
                  edit={edit}
                  expiries={expiries}
                  known={pricedAt(told, draft.legs, i)}
                  placed={placed.find((each) => each.leg === i)}
                  spot={told?.spot ?? null}
                  onMove={onMove}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}
