import { expect, test } from "vitest";
import { telling, toldBy } from "./preferences";

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
