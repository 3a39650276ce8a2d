import type { Role } from "~/api/types";

export const ROLES: readonly Role[] = ["trader", "viewer", "auditor", "admin"];

/** Those of the words that are roles. */
export function rolesAmong(words: readonly string[]): Role[] {
  return ROLES.filter((role) => words.includes(role));
}
