import { expect, test } from "vitest";
import { outlined } from "./qr";

test("squares beside each other are drawn as one", () => {
  const drawn = outlined([
    [true, true, false, true],
    [false, false, false, false],
    [false, true, false, false],
  ]);

  expect(drawn).toBe("M0 0h2v1h-2zM3 0h1v1h-1zM1 2h1v1h-1z");
});
