import { useSyncExternalStore } from "react";
import { Problem, Unreachable } from "./problem";
import type { Schemas } from "./types";
import { forgetUnsaved, keepUnsaved, unsavedIsFor } from "./unsaved";

/*
 * The access token lives in this page's memory and nowhere else. The refresh token lives in a cookie
 * that no script can read; `atp_session` only says that there may be one.
 */

export type Session =
  | { readonly state: "starting" }
  | { readonly state: "out"; readonly why?: string }
  | {
      readonly state: "in";
      readonly userId: string;
      readonly mustChangePassword: boolean;
      readonly mustEnrol: boolean;
    };

type Tokens = Schemas["TokensShown"];

/** Seconds before its end at which a token is exchanged. */
const AHEAD_S = 30;
/** Milliseconds until a platform that did not answer is asked again for the session that was kept. */
const START_AGAIN_MS = 1_000;
const ENDED = "Your session has ended. Sign in again.";
const MARK = /(?:^|; )atp_session=/;
const ALL_TABS = new BroadcastChannel("atp-session");

let session: Session = { state: "starting" };
let access: { readonly token: string; readonly until: number } | undefined;
let refreshing: Promise<boolean> | undefined;
/** Aborted when the session is left: whatever was asked in it is given up. */
let staying = new AbortController();
const watchers = new Set<() => void>();

function become(next: Session): void {
  session = next;
  for (const watcher of watchers) watcher();
}

ALL_TABS.onmessage = () => {
  forgetUnsaved();
  leaveHere("You signed out in another tab.");
};

function leaveHere(why?: string): void {
  access = undefined;
  staying.abort();
  become(why === undefined ? { state: "out" } : { state: "out", why });
}

export function useSession(): Session {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => session,
  );
}

export function currentSession(): Session {
  return session;
}

/** Aborted once nobody is signed in: a token that is given back must not be shown again. */
export function whileSignedIn(): AbortSignal {
  return staying.signal;
}

/** Go on with the session that the browser kept, if there is one, as soon as the platform answers. */
export async function start(): Promise<void> {
  while (session.state === "starting") {
    const kept = MARK.test(document.cookie);
    try {
      if (!(kept && (await refreshed()))) leaveHere(kept ? ENDED : undefined);
    } catch {
      // Whether the session lives is not known before somebody says so.
      await new Promise((again) => setTimeout(again, START_AGAIN_MS));
    }
  }
}

/** A token that is good for a while; undefined where nobody is signed in. */
export async function accessToken(): Promise<string | undefined> {
  if (access !== undefined && access.until - Date.now() < AHEAD_S * 1000) await refreshed();
  return access?.token;
}

/** Exchange the token. */
export function refreshed(): Promise<boolean> {
  if (refreshing === undefined) {
    const { signal } = staying;
    refreshing = oneTabAtATime(() => exchange(signal)).finally(() => {
      refreshing = undefined;
    });
  }
  return refreshing;
}

/** Whatever changes the kept session: a refresh token serves once, and a late answer undoes none. */
async function oneTabAtATime<T>(change: () => Promise<T>): Promise<T> {
  return await navigator.locks.request("atp-refresh", change);
}

async function exchange(signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  if (!MARK.test(document.cookie)) return ended();
  try {
    adopt(await post<Tokens>("/auth/refresh", {}, { signal }));
    return true;
  } catch (failure) {
    if (signal.aborted) return false;
    if (failure instanceof Problem && failure.status < 500) return ended();
    throw failure;
  }
}

function ended(): boolean {
  if (session.state === "in") {
    keepUnsaved(session.userId);
    leaveHere(ENDED);
  }
  return false;
}

export async function signIn(email: string, password: string, otp: string | null): Promise<void> {
  const sent = { email, password, otp, in_cookie: true };
  adopt(await oneTabAtATime(() => post<Tokens>("/auth/login", sent)));
}

export async function changePassword(sent: Schemas["NewPassword"]): Promise<void> {
  adopt(
    await post<Tokens>("/auth/password", { ...sent, in_cookie: true }, { token: access?.token }),
  );
}

/** Once an authenticator was confirmed that had to be, the way in begins anew: with a code of it. */
export function enrolled(): void {
  leaveHere("Your authenticator is set up. Sign in with a code of it.");
}

/** Every tab stops asking before the platform is told. */
export async function signOut(): Promise<void> {
  const token = access?.token;
  forgetUnsaved();
  leaveHere();
  ALL_TABS.postMessage("signed out");
  if (token === undefined) return;
  await oneTabAtATime(() => post("/auth/logout", undefined, { token }));
}

function adopt(tokens: Tokens): void {
  if (staying.signal.aborted) staying = new AbortController();
  unsavedIsFor(tokens.user_id);
  access = { token: tokens.access_token, until: Date.now() + tokens.expires_in * 1000 };
  become({
    state: "in",
    userId: tokens.user_id,
    mustChangePassword: tokens.must_change_password,
    mustEnrol: tokens.must_enrol_authenticator,
  });
}

interface Sending {
  readonly token?: string | undefined;
  readonly signal?: AbortSignal;
}

async function post<T>(path: string, body: unknown, { token, signal }: Sending = {}): Promise<T> {
  const headers = new Headers({ "Content-Type": "application/json" });
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  const words = body === undefined ? null : JSON.stringify(body);
  const sent = { method: "POST", headers, body: words, signal: signal ?? null };
  const answer = await fetch(path, sent).catch((cause: unknown) => {
    throw new Unreachable(cause);
  });
  const told: unknown = answer.status === 204 ? undefined : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, told as Partial<Schemas["Problem"]>);
  return told as T;
}
