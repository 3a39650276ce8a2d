import { expect, test } from "vitest";
import { count, counted, NOTHING, price, profit, rupees, summed, tone } from "./money";
import { istClock, istDay, istDayIso, istFine, span } from "./time";

test("money is grouped as in India and shown to the paisa", () => {
  expect(rupees(1234567.5)).toBe("₹12,34,567.50");
  expect(price(24512.35)).toBe("24,512.35");
  expect(count(1234567)).toBe("12,34,567");
});

test("what was made has a sign, what is not known is a dash", () => {
  expect(profit(1500)).toBe("+₹1,500.00");
  expect(profit(-1500)).toBe("\u2212₹1,500.00");
  expect(profit(null)).toBe(NOTHING);
  expect([tone(1), tone(-1), tone(0)]).toEqual(["gain", "loss", "even"]);
});

test("a sum is that of the figures as they are shown, without a drift", () => {
  expect(summed([])).toBe(0);
  expect(summed([0.1, 0.2])).toBe(0.3);
  expect(summed([1234567.35, -1234567.3])).toBe(0.05);
  expect(summed(Array.from({ length: 1000 }, () => 0.07))).toBe(70);
  for (const amount of [1.005, -1.005, 2.675, 649.9999999999999, -0.004]) {
    expect(rupees(summed([amount]))).toBe(rupees(amount).replace("\u2212₹0.00", "₹0.00"));
  }
});

test("moments are told in India's time, whatever the machine's is", () => {
  expect(istClock("2026-11-18T03:50:00Z")).toBe("09:20:00");
  expect(istFine("2026-11-18T03:50:00.107820Z")).toBe("09:20:00.107");
  expect(istDay("2026-11-18T20:00:00Z")).toBe("Thu 19 Nov");
  expect(istDayIso("2026-11-18T20:00:00Z")).toBe("2026-11-19");
});

test("a span is told in the two largest units that matter", () => {
  expect(span(7505)).toBe("2 h 05 min");
  expect(span(250)).toBe("4 min 10 s");
  expect(span(12.4)).toBe("12 s");
});

test("things are counted, and grouped as in India", () => {
  expect([counted(1, "leg"), counted(4, "leg")]).toEqual(["1 leg", "4 legs"]);
  expect(counted(123456, "history", "histories")).toBe("1,23,456 histories");
});
