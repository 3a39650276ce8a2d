import { expect, test } from "vitest";
import { telling, toldBy, toldWord } from "./preferences";

const preferences = {
  timezone: "Asia/Kolkata",
  notifications: {
    email: true,
    sms: false,
    push: true,
    least: { email: "INFO", sms: "ALARM", push: "INFO" },
  },
} as const;

test("one kind of channel is changed, and nothing else", () => {
  const changed = telling(preferences, "sms", { used: true, least: "WARNING" });

  expect(toldBy(changed, "sms")).toEqual({ used: true, least: "WARNING" });
  expect(toldBy(changed, "email")).toEqual(toldBy(preferences, "email"));
  expect(changed.timezone).toBe("Asia/Kolkata");
});

test("what a channel is told is said in words", () => {
  expect(toldWord(toldBy(preferences, "email"))).toBe("everything");
  expect(toldWord({ used: true, least: "WARNING" })).toBe("warnings, alarms");
  expect(toldWord(toldBy(preferences, "sms"))).toBe("nothing");
});
