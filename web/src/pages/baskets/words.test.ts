import { expect, test } from "vitest";
import { made } from "./words";

test("what a run made is its result less its charges, to the paisa, once it is known", () => {
  expect(made({ realised: 2010.75, charges: 63.11 })).toBe(1947.64);
  expect(made({ realised: 0.3, charges: 0.3 })).toBe(0);
  expect(made({ realised: null, charges: 12 })).toBeNull();
});
