import { afterEach, beforeEach, expect, test, vi } from "vitest";

const TOKENS = {
  access_token: "first",
  expires_in: 600,
  user_id: "USER-1",
  must_change_password: false,
  must_enrol_authenticator: false,
};

interface Sent {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly answer: (status: number, body?: object) => void;
}

/** What goes out over the network and waits for its answer; what is given up is refused at once. */
let sent: Sent[];
const tabs: BroadcastChannel[] = [];

function network(asked: string | Request, more: RequestInit = {}): Promise<Response> {
  const path = typeof asked === "string" ? asked : new URL(asked.url).pathname;
  const signal = more.signal ?? new AbortController().signal;
  return new Promise((done, failed) => {
    signal.addEventListener("abort", () => failed(signal.reason));
    const answer: Sent["answer"] = (status, body) =>
      done(new Response(body && JSON.stringify(body), { status }));
    sent.push({ path, signal, answer });
  });
}

async function next(path: string): Promise<Sent> {
  return await vi.waitFor(() => {
    const found = sent.find((each) => each.path === path);
    if (found === undefined) throw new Error(`${path} was not asked`);
    sent.splice(sent.indexOf(found), 1);
    return found;
  });
}

/** A tab of the browser: its own copy of all that a page remembers. */
async function tab() {
  vi.resetModules();
  const [session, { signedFetch }] = [await import("./session"), await import("./client")];
  const { Unsaved } = await import("./unsaved");
  const drafts = new Unsaved<string>();
  return { ...session, drafts, ask: () => signedFetch(new Request("http://desk/orders")) };
}

async function signedIn(expires_in = 600) {
  const opened = await tab();
  const entering = opened.signIn("a@b", "secret", null);
  (await next("/auth/login")).answer(200, { ...TOKENS, expires_in });
  await entering;
  return opened;
}

beforeEach(() => {
  sent = [];
  let last: Promise<unknown> = Promise.resolve();
  const request = <T>(_: string, change: () => Promise<T>): Promise<T> => {
    const held = last.then(change);
    last = held.catch(() => undefined);
    return held;
  };
  vi.stubGlobal("navigator", { locks: { request } });
  vi.stubGlobal("document", { cookie: "atp_session=1" });
  vi.stubGlobal("fetch", network);
  vi.stubGlobal(
    "BroadcastChannel",
    class extends BroadcastChannel {
      constructor(name: string) {
        super(name);
        tabs.push(this);
      }
    },
  );
});

afterEach(() => {
  for (const each of tabs.splice(0)) each.close();
  vi.unstubAllGlobals();
});

test("what is under way is given up before the platform hears of the sign-out", async () => {
  const desk = await signedIn();
  const asked = desk.ask();
  const { signal } = await next("/orders");

  const leaving = desk.signOut();

  expect(signal.aborted).toBe(true);
  await expect(asked).rejects.toThrow("aborted");
  (await next("/auth/logout")).answer(204);
  await leaving;
  expect(desk.currentSession()).toEqual({ state: "out" });
});

test("nothing is asked once somebody has signed out, and all again when they are back", async () => {
  const desk = await signedIn();
  const leaving = desk.signOut();
  await expect(desk.ask()).rejects.toThrow("aborted");
  (await next("/auth/logout")).answer(204);
  await leaving;
  expect(sent).toEqual([]);

  const entering = desk.signIn("a@b", "secret", null);
  (await next("/auth/login")).answer(200, TOKENS);
  await entering;
  const asked = desk.ask();

  (await next("/orders")).answer(200, {});
  expect((await asked).status).toBe(200);
});

test("a refusal that comes while signing out is neither refreshed nor tried again", async () => {
  const desk = await signedIn();
  const asked = desk.ask();
  (await next("/orders")).answer(401, {});

  const leaving = desk.signOut();
  (await next("/auth/logout")).answer(204);
  await leaving;

  await asked.catch(() => undefined);
  expect(sent).toEqual([]);
});

test("a token that was being exchanged does not bring the session back", async () => {
  const desk = await signedIn(1); // at its end
  const asked = desk.ask();
  const exchange = await next("/auth/refresh");

  const leaving = desk.signOut();

  expect(exchange.signal.aborted).toBe(true);
  await expect(asked).rejects.toThrow("aborted");
  (await next("/auth/logout")).answer(204);
  await leaving;
  expect(desk.currentSession()).toEqual({ state: "out" });
});

test("every other tab gives up what it asks as soon as it hears of it", async () => {
  const [one, other] = [await signedIn(), await signedIn()];
  const asked = other.ask();
  const { signal } = await next("/orders");

  const leaving = one.signOut();

  await expect(asked).rejects.toThrow("aborted");
  expect(signal.aborted).toBe(true);
  expect(other.currentSession()).toEqual({ state: "out", why: "You signed out in another tab." });
  await expect(other.ask()).rejects.toThrow("aborted");
  (await next("/auth/logout")).answer(204);
  await leaving;
});

test("who signs out is out, even where the platform could not be told, and hears of that", async () => {
  const desk = await signedIn();
  const leaving = desk.signOut();

  (await next("/auth/logout")).answer(503, { detail: "not now" });

  await expect(leaving).rejects.toThrow("not now");
  expect(desk.currentSession()).toEqual({ state: "out" });
});

/** A draft is typed on a page, and then its session ends by itself. */
async function endedWhileTyping() {
  const desk = await signedIn();
  const left = desk.drafts.typing("/new", () => "half a strategy");
  const asked = desk.ask();
  (await next("/orders")).answer(401, {});
  (await next("/auth/refresh")).answer(401, {});
  await asked.catch(() => undefined);
  left();
  return desk;
}

async function signsIn(desk: Awaited<ReturnType<typeof tab>>, user_id: string) {
  const entering = desk.signIn("a@b", "secret", null);
  (await next("/auth/login")).answer(200, { ...TOKENS, user_id });
  await entering;
}

test("what was typed when the session ended is there again for the same user, once", async () => {
  const desk = await endedWhileTyping();
  expect(desk.currentSession().state).toBe("out");

  await signsIn(desk, "USER-1");

  expect(desk.drafts.keptOf("/new")).toBe("half a strategy");
  expect(desk.drafts.keptOf("/other")).toBeUndefined();
  desk.drafts.typing("/new", () => "another");
  expect(desk.drafts.keptOf("/new")).toBeUndefined();
});

test("nobody else is shown it, and neither is its user after them", async () => {
  const desk = await endedWhileTyping();

  await signsIn(desk, "USER-2");

  expect(desk.drafts.keptOf("/new")).toBeUndefined();
  await signsIn(desk, "USER-1");
  expect(desk.drafts.keptOf("/new")).toBeUndefined();
});

test("who signs out leaves nothing behind", async () => {
  const desk = await signedIn();
  desk.drafts.typing("/new", () => "half a strategy");
  const leaving = desk.signOut();
  (await next("/auth/logout")).answer(204);
  await leaving;

  await signsIn(desk, "USER-1");

  expect(desk.drafts.keptOf("/new")).toBeUndefined();
});
