import createClient from "openapi-fetch";
import { Problem, Unreachable } from "./problem";
import { accessToken, refreshed, whileSignedIn } from "./session";
import type { Paths } from "./types";

/** One request as the signed-in user; a token that ended meanwhile is exchanged, once. */
export async function signedFetch(request: Request): Promise<Response> {
  const wanted = AbortSignal.any([request.signal, whileSignedIn()]);
  const again = request.clone();
  const answer = await withToken(request, wanted);
  if (answer.status !== 401 || wanted.aborted || !(await refreshed())) return answer;
  return withToken(again, wanted);
}

async function withToken(request: Request, wanted: AbortSignal): Promise<Response> {
  const token = await accessToken();
  wanted.throwIfAborted();
  if (token !== undefined) request.headers.set("Authorization", `Bearer ${token}`);
  try {
    return await fetch(request, { signal: wanted });
  } catch (cause) {
    if (wanted.aborted) throw cause;
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
