import { useDebouncedCallback } from "@mantine/hooks";
import { useCallback, useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";

/** Milliseconds of rest after which the address says where one is. */
const REST_MS = 400;

/** Which moment is looked at, and how to go to another. */
export interface Position {
  /** The version looked at. */
  readonly version: number;
  /** Whether it is the newest, and will be when there is a newer one. */
  readonly latest: boolean;
  readonly go: (version: number) => void;
}

/** The version looked at, kept in the address; the newest unless told. */
export function usePosition(newest: number): Position {
  const [params, setParams] = useSearchParams();
  const asked = versionIn(params.get("v"));
  const [chosen, setChosen] = useState(asked);
  const written = useRef(asked);

  // An address that somebody followed counts, one that was written here does not.
  useEffect(() => {
    if (asked !== written.current) setChosen(asked);
    written.current = asked;
  }, [asked]);

  const write = useDebouncedCallback((version: number | undefined) => {
    written.current = version;
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (version === undefined) after.delete("v");
        else after.set("v", String(version));
        return after;
      },
      { replace: true },
    );
  }, REST_MS);
  const go = useCallback(
    (version: number) => {
      const next = version >= newest ? undefined : Math.max(1, version);
      setChosen(next);
      write(next);
    },
    [newest, write],
  );

  const latest = chosen === undefined || chosen >= newest;
  return { version: latest ? newest : chosen, latest, go };
}

function versionIn(text: string | null): number | undefined {
  const version = Number(text);
  return text !== null && Number.isInteger(version) && version > 0 ? version : undefined;
}
