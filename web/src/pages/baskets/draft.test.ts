import { expect, test } from "vitest";
import type { Account } from "~/api/types";
import { differences, EMPTY, multiplied, switched, targetsWord } from "./draft";

const ACCOUNTS = [
  { account_id: "ACC-1", account_name: "Practice" },
  { account_id: "ACC-2", account_name: "Zerodha" },
] as Account[];

test("an account comes and goes, and trades a multiple of the size", () => {
  const both = switched(switched([], "ACC-1"), "ACC-2");

  const scaled = multiplied(both, "ACC-2", 3);

  expect(targetsWord(scaled, ACCOUNTS)).toBe("Practice × 1, Zerodha × 3");
  expect(switched(scaled, "ACC-1")).toEqual([{ account_id: "ACC-2", multiplier: 3 }]);
});

test("no account named means the only one there is", () => {
  expect(targetsWord([], ACCOUNTS.slice(0, 1))).toBe("the only account");
  expect(targetsWord([], ACCOUNTS)).toBe("–");
  expect(targetsWord([{ account_id: "ACC-9" }], ACCOUNTS)).toBe("ACC-9 × 1");
});

test("two drafts are compared in words", () => {
  const mine = { ...EMPTY, name: "Condors", targets: [{ account_id: "ACC-1", multiplier: 2 }] };
  const theirs = { ...EMPTY, name: "Iron", targets: [{ account_id: "ACC-1", multiplier: 2 }] };

  expect(differences(mine, theirs, ACCOUNTS)).toEqual([
    { name: "Name", mine: "Condors", theirs: "Iron" },
  ]);
  expect(differences(mine, { ...mine, targets: [] }, ACCOUNTS.slice(0, 1))).toEqual([
    { name: "Accounts", mine: "Practice × 2", theirs: "the only account" },
  ]);
});
