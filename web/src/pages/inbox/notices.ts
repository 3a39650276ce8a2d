import type { Notice } from "~/api/types";
import { istDay } from "~/words/time";

export interface Day {
  readonly day: string;
  readonly notices: readonly Notice[];
}

/** Notices by the day in India on which they were told, in the order they come. */
export function byDay(notices: readonly Notice[]): readonly Day[] {
  const days: { day: string; notices: Notice[] }[] = [];
  for (const notice of notices) {
    const day = istDay(notice.at);
    const last = days.at(-1);
    if (last?.day === day) last.notices.push(notice);
    else days.push({ day, notices: [notice] });
  }
  return days;
}

/** The ids of those that wait to be read. */
export function unreadIds(notices: readonly Notice[]): string[] {
  return notices.filter((each) => !each.acknowledged).map((each) => each.notice_id);
}

/** What is told, with the account by its name and not by its id. */
export function worded({ text, account_id: id }: Notice, account: string): string {
  if (id === "") return text;
  return [`${account} (${id})`, id].reduce((said, each) => said.split(each).join(account), text);
}

export interface Way {
  readonly to: string;
  readonly label: string;
}

/** Where more is to be seen of what a notice tells. */
export function waysOf(notice: Notice): readonly Way[] {
  const ways: Way[] = [];
  if (notice.run_id !== null) ways.push({ to: `/history/${notice.run_id}`, label: "The run" });
  if (notice.strategy_id !== null) {
    ways.push({ to: `/strategies/${notice.strategy_id}`, label: "The strategy" });
  }
  if (notice.account_id !== "") {
    ways.push({ to: `/accounts/${notice.account_id}`, label: "The account" });
  }
  return ways;
}
