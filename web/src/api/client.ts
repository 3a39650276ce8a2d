import createClient from "openapi-fetch";
import { Problem, Unreachable } from "./problem";
import { accessToken, refreshed } from "./session";
import type { Paths } from "./types";

/** One request as the signed-in user; a token that ended meanwhile is exchanged, once. */
export async function signedFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await withToken(request);
  if (answer.status !== 401 || !(await refreshed())) return answer;
  return withToken(again);
}

async function withToken(request: Request): Promise<Response> {
  const token = await accessToken();
  if (token !== undefined) request.headers.set("Authorization", `Bearer ${token}`);
  try {
    return await fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new Unreachable(cause);
  }
}

/** The platform, by the types of its own description. */
export const api = createClient<Paths>({ baseUrl: "/", fetch: signedFetch });

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** What was answered; throws Problem for a refusal. */
export async function got<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) throw new Problem(response.status, (error ?? {}) as object);
  return data as T;
}

/** What was answered, with its edition for the If-Match of a change. */
export async function gotEdition<T>(
  asked: Promise<Answer<T>>,
): Promise<{ readonly shown: T; readonly etag: string | null }> {
  const answer = await asked;
  const shown = await got(Promise.resolve(answer));
  return { shown, etag: answer.response.headers.get("ETag") };
}
