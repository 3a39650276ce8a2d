import { useQueryClient } from "@tanstack/react-query";
import { createParser } from "eventsource-parser";
import { useEffect, useSyncExternalStore } from "react";
import { type Change, Changes } from "./changes";
import { signedFetch } from "./client";

/**
 * How the screen keeps up: `live` by the platform's stream of changes, `asking` by asking every few
 * seconds where answers come whole (as through API Gateway), `lost` while nothing can be reached.
 */
export type Link = "connecting" | "live" | "asking" | "lost";

/** Milliseconds between two looks where changes are not streamed. */
const ASK_MS = 2_000;
/** A stream that ends sooner than this was never one. */
const STREAMED_MS = 1_000;
/** Milliseconds without a word (there is a beat each five seconds) after which a stream is dead. */
const SILENT_MS = 15_000;
const SOONEST_MS = 500;
const LATEST_MS = 8_000;

let link: Link = "connecting";
const watchers = new Set<() => void>();

function become(next: Link): void {
  if (next === link) return;
  link = next;
  for (const watcher of watchers) watcher();
}

export function useLink(): Link {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => link,
  );
}

/** Milliseconds between two looks of a query that nothing tells about (prices move without events). */
export function usePace(lively: number): number | false {
  return useLink() === "lost" ? false : lively;
}

/** Keep everything on the screen up to date for as long as somebody is signed in. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const changes = new Changes(client);
    const ending = new AbortController();
    void follow(changes, ending.signal);
    return () => {
      ending.abort();
      changes.stop();
      become("connecting");
    };
  }, [client]);
}

async function follow(changes: Changes, ending: AbortSignal): Promise<void> {
  let pause = SOONEST_MS;
  while (!ending.aborted) {
    const begun = Date.now();
    try {
      await streamed(changes, ending);
      if (ending.aborted) return;
      if (Date.now() - begun < STREAMED_MS) {
        become("asking");
        await rest(ASK_MS, ending);
        await looked(ending);
      }
      pause = SOONEST_MS;
    } catch {
      // Whatever broke the line, the answer is to come again; the screen says that it is broken.
      if (ending.aborted) return;
      become("lost");
      await rest(pause, ending);
      pause = Math.min(pause * 2, LATEST_MS);
    }
  }
}

/** Take changes until the stream ends. */
async function streamed(changes: Changes, ending: AbortSignal): Promise<void> {
  const silent = new AbortController();
  const request = new Request("/stream", { signal: AbortSignal.any([ending, silent.signal]) });
  const answer = await signedFetch(request);
  if (!answer.ok || answer.body === null) throw new Error(`the stream answered ${answer.status}`);
  let lasting: ReturnType<typeof setTimeout> | undefined;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === "ready") {
        if (link !== "connecting") changes.lost(); // whatever happened since the last stream
        if (link === "asking") lasting = setTimeout(() => become("live"), STREAMED_MS);
        else become("live");
      } else if (event === "reset") changes.lost();
      else if (event === "change") changes.take(JSON.parse(data) as Change);
    },
  });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let timer = setTimeout(() => silent.abort(), SILENT_MS);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENT_MS);
      parser.feed(value);
    }
  } finally {
    clearTimeout(timer);
    clearTimeout(lasting);
  }
}

/** Nobody is asked while nobody looks. */
function looked(ending: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((done) => {
    const again = () => {
      document.removeEventListener("visibilitychange", again);
      done();
    };
    document.addEventListener("visibilitychange", again);
    ending.addEventListener("abort", again);
  });
}

function rest(ms: number, ending: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    ending.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });
}
