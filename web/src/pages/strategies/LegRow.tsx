import { ActionIcon, NumberInput, Select } from "@mantine/core";
import { IconChevronDown, IconMinus, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Placed } from "~/parts/payoff/Handles";
import { stepped } from "~/parts/payoff/ladder";
import { count, NOTHING, price } from "~/words/money";
import type { Edit } from "./Builder";
import classes from "./builder.module.css";
import { type Expiries, type Leg, sized, sizeOf, withLeg, withoutLeg } from "./draft";
import { useFaultsWithin } from "./faults";
import { LegDetails } from "./LegDetails";
import type { Priced } from "./placing";
import { awayInWords, expiryInWords, RULES } from "./words";

export interface OneLeg {
  readonly leg: Leg;
  readonly place: number;
  readonly edit: Edit;
  readonly expiries: Expiries;
  readonly known: { readonly asked: Leg; readonly priced: Priced } | undefined;
  readonly placed: Placed | undefined;
  readonly spot: number | null;
  readonly onMove: (leg: number, place: number) => void;
}

/** One leg: every part of it at hand, what is wrong with it beneath. */
export function LegRow(row: OneLeg) {
  const { leg, place, edit, known } = row;
  const [open, setOpen] = useState(false);
  const faults = useFaultsWithin(`legs[${place}]`);
  const change = (to: (was: Leg) => Leg) => edit((draft) => withLeg(draft, place, to));
  const lot = row.placed?.ladder[row.placed.place]?.lot ?? 1;
  const step = leg.selector === null ? lot : 1;
  const name = `leg ${place + 1}`;
  return (
    <>
      <tr>
        <td>
          <Turn
            options={["BUY", "SELL"]}
            value={leg.action}
            label={`Side of ${name}`}
            onTurn={(action) => change((was) => ({ ...was, action }))}
          />
        </td>
        <td>
          <NumberInput
            aria-label={leg.selector === null ? `Units of ${name}` : `Lots of ${name}`}
            size="xs"
            w={60}
            min={0}
            step={step}
            allowDecimal={false}
            value={sizeOf(leg)}
            onChange={(value) => change((was) => sized(was, Number(value) || 0))}
          />
        </td>
        <td>
          <Turn
            options={["CE", "PE"]}
            value={leg.option_type ?? known?.priced.option_type ?? "CE"}
            label={`Option of ${name}`}
            disabled={leg.selector === null}
            onTurn={(option_type) => change((was) => ({ ...was, option_type }))}
          />
        </td>
        <td>
          <Strike {...row} />
        </td>
        <td>
          <Expiry {...row} onChange={change} />
        </td>
        <td className={`${classes.number} figures`}>{price(known?.priced.price)}</td>
        <td className={`${classes.number} figures`}>{ivAndDelta(known?.priced)}</td>
        <td className={classes.number}>
          <span className={classes.icons}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`More of ${name}`}
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              <IconChevronDown size={15} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Take ${name} out`}
              onClick={() => edit((draft) => withoutLeg(draft, place))}
            >
              <IconTrash size={15} />
            </ActionIcon>
          </span>
        </td>
      </tr>
      {open && <LegDetails {...row} onChange={change} />}
      {faults.length > 0 && (
        <tr className={classes.told}>
          <td colSpan={8}>
            {faults.map((fault) => (
              <p key={fault.field + fault.code} className={classes.trouble} role="alert">
                {fault.message}
              </p>
            ))}
          </td>
        </tr>
      )}
    </>
  );
}

function ivAndDelta(priced: Priced | undefined): string {
  if (priced === undefined || priced.iv === null || priced.delta === null) return NOTHING;
  const delta = priced.delta.toFixed(2).replace("-", "\u2212");
  return `${(priced.iv * 100).toFixed(1)} % · ${delta}`;
}

function Strike({ leg, place, placed, known, onMove }: OneLeg) {
  const strike = placed ? placed.ladder[placed.place]?.strike : known?.priced.strike;
  const away = awayInWords(leg);
  const step = (steps: number) => {
    if (placed) onMove(place, stepped(placed.ladder, placed.place, steps));
  };
  return (
    <div className={classes.strike}>
      <ActionIcon
        variant="default"
        size="sm"
        disabled={placed === undefined}
        aria-label={`Lower strike of leg ${place + 1}`}
        onClick={() => step(-1)}
      >
        <IconMinus size={13} />
      </ActionIcon>
      <span className="figures">
        <b>{count(strike)}</b>
        <small>{leg.selector === null ? "fixed" : away}</small>
      </span>
      <ActionIcon
        variant="default"
        size="sm"
        disabled={placed === undefined}
        aria-label={`Higher strike of leg ${place + 1}`}
        onClick={() => step(1)}
      >
        <IconPlus size={13} />
      </ActionIcon>
    </div>
  );
}

export interface ChangeLeg {
  readonly onChange: (to: (was: Leg) => Leg) => void;
}

function Expiry({ leg, place, expiries, known, onChange }: OneLeg & ChangeLeg) {
  const { selector } = leg;
  if (selector === null) return <>{known ? expiryInWords(known.priced.expiry) : NOTHING}</>;
  const dates = expiries.map(({ expiry, dte }) => ({
    value: expiry,
    label: `${expiryInWords(expiry)} (${dte} d)`,
  }));
  const rules = Object.entries(RULES).map(([value, label]) => ({ value, label }));
  const known_ = dates.some((each) => each.value === selector.expiry) || selector.expiry in RULES;
  const kept = known_ ? [] : [{ value: selector.expiry, label: selector.expiry }];
  return (
    <Select
      aria-label={`Expiry of leg ${place + 1}`}
      size="xs"
      w={126}
      allowDeselect={false}
      comboboxProps={{ width: 190, position: "bottom-start" }}
      data={[
        { group: "Follows the calendar", items: rules },
        { group: "This date", items: [...dates, ...kept] },
      ]}
      value={selector.expiry}
      onChange={(expiry) => {
        if (expiry !== null) onChange((was) => ({ ...was, selector: { ...selector, expiry } }));
      }}
    />
  );
}

interface Turning<T extends string> {
  readonly options: readonly [T, T];
  readonly value: T;
  readonly label: string;
  readonly disabled?: boolean;
  readonly onTurn: (to: T) => void;
}

/** One of two, turned by a press. */
function Turn<T extends string>({ options, value, label, disabled = false, onTurn }: Turning<T>) {
  const other = value === options[0] ? options[1] : options[0];
  return (
    <button
      type="button"
      className={classes.turn}
      data-value={value}
      aria-label={`${label}: ${value}`}
      disabled={disabled}
      onClick={() => onTurn(other)}
    >
      {value}
    </button>
  );
}
