import { type Dispatch, type SetStateAction, useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import type { Unsaved } from "~/api/unsaved";

/** State of a form that is there again after its session ended and the same user signed in. */
export function useUnsaved<T>(
  kind: Unsaved<T>,
  first: () => T,
): readonly [T, Dispatch<SetStateAction<T>>] {
  const { pathname, search } = useLocation();
  const place = pathname + search;
  const [value, set] = useState(() => kind.keptOf(place) ?? first());
  const typed = useRef(value);
  useEffect(() => {
    typed.current = value;
  }, [value]);
  useEffect(() => kind.typing(place, () => typed.current), [kind, place]);
  return [value, set];
}
