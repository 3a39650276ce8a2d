import { price, rupees } from "~/words/money";

/** What an event says besides who, when and why; each topic has fields of its own. */
export type Said = Readonly<Record<string, unknown>>;

export function isSaid(value: unknown): value is Said {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field as text; empty where there is none. */
export function text(said: Said, field: string): string {
  const value = said[field];
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** A field as a number: events keep ₹ as text, so that no paisa is lost. */
export function amount(said: Said, field: string): number | undefined {
  const value = said[field];
  if (value === null || value === undefined || value === "") return undefined;
  const found = Number(value);
  return Number.isNaN(found) ? undefined : found;
}

/** A field that has fields itself. */
export function inside(said: Said, field: string): Said {
  const value = said[field];
  return isSaid(value) ? value : {};
}

/** A field that lists things with fields. */
export function each(said: Said, field: string): readonly Said[] {
  const value = said[field];
  return Array.isArray(value) ? value.filter(isSaid) : [];
}

/** A field that lists words. */
export function words(said: Said, field: string): readonly string[] {
  const value = said[field];
  return Array.isArray(value) ? value.map(String) : [];
}

/** `hedge timeout` for HEDGE_TIMEOUT. */
export function spelt(code: string): string {
  return code.replaceAll("_", " ").toLowerCase();
}

/** `profit of ₹20.00`, `loss of ₹20.00`. */
export function outcome(amount: number): string {
  return `${amount < 0 ? "loss" : "profit"} of ${rupees(Math.abs(amount))}`;
}

/** `₹42.10`: a price a unit. */
export function at(value: number | undefined): string {
  return value === undefined ? "" : `₹${price(value)}`;
}

/** The parts there are, one after the other. */
export function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(": ");
}
