import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { count } from "~/words/money";
import { type Ladder, nearest, stepped } from "./ladder";
import classes from "./payoff.module.css";
import { type Axis, acrossOf, priceAt } from "./picture";
import { type Frame, rows } from "./scale";

/** A leg on the picture: at a rung of its expiry's ladder. */
export interface Placed {
  readonly leg: number;
  readonly side: "BUY" | "SELL";
  readonly option: "CE" | "PE";
  readonly size: string;
  /** How far from the money it is, in a trader's words; empty for a fixed contract. */
  readonly away: string;
  readonly ladder: Ladder;
  readonly place: number;
}

/** Keys that move a strike, by how many rungs. */
const KEYS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  PageUp: 5,
  PageDown: -5,
};
const LABEL_WIDTH = 74;
const ROW_HEIGHT = 21;

interface Held {
  readonly axis: Axis;
  readonly frame: Frame;
  readonly onMove: ((leg: number, place: number) => void) | undefined;
  readonly onHold: (held: boolean) => void;
}

/** The strikes, to be dragged or moved by arrow keys. */
export function Handles({ placed, ...held }: Held & { readonly placed: readonly Placed[] }) {
  const across = placed.map((each) =>
    acrossOf(held.axis, held.frame, each.ladder[each.place]?.strike ?? 0),
  );
  const row = rows(across, LABEL_WIDTH);
  return placed.map((each, i) => (
    <Handle
      key={each.leg}
      placed={each}
      across={across[i] ?? 0}
      top={(row[i] ?? 0) * ROW_HEIGHT}
      {...held}
    />
  ));
}

interface OneHandle extends Held {
  readonly placed: Placed;
  readonly across: number;
  readonly top: number;
}

function Handle({ placed, across, top, axis, frame, onMove, onHold }: OneHandle) {
  const grip = useRef<number | undefined>(undefined);
  const { ladder, place, leg } = placed;
  const strike = ladder[place]?.strike ?? 0;

  function press(event: PointerEvent<HTMLElement>): void {
    if (onMove === undefined) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    grip.current = event.clientX - across;
    onHold(true);
  }
  function drag(event: PointerEvent<HTMLElement>): void {
    if (grip.current === undefined) return;
    const to = nearest(ladder, priceAt(axis, frame, event.clientX - grip.current));
    if (to >= 0 && to !== place) onMove?.(leg, to);
  }
  function release(): void {
    grip.current = undefined;
    onHold(false);
  }
  function step(event: KeyboardEvent): void {
    const steps = KEYS[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    const to = stepped(ladder, place, steps);
    if (to !== place) onMove?.(leg, to);
  }

  return (
    <div className={classes.handle} style={{ left: across, top }} data-side={placed.side}>
      <div className={classes.stem} />
      <div
        className={classes.grip}
        role="slider"
        tabIndex={0}
        aria-disabled={onMove === undefined}
        aria-label={`Strike of leg ${leg + 1}: ${placed.side === "BUY" ? "buy" : "sell"} ${placed.option}`}
        aria-valuenow={strike}
        aria-valuemin={ladder[0]?.strike ?? 0}
        aria-valuemax={ladder.at(-1)?.strike ?? 0}
        aria-valuetext={`${count(strike)}${placed.away && `, ${placed.away}`}`}
        onPointerDown={press}
        onPointerMove={drag}
        onPointerUp={release}
        onPointerCancel={release}
        onKeyDown={step}
      >
        <b>{placed.size}</b> {strike} {placed.option}
      </div>
    </div>
  );
}
