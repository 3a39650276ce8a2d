import { expect, test } from "vitest";
import { type Change, withRow } from "./changes";

const NEWEST = { by: "created_at", takes: (row: object) => !("account_id" in row) };

function change(id: string, more: object = {}): Change {
  return {
    view: "orders",
    id,
    version: 7,
    row: { order_id: id, created_at: "2026-11-18", ...more },
  };
}

const PAGES = {
  pages: [
    { items: [{ order_id: "C", created_at: "2026-11-17" }], next_cursor: "x" },
    { items: [{ order_id: "B", created_at: "2026-11-16" }], next_cursor: null },
  ],
  pageParams: [undefined, "x"],
};

test("a row takes the place of its older self, on whichever page that is", () => {
  const after = withRow(PAGES, change("B", { status: "COMPLETE" })) as typeof PAGES;

  expect(after.pages[1]?.items).toEqual([
    { order_id: "B", created_at: "2026-11-18", status: "COMPLETE" },
  ]);
  expect(after.pages[0]).toBe(PAGES.pages[0]);
});

test("a new row goes to the head of a list that is newest first, if it is one of that list", () => {
  const taken = withRow(PAGES, change("D"), NEWEST) as typeof PAGES;
  const others = withRow(PAGES, change("D", { account_id: "ACC-2" }), NEWEST);

  expect(taken.pages[0]?.items.map((item) => item.order_id)).toEqual(["D", "C"]);
  expect(others).toBe(PAGES);
});

test("a row whose place is not known has the list asked for anew", () => {
  expect(withRow(PAGES, change("D"))).toBeUndefined();
  expect(withRow(PAGES, change("A", { created_at: "2026-11-01" }), NEWEST)).toBeUndefined();
});

test("a row that stands alone is not touched by news of another", () => {
  const alone = { order_id: "B", status: "OPEN" };

  expect(withRow(alone, change("B", { status: "COMPLETE" }))).toMatchObject({ status: "COMPLETE" });
  expect(withRow(alone, change("C"))).toBe(alone);
  expect(withRow(undefined, change("C"))).toBeUndefined();
});
