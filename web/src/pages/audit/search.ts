import { istDayIso } from "~/words/time";

/** What is looked for, as it stands in the address; times are India's, as a form has them. */
export interface Search {
  readonly stream: string;
  readonly actor: string;
  readonly topic: string;
  readonly correlation: string;
  readonly since: string;
  readonly until: string;
}

export const FIELDS = ["stream", "actor", "topic", "correlation", "since", "until"] as const;

export function searchIn(params: URLSearchParams): Search {
  const [stream, actor, topic, correlation, since, until] = FIELDS.map(
    (field) => params.get(field)?.trim() ?? "",
  );
  return {
    stream: stream ?? "",
    actor: actor ?? "",
    topic: topic ?? "",
    correlation: correlation ?? "",
    since: since ?? "",
    until: until ?? "",
  };
}

export function paramsOf(search: Search): URLSearchParams {
  return new URLSearchParams(
    FIELDS.flatMap((field) => {
      const value = search[field].trim();
      return value === "" ? [] : [[field, value]];
    }),
  );
}

/** The whole of a day in India, for who has not said what to look for. */
export function dayOf(now: Date): Search {
  const [day, next] = [now, new Date(now.getTime() + 24 * 3600 * 1000)].map(istDayIso);
  return {
    stream: "",
    actor: "",
    topic: "",
    correlation: "",
    since: `${day}T00:00`,
    until: `${next}T00:00`,
  };
}

/** The search as the platform takes it. */
export function asked(search: Search) {
  return {
    stream: search.stream || null,
    actor: search.actor || null,
    topic: search.topic || null,
    correlation_id: search.correlation || null,
    since: moment(search.since),
    until: moment(search.until),
  };
}

/** A moment of a form is one in India. */
function moment(typed: string): string | null {
  return typed === "" ? null : `${typed.length === 16 ? `${typed}:00` : typed}+05:30`;
}
