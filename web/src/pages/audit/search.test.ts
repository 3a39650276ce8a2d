import { expect, test } from "vitest";
import { asked, dayOf, paramsOf, searchIn } from "./search";

test("a search stands in the address and comes back from it", () => {
  const search = { ...dayOf(new Date("2026-11-18T20:00:00Z")), actor: " USER-1 " };

  expect(paramsOf(search).toString()).toBe(
    "actor=USER-1&since=2026-11-19T00%3A00&until=2026-11-20T00%3A00",
  );
  expect(searchIn(paramsOf(search)).actor).toBe("USER-1");
});

test("moments of the form are India's", () => {
  const search = { ...searchIn(new URLSearchParams()), since: "2026-11-18T09:15" };

  expect(asked(search)).toEqual({
    stream: null,
    actor: null,
    topic: null,
    correlation_id: null,
    since: "2026-11-18T09:15:00+05:30",
    until: null,
  });
});
