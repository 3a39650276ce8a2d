import { Button, NumberInput, Select, TextInput } from "@mantine/core";
import classes from "./builder.module.css";
import { usualExpiry } from "./draft";
import { useFault } from "./faults";
import type { ChangeLeg, OneLeg } from "./LegRow";
import { following, pinned } from "./placing";

const REFERENCES = [
  { value: "SPOT", label: "the spot" },
  { value: "FUTURE", label: "the future" },
  { value: "SYNTHETIC", label: "put–call parity" },
];

/** What is seldom changed: how the strike is counted, or which contract it is. */
export function LegDetails(row: OneLeg & ChangeLeg) {
  return (
    <tr className={classes.told}>
      <td colSpan={8}>
        <div className={classes.details}>
          {row.leg.selector === null ? <Fixed {...row} /> : <Follows {...row} />}
        </div>
      </td>
    </tr>
  );
}

function Follows({ leg, place, known, placed, onChange }: OneLeg & ChangeLeg) {
  const { selector } = leg;
  const offset = useFault(`legs[${place}].selector.atm_offset`);
  if (selector === null) return null;
  return (
    <>
      <NumberInput
        label="Strikes above the money"
        size="xs"
        allowDecimal={false}
        error={offset !== undefined}
        value={selector.atm_offset}
        onChange={(value) =>
          onChange((was) => ({ ...was, selector: { ...selector, atm_offset: Number(value) || 0 } }))
        }
      />
      <Select
        label="The money is measured by"
        size="xs"
        allowDeselect={false}
        data={REFERENCES}
        value={selector.reference}
        onChange={(value) => {
          const reference = value as typeof selector.reference | null;
          if (reference) onChange((was) => ({ ...was, selector: { ...selector, reference } }));
        }}
      />
      <Button
        size="xs"
        variant="default"
        disabled={known === undefined || placed === undefined}
        onClick={() => {
          if (known && placed) onChange((was) => pinned(was, known, placed.ladder));
        }}
      >
        Fix to this contract
      </Button>
    </>
  );
}

function Fixed({ leg, place, known, placed, spot, expiries, onChange }: OneLeg & ChangeLeg) {
  const at = `legs[${place}]`;
  return (
    <>
      <TextInput
        label="Symbol"
        size="xs"
        error={useFault(`${at}.symbol`) !== undefined}
        value={leg.symbol ?? ""}
        onChange={(event) => {
          const symbol = event.currentTarget.value.toUpperCase();
          onChange((was) => ({ ...was, symbol }));
        }}
      />
      <Select
        label="Option, checked"
        size="xs"
        clearable
        placeholder="as listed"
        error={useFault(`${at}.option_type`) !== undefined}
        data={["CE", "PE"]}
        value={leg.option_type}
        onChange={(value) =>
          onChange((was) => ({ ...was, option_type: value as "CE" | "PE" | null }))
        }
      />
      <NumberInput
        label="Strike, checked"
        size="xs"
        placeholder="as listed"
        error={useFault(`${at}.strike`) !== undefined}
        value={leg.strike ?? ""}
        onChange={(value) => onChange((was) => ({ ...was, strike: value === "" ? null : value }))}
      />
      <Button
        size="xs"
        variant="default"
        disabled={known === undefined || placed === undefined || spot === null}
        onClick={() => {
          if (!known || !placed || spot === null) return;
          const listed = expiries.find((each) => each.expiry === known.priced.expiry);
          const on = {
            underlying: known.priced.underlying,
            expiry: listed === expiries[0] ? usualExpiry(expiries) : known.priced.expiry,
          };
          onChange((was) => following(was, known.priced, placed.ladder, spot, on));
        }}
      >
        Follow the money
      </Button>
    </>
  );
}
