import { expect, test } from "vitest";
import { alertOf, type RunWords, stageWord, whyInFull, whyOf } from "./words";

const WORDS = {
  stages: { OPEN: "Open", EXITING: "Leaving" },
  skips: { DRIFT: { means: "positions differ", do: "", planned: false } },
  exits: {
    ENTRY_ABSENT: { means: "an order never reached the broker", do: "", planned: false },
    DRIFT: { means: "the broker's positions differ", do: "", planned: false },
  },
  alerts: { EXIT_SLOW: { means: "it is not flat yet", do: "look at it", planned: false } },
} satisfies RunWords;

const RUN = { skip_reason: null, exit_reason: null, exit_detail: null, outcome: null };

test("stages go by the server's words, and by their own until those are there", () => {
  expect(stageWord("EXITING", WORDS)).toBe("Leaving");
  expect(stageWord("ENTERING", undefined)).toBe("Entering");
});

test("a run says why it was left in words, with what is known of it", () => {
  const left = { ...RUN, exit_reason: "ENTRY_ABSENT", exit_detail: "not in the book" };

  expect(whyOf(left, WORDS)).toBe("an order never reached the broker");
  expect(whyInFull(left, WORDS)).toBe("an order never reached the broker (not in the book)");
  expect(whyOf({ ...RUN, outcome: "SOME_THING" }, WORDS)).toBe("some thing");
  expect(whyInFull(RUN, WORDS)).toBeUndefined();
});

test("the same code means another thing for a run that was not entered", () => {
  expect(whyOf({ ...RUN, skip_reason: "DRIFT" }, WORDS)).toBe("positions differ");
  expect(whyOf({ ...RUN, exit_reason: "DRIFT" }, WORDS)).toBe("the broker's positions differ");
});

test("an alarm says what it means and what can be done", () => {
  expect(alertOf("EXIT_SLOW", WORDS)).toBe("it is not flat yet: look at it");
  expect(alertOf("NEW_KIND", WORDS)).toBe("new kind");
});
