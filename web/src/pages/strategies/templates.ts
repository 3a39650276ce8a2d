import { type Draft, draftOf, type OptionType, type Side, type StrategyType } from "./draft";

/** What a trader expects of the market. */
export type View = "It stays" | "It moves" | "It rises" | "It falls";

interface TemplateLeg {
  readonly action: Side;
  readonly option: OptionType;
  /** Listed strikes above the money, or below it. */
  readonly offset: number;
  readonly lots: number;
}

export interface Template {
  readonly id: string;
  readonly type: StrategyType;
  readonly name: string;
  readonly view: View;
  readonly about: string;
  readonly legs: readonly TemplateLeg[];
  /** A pictogram of its profit at expiry: from left to right, from -1 to 1. */
  readonly picture: readonly (readonly [number, number])[];
}

function leg(words: string): TemplateLeg {
  const [side, lots, option, offset] = words.split(" ");
  return {
    action: side === "sell" ? "SELL" : "BUY",
    lots: Number(lots),
    option: option === "CE" ? "CE" : "PE",
    offset: Number(offset),
  };
}

const legs = (...words: string[]): readonly TemplateLeg[] => words.map(leg);

export const TEMPLATES: readonly Template[] = [
  {
    id: "iron-condor",
    type: "IRON_CONDOR",
    name: "Iron condor",
    view: "It stays",
    about: "Sells a strangle, with a wing bought on either side",
    legs: legs("sell 1 CE 3", "buy 1 CE 7", "sell 1 PE -3", "buy 1 PE -7"),
    picture: [
      [0, -0.7],
      [0.22, -0.7],
      [0.38, 0.6],
      [0.62, 0.6],
      [0.78, -0.7],
      [1, -0.7],
    ],
  },
  {
    id: "iron-butterfly",
    type: "IRON_BUTTERFLY",
    name: "Iron butterfly",
    view: "It stays",
    about: "Sells the straddle at the money, with a wing on either side",
    legs: legs("sell 1 CE 0", "buy 1 CE 5", "sell 1 PE 0", "buy 1 PE -5"),
    picture: [
      [0, -0.5],
      [0.25, -0.5],
      [0.5, 0.9],
      [0.75, -0.5],
      [1, -0.5],
    ],
  },
  {
    id: "short-straddle",
    type: "STRADDLE",
    name: "Short straddle",
    view: "It stays",
    about: "Sells call and put at the money, without cover",
    legs: legs("sell 1 CE 0", "sell 1 PE 0"),
    picture: [
      [0, -1],
      [0.5, 0.9],
      [1, -1],
    ],
  },
  {
    id: "short-strangle",
    type: "STRANGLE",
    name: "Short strangle",
    view: "It stays",
    about: "Sells a call above and a put below the money, without cover",
    legs: legs("sell 1 CE 4", "sell 1 PE -4"),
    picture: [
      [0, -1],
      [0.33, 0.6],
      [0.67, 0.6],
      [1, -1],
    ],
  },
  {
    id: "long-straddle",
    type: "STRADDLE",
    name: "Long straddle",
    view: "It moves",
    about: "Buys call and put at the money",
    legs: legs("buy 1 CE 0", "buy 1 PE 0"),
    picture: [
      [0, 1],
      [0.5, -0.9],
      [1, 1],
    ],
  },
  {
    id: "long-strangle",
    type: "STRANGLE",
    name: "Long strangle",
    view: "It moves",
    about: "Buys a call above and a put below the money",
    legs: legs("buy 1 CE 4", "buy 1 PE -4"),
    picture: [
      [0, 1],
      [0.33, -0.6],
      [0.67, -0.6],
      [1, 1],
    ],
  },
  {
    id: "bull-call-spread",
    type: "BULL_CALL_SPREAD",
    name: "Bull call spread",
    view: "It rises",
    about: "Buys a call at the money and sells one above",
    legs: legs("buy 1 CE 0", "sell 1 CE 4"),
    picture: [
      [0, -0.6],
      [0.4, -0.6],
      [0.65, 0.7],
      [1, 0.7],
    ],
  },
  {
    id: "bull-put-spread",
    type: "BULL_PUT_SPREAD",
    name: "Bull put spread",
    view: "It rises",
    about: "Sells a put below the money and buys one further down",
    legs: legs("sell 1 PE -2", "buy 1 PE -6"),
    picture: [
      [0, -0.7],
      [0.25, -0.7],
      [0.45, 0.5],
      [1, 0.5],
    ],
  },
  {
    id: "bear-put-spread",
    type: "BEAR_PUT_SPREAD",
    name: "Bear put spread",
    view: "It falls",
    about: "Buys a put at the money and sells one below",
    legs: legs("buy 1 PE 0", "sell 1 PE -4"),
    picture: [
      [0, 0.7],
      [0.35, 0.7],
      [0.6, -0.6],
      [1, -0.6],
    ],
  },
  {
    id: "bear-call-spread",
    type: "BEAR_CALL_SPREAD",
    name: "Bear call spread",
    view: "It falls",
    about: "Sells a call above the money and buys one further up",
    legs: legs("sell 1 CE 2", "buy 1 CE 6"),
    picture: [
      [0, 0.5],
      [0.55, 0.5],
      [0.75, -0.7],
      [1, -0.7],
    ],
  },
  {
    id: "call-butterfly",
    type: "BUTTERFLY",
    name: "Call butterfly",
    view: "It stays",
    about: "Buys a call on either side of two sold at the money",
    legs: legs("buy 1 CE -4", "sell 2 CE 0", "buy 1 CE 4"),
    picture: [
      [0, -0.3],
      [0.28, -0.3],
      [0.5, 0.95],
      [0.72, -0.3],
      [1, -0.3],
    ],
  },
  {
    id: "put-butterfly",
    type: "BUTTERFLY",
    name: "Put butterfly",
    view: "It stays",
    about: "Buys a put on either side of two sold at the money",
    legs: legs("buy 1 PE -4", "sell 2 PE 0", "buy 1 PE 4"),
    picture: [
      [0, -0.3],
      [0.28, -0.3],
      [0.5, 0.95],
      [0.72, -0.3],
      [1, -0.3],
    ],
  },
];

export function templateOf(id: string | null): Template | undefined {
  return TEMPLATES.find((each) => each.id === id);
}

/** A first draft by a template, or a blank one; weeklies are entered within their last week. */
export function firstDraft(
  template: Template | undefined,
  underlying: string,
  expiry: "WEEKLY" | "MONTHLY",
): Draft {
  const weekly = expiry === "WEEKLY";
  return draftOf({
    name: `${underlying} ${template?.name.toLowerCase() ?? "strategy"}`,
    type: template?.type ?? "CUSTOM",
    underlying,
    legs: (template?.legs ?? []).map((each) => ({
      action: each.action,
      option_type: each.option,
      lots: each.lots,
      selector: { underlying, expiry, atm_offset: each.offset },
    })),
    schedule: {
      entry_time: "09:20",
      exit_time: "15:00",
      dte_min: weekly ? 0 : null,
      dte_max: weekly ? 7 : null,
    },
    risk_params: { max_loss: 5000, target_profit: 2500 },
  });
}
