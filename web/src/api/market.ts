import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, got } from "./client";
import { usePace } from "./live";

/** Milliseconds between two looks at the market's clock. */
const LOOK_MS = 2_000;

interface Sighting {
  readonly market: number;
  readonly wall: number;
}

/** Whether options trade now, and when they do next. */
export function useMarketSession() {
  return useQuery({
    queryKey: ["market", "session"],
    queryFn: async () => {
      const shown = await got(api.GET("/market/session"));
      return { ...shown, seen: Date.now() };
    },
    refetchInterval: usePace(LOOK_MS),
  });
}

/** How fast the market's clock runs, by two looks at it; a practice day may play faster than life. */
export function speedOf(before: Sighting | undefined, after: Sighting): number {
  if (before === undefined || after.wall - before.wall < 200) return 1;
  return Math.max(0, (after.market - before.market) / (after.wall - before.wall));
}

/** The market's time, moving between two looks; undefined before the first. */
export function useMarketNow(everyMs = 250): Date | undefined {
  const { data } = useMarketSession();
  const [seen, setSeen] = useState<{ last: Sighting; speed: number }>();
  const [, setTick] = useState(0);
  const now = data?.now;
  const wall = data?.seen;

  useEffect(() => {
    if (now === undefined || wall === undefined) return;
    const last = { market: Date.parse(now), wall };
    setSeen((before) => ({ last, speed: speedOf(before?.last, last) }));
  }, [now, wall]);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);

  if (seen === undefined) return undefined;
  const since = Math.min(Date.now() - seen.last.wall, 2 * LOOK_MS);
  return new Date(seen.last.market + since * seen.speed);
}
