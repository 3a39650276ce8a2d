import { useQuery } from "@tanstack/react-query";
import { api, got } from "./client";
import type { Role } from "./types";

/** Who is signed in. */
export function useProfile() {
  return useQuery({ queryKey: ["users", "me"], queryFn: () => got(api.GET("/users/profile")) });
}

const TRADING: readonly Role[] = ["trader", "admin"];

/** Whether the signed-in user may trade: what they may not do is not offered. */
export function useTrades(): boolean {
  const roles = useProfile().data?.roles ?? [];
  return roles.some((role) => TRADING.includes(role));
}
