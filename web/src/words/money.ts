const EXACT = new Intl.NumberFormat("en-IN", {
  style: "currency",
  currency: "INR",
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const WHOLE = new Intl.NumberFormat("en-IN", {
  style: "currency",
  currency: "INR",
  maximumFractionDigits: 0,
});
const PRICE = new Intl.NumberFormat("en-IN", {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const COUNT = new Intl.NumberFormat("en-IN");

export const NOTHING = "–";
const MINUS = "\u2212";

function typeset(text: string): string {
  return text.replace("-", MINUS);
}

/** ₹ to the paisa. */
export function rupees(amount: number | null | undefined): string {
  return amount == null ? NOTHING : typeset(EXACT.format(amount));
}

/** ₹ without paise, as margins and limits are thought of. */
export function wholeRupees(amount: number | null | undefined): string {
  return amount == null ? NOTHING : typeset(WHOLE.format(amount));
}

/** ₹ with its sign: what was made or lost. */
export function profit(amount: number | null | undefined): string {
  if (amount == null) return NOTHING;
  const shown = rupees(amount);
  return amount > 0 ? `+${shown}` : shown;
}

/** A price in ₹ a unit, without the symbol. */
export function price(amount: number | null | undefined): string {
  return amount == null ? NOTHING : typeset(PRICE.format(amount));
}

/** Units, lots, open interest: grouped as in India. */
export function count(amount: number | null | undefined): string {
  return amount == null ? NOTHING : typeset(COUNT.format(amount));
}

/** The colour of money made or lost. */
export function tone(amount: number | null | undefined): "gain" | "loss" | "even" {
  if (amount == null || amount === 0) return "even";
  return amount > 0 ? "gain" : "loss";
}

/** A figure as it is shown, in whole paise. */
function paise(amount: number): number {
  // Without the tail of the multiplication: 1.005 × 100 is 100.49999999999999.
  return Math.sign(amount) * Math.round(Number((Math.abs(amount) * 100).toPrecision(15)));
}

/** ₹ of several figures, exact to the paisa: what one gets who adds up what is on the screen. */
export function summed(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + paise(amount), 0) / 100;
}

/** 1 order, 2 orders. */
export function counted(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}
