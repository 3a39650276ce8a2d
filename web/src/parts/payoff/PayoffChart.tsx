import { useComputedColorScheme, VisuallyHidden } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { count, price, profit, tone } from "~/words/money";
import { Handles, type Placed } from "./Handles";
import { PayoffTable } from "./PayoffTable";
import classes from "./payoff.module.css";
import { type Axis, acrossOf, type Limit, Picture } from "./picture";
import { type Frame, highOf, needed, type Point, type Sample, sampled, steady } from "./scale";

interface Shown {
  readonly points: readonly Point[];
  readonly spot: number | null;
  readonly breakevens: readonly number[];
  readonly limits: readonly Limit[];
  readonly placed: readonly Placed[];
  /** Undefined where strikes may only be looked at. */
  readonly onMove: ((leg: number, place: number) => void) | undefined;
}

/** Profit over the price of the underlying, at expiry and now, with strikes to be moved. */
export function PayoffChart({ points, spot, breakevens, limits, placed, onMove }: Shown) {
  const [held, setHeld] = useState(false);
  const frame = useFrame(points, placed, breakevens, spot, held);
  const samples = useMemo(() => (frame ? sampled(points, frame) : []), [points, frame]);
  const { box, axis, pointed } = usePicture(samples, frame, limits);
  const at = samples.find((each) => each.spot === pointed);
  return (
    <figure className={classes.figure} aria-label="Payoff">
      <figcaption className={classes.legend}>
        <span className={classes.expiry}>At expiry</span>
        <span className={classes.today}>Today</span>
        {at && <Reading sample={at} />}
        <VisuallyHidden component="ul" aria-label="Limits">
          {limits.map((each) => (
            <li key={each.title}>
              {each.title} {profit(each.at)}
            </li>
          ))}
        </VisuallyHidden>
      </figcaption>
      <div className={classes.plot}>
        <div ref={box} className={classes.canvas} aria-hidden="true" />
        {axis && frame && (
          <div className={classes.above} style={{ width: axis.width }}>
            <Marks axis={axis} frame={frame} spot={spot} breakevens={breakevens} />
            <Handles axis={axis} frame={frame} placed={placed} onMove={onMove} onHold={setHeld} />
          </div>
        )}
      </div>
      {frame && <PayoffTable points={points} low={frame.low} high={highOf(frame)} />}
    </figure>
  );
}

/** The frame follows what is edited, but not while a strike is held. */
function useFrame(
  points: readonly Point[],
  placed: readonly Placed[],
  breakevens: readonly number[],
  spot: number | null,
  held: boolean,
): Frame | undefined {
  const shown = useRef<Frame | undefined>(undefined);
  return useMemo(() => {
    const strikes = placed.flatMap((each) => each.ladder[each.place]?.strike ?? []);
    const core = strikes.length > 0 || spot !== null ? strikes : points.map((each) => each.spot);
    if (held && shown.current !== undefined) return shown.current;
    shown.current = steady(shown.current, needed(core, breakevens, spot), points);
    return shown.current;
  }, [points, placed, breakevens, spot, held]);
}

function usePicture(
  samples: readonly Sample[],
  frame: Frame | undefined,
  limits: readonly Limit[],
) {
  const box = useRef<HTMLDivElement>(null);
  const picture = useRef<Picture>(undefined);
  const [axis, setAxis] = useState<Axis>();
  const [pointed, setPointed] = useState<number | null>(null);
  const scheme = useComputedColorScheme("light");

  useEffect(() => {
    if (box.current === null) return;
    let frame = 0;
    const place = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => setAxis(made.axis())); // once it is drawn anew
    };
    const made = new Picture(box.current, place, setPointed);
    picture.current = made;
    return () => {
      cancelAnimationFrame(frame);
      picture.current = undefined;
      made.close();
    };
  }, []);
  useEffect(() => {
    if (frame !== undefined) picture.current?.show(samples, frame);
  }, [samples, frame]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the scheme's own styles
  useEffect(() => {
    picture.current?.paint();
    picture.current?.limit(limits);
  }, [limits, scheme]);
  return { box, axis, pointed };
}

function Reading({ sample }: { readonly sample: Sample }) {
  return (
    <span className={`${classes.reading} figures`}>
      at {count(sample.spot)}: <b className={tone(sample.profit)}>{profit(sample.profit)}</b>
      {sample.today !== null && (
        <>
          , today <b className={tone(sample.today)}>{profit(sample.today)}</b>
        </>
      )}
    </span>
  );
}

interface Marked {
  readonly axis: Axis;
  readonly frame: Frame;
  readonly spot: number | null;
  readonly breakevens: readonly number[];
}

/** Where the market is, and where the position makes nothing. */
function Marks({ axis, frame, spot, breakevens }: Marked) {
  const within = (at: number) => at >= frame.low && at <= highOf(frame);
  return (
    <>
      {breakevens.filter(within).map((at) => (
        <div key={at} className={classes.even} style={{ left: acrossOf(axis, frame, at) }}>
          <span>{count(Math.round(at))}</span>
        </div>
      ))}
      {spot !== null && within(spot) && (
        <div className={classes.spot} style={{ left: acrossOf(axis, frame, spot) }}>
          <span>{price(spot)}</span>
        </div>
      )}
    </>
  );
}
