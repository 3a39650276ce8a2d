import { expect, test } from "vitest";
import type { Notice } from "~/api/types";
import { unreadOf } from "./unread";

function notice(gravity: Notice["gravity"], id = "ACC-1@00000001"): Notice {
  return {
    notice_id: id,
    user_id: "USER-1",
    account_id: "ACC-1",
    strategy_id: null,
    run_id: null,
    kind: "blocked",
    gravity,
    text: "told",
    at: "2026-11-18T03:50:00Z",
    acknowledged: false,
  };
}

test("unread notices are counted, and an alarm among them is seen", () => {
  expect(unreadOf([], false)).toEqual({ count: "0", any: false, alarming: false });
  expect(unreadOf([notice("INFO"), notice("ALARM")], false)).toEqual({
    count: "2",
    any: true,
    alarming: true,
  });
});

test("beyond ninety-nine there are just more", () => {
  const many = Array.from({ length: 100 }, () => notice("INFO"));
  expect(unreadOf(many, false).count).toBe("99+");
  expect(unreadOf(many.slice(0, 3), true).count).toBe("3+");
});
