import { Tooltip } from "@mantine/core";
import { Link } from "react-router";
import { useMarketNow } from "~/api/market";
import { useNames } from "~/parts/trades/names";
import { type Hours, type Lane, placeOf, told } from "./day";
import { Money } from "./Money";
import classes from "./timeline.module.css";

interface Props {
  readonly lane: Lane;
  readonly hours: Hours;
  readonly gross: number | null | undefined;
}

/** One line of the day: what it is, its place in the hours, and what came of it. */
export function LaneRow({ lane, hours, gross }: Props) {
  const names = useNames();
  const name = names.strategy(lane.strategyId);
  const account = lane.accountId === "" ? "no account" : names.account(lane.accountId);
  const said = told(lane);
  const to = lane.run ? `/history/${lane.run.run_id}` : wayTo(lane);
  return (
    <li className={classes.lane} data-kind={lane.kind}>
      <div className={classes.what}>
        <Link to={to} className={classes.name ?? ""}>
          {name}
        </Link>
        <span className={classes.account}>{account}</span>
      </div>
      <Track lane={lane} hours={hours} to={to} label={`${name}: ${said}`} />
      <div className={classes.result}>
        {gross === undefined || lane.kind === "skipped" ? (
          <span className={classes.word}>{lane.word.toLowerCase()}</span>
        ) : (
          <Money of={gross} />
        )}
      </div>
      <p className={classes.told}>{said}</p>
    </li>
  );
}

function wayTo(lane: Lane): string {
  return `/strategies/${lane.strategyId}`;
}

interface TrackProps extends Pick<Props, "lane" | "hours"> {
  readonly to: string;
  readonly label: string;
}

function Track({ lane, hours, to, label }: TrackProps) {
  const from = placeOf(lane.from, hours);
  const planned = lane.leaves === undefined ? 100 : placeOf(lane.leaves, hours);
  const point = lane.kind === "skipped" || lane.kind === "not-due";
  return (
    <div className={classes.track}>
      {!point && lane.ended === undefined && (
        <span
          className={classes.planned}
          style={{ left: `${from}%`, width: `${Math.max(planned - from, 0)}%` }}
        />
      )}
      <Tooltip
        label={label}
        multiline
        maw="24rem"
        events={{ hover: true, focus: true, touch: true }}
      >
        {point || lane.kind === "due" || lane.kind === "pending" ? (
          <Link
            to={to}
            className={classes.mark ?? ""}
            aria-label={label}
            style={{ left: `${from}%` }}
          />
        ) : (
          <Bar lane={lane} hours={hours} from={from} to={to} label={label} />
        )}
      </Tooltip>
    </div>
  );
}

function Bar({
  lane,
  hours,
  from,
  to,
  label,
  ...rest
}: TrackProps & { readonly from: number } & Omit<React.ComponentProps<"a">, "href">) {
  const now = useMarketNow();
  const until = lane.ended ?? now ?? lane.from;
  const width = Math.max(placeOf(until, hours) - from, 0);
  return (
    <Link
      {...rest}
      to={to}
      className={classes.bar ?? ""}
      aria-label={label}
      style={{ left: `${from}%`, width: `${width}%` }}
    />
  );
}
