import { useEffect, useRef } from "react";
import type { Schemas } from "~/api/types";
import type { OptionChain } from "~/parts/payoff/ladder";
import { count, NOTHING, price } from "~/words/money";
import classes from "./builder.module.css";
import type { OptionType, Side } from "./draft";
import type { Told } from "./placing";

type Strike = Schemas["StrikeShown"];
type Option = Schemas["OptionShown"];

/** An option that was pressed. */
export interface Pick {
  readonly side: Side;
  readonly option: OptionType;
  readonly strike: Strike;
}

interface Table {
  readonly chain: OptionChain;
  readonly told: Told | undefined;
  readonly onPick: (pick: Pick) => void;
}

/** Strikes with calls on the left and puts on the right, each to be bought or sold. */
export function ChainTable({ chain, told, onPick }: Table) {
  const box = useRef<HTMLElement>(null);
  const { expiry } = chain;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the money is looked for once for each expiry
  useEffect(() => {
    const money = box.current?.querySelector<HTMLElement>("[data-atm]");
    if (money && box.current)
      box.current.scrollTop = money.offsetTop - box.current.clientHeight / 2;
  }, [expiry]);
  const held = new Map((told?.legs ?? []).map((leg) => [leg.symbol, leg.action]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by keyboard
    <section ref={box} className={classes.chainBox} aria-label="Strikes" tabIndex={0}>
      <table className={`${classes.chainTable} figures`}>
        <caption className={classes.unseen}>
          Options of {chain.underlying} that expire on {expiry}
        </caption>
        <thead>
          <tr>
            <th scope="col">Call</th>
            <th scope="col">OI</th>
            <th scope="col">IV</th>
            <th scope="col">Delta</th>
            <th scope="col">Price</th>
            <th scope="col">Strike</th>
            <th scope="col">Price</th>
            <th scope="col">Delta</th>
            <th scope="col">IV</th>
            <th scope="col">OI</th>
            <th scope="col">Put</th>
          </tr>
        </thead>
        <tbody>
          {chain.strikes.map((strike) => (
            <tr key={strike.strike} data-atm={strike.strike === chain.atm || undefined}>
              <Picks option="CE" strike={strike} held={held} onPick={onPick} />
              <Facts option={strike.ce} inside={strike.strike < (chain.atm ?? 0)} />
              <th scope="row">{count(strike.strike)}</th>
              <Facts option={strike.pe} inside={strike.strike > (chain.atm ?? 0)} mirrored />
              <Picks option="PE" strike={strike} held={held} onPick={onPick} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface Cells {
  readonly option: Option | null;
  readonly inside: boolean;
  readonly mirrored?: boolean;
}

function Facts({ option, inside, mirrored = false }: Cells) {
  const cells = [
    ["oi", lakhs(option?.oi)],
    ["iv", option?.iv == null ? NOTHING : (option.iv * 100).toFixed(1)],
    ["delta", option?.delta == null ? NOTHING : option.delta.toFixed(2).replace("-", "\u2212")],
    ["price", price(option?.last)],
  ] as const;
  return (mirrored ? cells.toReversed() : cells).map(([name, shown]) => (
    <td key={name} data-inside={inside || undefined}>
      {shown}
    </td>
  ));
}

/** Open interest as it is thought of: 26.0 L is 26,00,000. */
function lakhs(units: number | null | undefined): string {
  if (units == null) return NOTHING;
  return units < 100_000 ? count(units) : `${(units / 100_000).toFixed(1)} L`;
}

interface Pressed {
  readonly option: OptionType;
  readonly strike: Strike;
  readonly held: ReadonlyMap<string, Side>;
  readonly onPick: (pick: Pick) => void;
}

function Picks({ option, strike, held, onPick }: Pressed) {
  const found = strike[option === "CE" ? "ce" : "pe"];
  if (found === null) return <td />;
  return (
    <td>
      {(["BUY", "SELL"] as const).map((side) => (
        <button
          key={side}
          type="button"
          className={classes.pick}
          data-side={side}
          aria-pressed={held.get(found.symbol) === side}
          aria-label={`${side === "BUY" ? "Buy" : "Sell"} ${strike.strike} ${option}`}
          onClick={() => onPick({ side, option, strike })}
        >
          {side[0]}
        </button>
      ))}
    </td>
  );
}
