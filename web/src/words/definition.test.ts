import { expect, test } from "vitest";
import {
  clockWord,
  dteWord,
  expiryWord,
  legWord,
  offsetWord,
  percentWord,
  rupeesWord,
  said,
  weekdaysWord,
} from "./definition";

const TIMES = { entry_time: "09:20", exit_time: "15:00" };

test("a leg is told as a trader says it", () => {
  const selector = { underlying: "NIFTY", expiry: "WEEKLY", atm_offset: -3 };
  expect(legWord({ action: "SELL", option_type: "PE", lots: 2, selector })).toBe(
    "Sell 2 lots NIFTY PE, ATM \u2212 3, this week's expiry",
  );
  expect(legWord({ action: "BUY", qty: 65, symbol: "NIFTY26N2426000CE" })).toBe(
    "Buy 65 NIFTY26N2426000CE",
  );
});

test("strikes, expiries and times are told in words", () => {
  expect([offsetWord(0), offsetWord(3)]).toEqual(["ATM", "ATM + 3"]);
  expect(expiryWord("2026-11-24")).toBe("expiry of 24 Nov 2026");
  expect([clockWord("09:20"), clockWord("09:20:00"), clockWord("09:20:30")]).toEqual([
    "09:20",
    "09:20",
    "09:20:30",
  ]);
  expect(said("IRON_CONDOR")).toBe("Iron condor");
});

test("what is absent of a schedule is its default", () => {
  expect(weekdaysWord(undefined)).toBe("Mon–Fri");
  expect(weekdaysWord(["WED", "MON"])).toBe("Mon, Wed");
  expect(weekdaysWord([])).toBe("never");
  expect(dteWord(TIMES)).toBe("any");
  expect(dteWord({ ...TIMES, dte_max: 7 })).toBe("0 to 7 days");
  expect(dteWord({ ...TIMES, dte_min: 2, dte_basis: "TRADING" })).toBe("2 sessions or more");
});

test("a limit that is not set is off, and ₹ may come as text", () => {
  expect([rupeesWord(null), rupeesWord("5000")]).toEqual(["off", "₹5,000"]);
  expect([percentWord(undefined), percentWord("50")]).toEqual(["off", "50 % of the premium"]);
});
