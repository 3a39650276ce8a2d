const ZONE = "Asia/Kolkata";
const CLOCK = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const MINUTE = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  hour: "2-digit",
  minute: "2-digit",
});
const FINE = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
const DAY = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  weekday: "short",
  day: "numeric",
  month: "short",
});
const DATE = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  day: "numeric",
  month: "short",
  year: "numeric",
});
const ISO = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE });

type Moment = string | Date;

function moment(at: Moment): Date {
  return typeof at === "string" ? new Date(at) : at;
}

/** 09:20:00 in India. */
export function istClock(at: Moment): string {
  return CLOCK.format(moment(at));
}

/** 09:20:00.107 in India. */
export function istFine(at: Moment): string {
  return FINE.format(moment(at));
}

/** 09:20 in India. */
export function istMinute(at: Moment): string {
  return MINUTE.format(moment(at));
}

/** Wed 18 Nov in India. */
export function istDay(at: Moment): string {
  return DAY.format(moment(at)).replace(",", "");
}

/** 18 Nov 2026. */
export function istDate(at: Moment): string {
  return DATE.format(moment(at));
}

/** Wed 18 Nov, 09:20:00 in India. */
export function istMoment(at: Moment): string {
  return `${istDay(at)}, ${istClock(at)}`;
}

/** 2026-11-18: the day in India, as the platform writes days. */
export function istDayIso(at: Moment): string {
  return ISO.format(moment(at));
}

/** How long between two moments: 2 h 05 min, 4 min 10 s, 12 s. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  return minutes > 0 ? `${minutes} min ${String(whole % 60).padStart(2, "0")} s` : `${whole} s`;
}
