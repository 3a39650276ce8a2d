import { expect, test } from "vitest";
import { knownFrom, NOTHING_KNOWN } from "./known";
import type { Said } from "./said";
import { details, sentence, TELLERS, topicName } from "./telling";

// What every kind of event looks like on disk: a new one without words fails here.
const golden = import.meta.glob<readonly Said[]>("../../../../tests/golden/events/*.json", {
  eager: true,
  import: "default",
});
const SAMPLES = Object.entries(golden).flatMap(([path, samples]) => {
  const topic = path.split("/").pop()?.replace(".json", "") ?? "";
  return samples.map((event) => ({ topic, event }));
});
const RUN = SAMPLES.filter(({ topic }) => topic.startsWith("run."));
const TARGET = { means: "its profit target is reached", do: "", planned: true };
const WORDS = { stages: {}, skips: {}, exits: { TARGET_PROFIT: TARGET }, alerts: {} };
const KNOWN = knownFrom(RUN, WORDS);

function told(topic: string, index = 0): string {
  const found = SAMPLES.filter((sample) => sample.topic === topic)[index];
  return found === undefined ? "" : sentence(topic, found.event, KNOWN);
}

test("every kind of event has words", () => {
  expect(SAMPLES.length).toBeGreaterThan(60);
  expect(SAMPLES.map(({ topic }) => topic).filter((topic) => !(topic in TELLERS))).toEqual([]);
});

test.each(SAMPLES)("$topic reads as a sentence", ({ topic, event }) => {
  for (const known of [KNOWN, NOTHING_KNOWN]) {
    const said = [sentence(topic, event, known), ...details(topic, event, known)];

    expect(said[0]).toMatch(/^[A-Z0-9]/);
    for (const each of said) {
      expect(each).not.toMatch(/undefined|null|NaN|object Object|Invalid|: $|: :|\(\)/);
    }
  }
});

test("a fill says what was traded, how much and at which price", () => {
  expect(told("run.slice_seen")).toBe("Leg filled: SELL 65 NIFTY2680424500CE at ₹101.45");
  expect(told("run.phase_released")).toBe("Shorts released: 1 order");
});

test("a run's decisions say why and what they made", () => {
  expect(told("run.exit_requested")).toBe(
    "Leaving (its profit target is reached, at a profit of ₹2,000.50): at 09:45:00",
  );
  expect(told("run.entered")).toBe("Entered: ₹6,594.25 of premium received");
  expect(told("run.closed")).toBe(
    "Closed (its profit target is reached): profit of ₹2,010.75 before charges of ₹63.11",
  );
  expect(told("run.planned")).toBe("Contracts chosen at spot 24,512.35");
});

test("an order whose release is not known is told by its tag", () => {
  const said = { tag: "ABC", filled: 30, average_price: "12.5", status: "OPEN" };
  expect(sentence("run.slice_seen", said)).toBe("Partly filled: 30 units of order ABC at ₹12.50");
});

test("what goes wrong with an account is told in words", () => {
  expect(told("account.drift_found", 1)).toBe(
    "Differs from the broker: NIFTY2680424500CE, order 260804000000123: expected 0, the broker has \u221265",
  );
  expect(told("account.position_adopted", 1)).toBe(
    "Position adopted: short 130 NIFTY2680424500CE at ₹101.50: held since June",
  );
});

test("an event of a later edition is at least named", () => {
  expect(sentence("run.slept_over", {})).toBe("Slept over");
  expect(topicName("user.sign_in_failed")).toBe("Sign in failed");
});
