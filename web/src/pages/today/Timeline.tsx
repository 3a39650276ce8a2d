import { Text } from "@mantine/core";
import { useMarketNow } from "~/api/market";
import { Panel } from "~/parts/Panel";
import type { PnlNow } from "~/parts/runs/asking";
import { istClock, istMinute } from "~/words/time";
import { type Hours, type Lane, placeOf, ticksOf } from "./day";
import { LaneRow } from "./LaneRow";
import classes from "./timeline.module.css";

interface Props {
  readonly lanes: readonly Lane[];
  readonly hours: Hours;
  readonly pnl: PnlNow | undefined;
}

/** The session from left to right, a line for each run and each entry, and where now is. */
export function Timeline({ lanes, hours, pnl }: Props) {
  const gains = new Map(pnl?.runs.map((each) => [each.run_id, each.gross]));
  return (
    <Panel title="The day" side={<Legend />}>
      <div className={classes.board}>
        <Axis hours={hours} />
        <ol className={classes.lanes} aria-label="The day in its order, IST">
          {lanes.map((lane) => (
            <LaneRow key={lane.key} lane={lane} hours={hours} gross={gains.get(lane.key)} />
          ))}
        </ol>
      </div>
      {lanes.length === 0 && (
        <Text size="sm" c="dimmed" ta="center" py="md">
          Nothing is due today: no active strategy enters on this day.
        </Text>
      )}
    </Panel>
  );
}

/** Hours along the top, and the line of now through all lanes. */
function Axis({ hours }: Pick<Props, "hours">) {
  const now = useMarketNow();
  const during = now !== undefined && now >= hours.open && now <= hours.close;
  return (
    <div className={classes.axis} aria-hidden>
      <div className={classes.scale}>
        {ticksOf(hours).map((tick, place, { length }) => (
          <span
            key={tick.getTime()}
            className={`${classes.tick} figures`}
            data-hour={istMinute(tick).endsWith(":00") || undefined}
            data-end={place === 0 || place === length - 1 || undefined}
            data-hidden={(during && near(tick, now)) || undefined}
            style={{ left: `${placeOf(tick, hours)}%` }}
          >
            <span>{istMinute(tick)}</span>
          </span>
        ))}
        {during && (
          <span className={classes.now} style={{ left: `${placeOf(now, hours)}%` }}>
            <span className="figures">{istClock(now)}</span>
          </span>
        )}
      </div>
    </div>
  );
}

/** Whether the hour would stand under the time of now. */
function near(tick: Date, now: Date): boolean {
  return Math.abs(tick.getTime() - now.getTime()) < 27 * 60_000;
}

const MARKS = [
  ["open", "runs"],
  ["closed", "ran"],
  ["due", "comes"],
  ["skipped", "skipped"],
] as const;

function Legend() {
  return (
    <ul className={classes.legend} aria-label="What the marks mean">
      {MARKS.map(([kind, word]) => (
        <li key={kind}>
          <span className={classes.key} data-kind={kind} aria-hidden />
          {word}
        </li>
      ))}
    </ul>
  );
}
