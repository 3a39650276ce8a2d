import { useQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import type { RunWords } from "./words";

/** What stages of runs are called, and what codes of skips, exits and alarms mean. */
export function useRunWords(): RunWords {
  return useQuery({
    queryKey: ["reasons"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => got(api.GET("/runs/reasons")),
  }).data;
}
