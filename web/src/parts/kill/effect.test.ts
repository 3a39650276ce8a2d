import { expect, test } from "vitest";
import type { Position, Run, Schemas } from "~/api/types";
import { effectsOf } from "./effect";

function run(stage: Run["stage"]): Run {
  return { strategy_id: "S", stage, due_at: "2026-11-18T03:50:00Z" } as Run;
}

function position(kind: "RUN" | "EXTERNAL"): Position {
  return { parts: [{ kind }] } as Position;
}

const LATER = { name: "Strangle", due_at: "2026-11-18T08:00:00Z" } as Schemas["DueTodayShown"];
const named = () => "Condor";

test("an account with nothing open only stops entering", () => {
  expect(effectsOf({ runs: [], positions: [], coming: [] }, "own", named)).toEqual([
    "No run is open there.",
    "Nothing is entered there until you release it.",
  ]);
});

test("open runs leave, hand-held positions stay, and later entries are skipped", () => {
  const standing = {
    runs: [run("OPEN"), run("PENDING")],
    positions: [position("RUN"), position("RUN"), position("EXTERNAL")],
    coming: [LATER],
  };

  const [leave, stay, skip] = effectsOf(standing, "own", named);

  expect(leave).toMatch(/^1 open run leaves at once \(Condor\).*2 positions become flat\.$/);
  expect(stay).toBe("1 position that no run holds stays as it is.");
  expect(skip).toContain("today that skips Condor at 09:20, Strangle at 13:30.");
  expect(effectsOf(standing, "all", named)[1]).toBe(
    "1 position that no run holds is closed as well.",
  );
});
