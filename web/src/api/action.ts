import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { Problem } from "./problem";

/**
 * Something that is asked of the platform once, however often a button is pressed.
 *
 * `send` gets an Idempotency-Key. While it is under way a second press does nothing; when nobody knows
 * whether it arrived, the same words go out under the same key again.
 */
export function useAction<Input, Output>(
  send: (input: Input, key: string) => Promise<Output>,
  onDone?: (output: Output, input: Input) => void,
): UseMutationResult<Output, Error, Input> {
  const underWay = useRef<Promise<Output> | undefined>(undefined);
  const last = useRef<{ words: string; key: string } | undefined>(undefined);

  function once(input: Input): Promise<Output> {
    if (underWay.current !== undefined) return underWay.current;
    const words = JSON.stringify(input) ?? "";
    if (last.current?.words !== words) last.current = { words, key: crypto.randomUUID() };
    const sent = send(input, last.current.key).then(
      (output) => {
        last.current = undefined;
        return output;
      },
      (failure: unknown) => {
        // A refusal is an answer: what is asked next is asked anew.
        if (failure instanceof Problem && failure.status < 500) last.current = undefined;
        throw failure;
      },
    );
    underWay.current = sent.finally(() => {
      underWay.current = undefined;
    });
    return underWay.current;
  }

  return useMutation({
    mutationFn: once,
    onSuccess: (output, input) => onDone?.(output, input),
  });
}
