import type { Account, Basket, Run, Strategy } from "~/api/types";

/** What the platform knows of a trader's beginning. */
export interface Beginning {
  readonly authenticator: boolean;
  readonly accounts: readonly Account[];
  readonly strategies: readonly Strategy[];
  readonly baskets: readonly Basket[];
  readonly runs: readonly Run[];
}

export interface Step {
  readonly name: string;
  readonly told: string;
  readonly done: boolean;
  /** Good to have, and not needed. */
  readonly advised?: boolean;
  readonly to: string;
  readonly way: string;
}

/** The way from the first start to a strategy that trades on paper; a step is done when it is so. */
export function stepsOf(beginning: Beginning): readonly Step[] {
  return [
    {
      name: "Choose your password",
      told: "Only you know it: the one-time password is good no more.",
      done: true, // before it, nothing else is shown
      to: "/settings/security",
      way: "Change it",
    },
    {
      name: "Set up an authenticator",
      told: "An app's code at each sign-in, so that a stolen password opens nothing.",
      done: beginning.authenticator,
      advised: true,
      to: "/settings/security",
      way: beginning.authenticator ? "Look at it" : "Set it up",
    },
    ofAccount(beginning),
    ofDraft(beginning),
    ofActivation(beginning),
    ofFirstRun(beginning),
  ];
}

function ofAccount({ accounts }: Beginning): Step {
  const paper = accounts.find((account) => account.broker === "paper");
  return {
    name: "Have a paper account",
    told: "It trades at real prices with money that is not; set its limits before you begin.",
    done: paper !== undefined,
    to: paper === undefined ? "/accounts" : `/accounts/${paper.account_id}`,
    way: paper === undefined ? "Link one" : "Look at it",
  };
}

function ofDraft({ strategies }: Beginning): Step {
  const first = strategies[0];
  return {
    name: "Draw a strategy",
    told:
      first === undefined
        ? "Begin from a template: an iron condor takes a minute."
        : `${first.name} is there.`,
    done: first !== undefined,
    to: first === undefined ? "/strategies/new" : `/strategies/${first.strategy_id}`,
    way: first === undefined ? "Draw one" : "Look at it",
  };
}

function ofActivation({ strategies, baskets }: Beginning): Step {
  const on = strategies.find((strategy) => trades(strategy, baskets));
  const next = on ?? strategies[0];
  return {
    name: "Activate it",
    told:
      on === undefined
        ? "It is entered when both it and its basket are active, and never before."
        : `${on.name} is active: it is entered when it is due.`,
    done: on !== undefined,
    to: next === undefined ? "/strategies" : `/strategies/${next.strategy_id}`,
    way: on === undefined ? "Activate it" : "Look at it",
  };
}

function trades(strategy: Strategy, baskets: readonly Basket[]): boolean {
  const home = baskets.find((basket) => basket.basket_id === strategy.basket_id);
  return strategy.status === "ACTIVE" && home?.status === "ACTIVE";
}

function ofFirstRun({ runs }: Beginning): Step {
  const last = runs[0];
  return {
    name: "See its first run",
    told:
      last === undefined
        ? "What is due and what ran is on the page of the day."
        : "Every decision and order of it can be played back.",
    done: last !== undefined,
    to: last === undefined ? "/" : `/history/${last.run_id}`,
    way: last === undefined ? "See the day" : "Play it back",
  };
}

/** What is to be done next; undefined once all that is needed is done. */
export function nextOf(steps: readonly Step[]): Step | undefined {
  return steps.find((step) => !step.done && !step.advised);
}
