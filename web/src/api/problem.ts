import type { Schemas } from "./types";

export type FieldFault = Schemas["FieldError"];

/** What the platform refused, in its own words (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  /** Stable: what client code may decide on. */
  readonly code: string;
  readonly faults: readonly FieldFault[];

  constructor(status: number, body: Partial<Schemas["Problem"]>) {
    super(body.detail || body.title || `The platform answered ${status}.`);
    this.name = "Problem";
    this.status = status;
    this.code = (body.type ?? "").split(/[/:]/).pop() ?? "";
    this.faults = body.errors ?? [];
  }

  /** What is wrong with one field, if anything is. */
  of(field: string): string | undefined {
    return this.faults.find((fault) => fault.field === field)?.message;
  }
}

/** The network failed: nobody knows whether the request arrived. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super("The platform cannot be reached. Try again in a moment.", { cause });
    this.name = "Unreachable";
  }
}

/** Any failure, for whoever sits before the screen. */
export function inWords(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
