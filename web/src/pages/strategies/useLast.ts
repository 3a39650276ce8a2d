import { useEffect, useRef } from "react";

/** The last value there was, while there is none: a picture stays until a newer one takes its place. */
export function useLast<T>(value: T | undefined): T | undefined {
  const last = useRef(value);
  useEffect(() => {
    if (value !== undefined) last.current = value;
  }, [value]);
  return value ?? last.current;
}
