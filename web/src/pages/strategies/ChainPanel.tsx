import { Alert, Button, SegmentedControl, Select, Text } from "@mantine/core";
import { useState } from "react";
import { inWords } from "~/api/problem";
import type { OptionChain } from "~/parts/payoff/ladder";
import { count, price } from "~/words/money";
import { useChain, useExpiries } from "./asking";
import type { Edit } from "./Builder";
import classes from "./builder.module.css";
import { ChainTable, type Pick } from "./ChainTable";
import { type Draft, picked, selectorLeg, symbolLeg, usualExpiry } from "./draft";
import { Panel } from "./Panel";
import type { Told } from "./placing";
import { expiryInWords } from "./words";

type Way = "away" | "contract";

interface OnChain {
  readonly draft: Draft;
  readonly edit: Edit;
  readonly underlying: string | null;
  readonly told: Told | undefined;
}

/** The option chain, to pick legs on; open at once where there are none yet. */
export function ChainPanel({ draft, edit, underlying, told }: OnChain) {
  const [open, setOpen] = useState(draft.legs.length === 0);
  const on = underlying ?? draft.underlying;
  const side = (
    <Button size="compact-xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
      {open ? "Close" : "Pick legs"}
    </Button>
  );
  return (
    <Panel title="Option chain" side={side}>
      {open && on !== null && <Chain edit={edit} underlying={on} told={told} />}
      {open && on === null && <Text size="sm">Choose an underlying first.</Text>}
    </Panel>
  );
}

interface Picking {
  readonly edit: Edit;
  readonly underlying: string;
  readonly told: Told | undefined;
}

function Chain({ edit, underlying, told }: Picking) {
  const listed = useExpiries(underlying).data ?? [];
  const [chosen, setChosen] = useState<string>();
  const [way, setWay] = useState<Way>("away");
  const expiry = chosen ?? listed[0]?.expiry;
  const { data, error } = useChain(expiry === undefined ? null : underlying, expiry ?? "");

  function pick({ side, option, strike }: Pick): void {
    const found = strike[option === "CE" ? "ce" : "pe"];
    if (data === undefined || found === null) return;
    if (way === "contract") {
      edit((draft) => picked(draft, symbolLeg(side, option, found.symbol, found.lot)));
      return;
    }
    const atm_offset = stepsFromMoney(data, strike.strike);
    const rule = data.expiry === listed[0]?.expiry ? usualExpiry(listed) : data.expiry;
    const selector = { underlying, expiry: rule, atm_offset };
    edit((draft) => picked(draft, selectorLeg(side, option, selector)));
  }

  return (
    <>
      <div className={classes.details}>
        <Select
          label="Expiry"
          size="xs"
          allowDeselect={false}
          data={listed.map((each) => ({
            value: each.expiry,
            label: `${expiryInWords(each.expiry)} (${each.dte} d)`,
          }))}
          value={expiry ?? null}
          onChange={(value) => setChosen(value ?? undefined)}
        />
        <SegmentedControl
          size="xs"
          aria-label="A picked leg"
          className={classes.way ?? ""}
          data={[
            { value: "away", label: "follows the money" },
            { value: "contract", label: "stays at its strike" },
          ]}
          value={way}
          onChange={(value) => setWay(value as Way)}
        />
        <Text size="xs" className="figures">
          Spot <b>{price(data?.spot)}</b> · forward <b>{price(data?.forward)}</b> · ATM{" "}
          <b>{count(data?.atm)}</b>
        </Text>
      </div>
      {error && <Alert color="yellow">{inWords(error)}</Alert>}
      {data && <ChainTable chain={data} told={told} onPick={pick} />}
    </>
  );
}

/** Listed strikes with both options between this one and the money: what `atm_offset` counts. */
function stepsFromMoney(chain: OptionChain, strike: number): number {
  const both = chain.strikes.filter((each) => each.ce !== null && each.pe !== null);
  const place = both.findIndex((each) => each.strike === strike);
  const money = both.findIndex((each) => each.strike === chain.atm);
  return place < 0 || money < 0 ? 0 : place - money;
}
