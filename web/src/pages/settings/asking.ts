import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got, gotEdition } from "~/api/client";
import type { Schemas } from "~/api/types";

export type User = Schemas["UserShown"];
export type Profile = Schemas["Profile"];

/** Whoever is signed in, with the edition that a change has to name. */
export function useOwnEdition() {
  return useQuery({
    queryKey: ["users", "me", "edition"],
    queryFn: () => gotEdition(api.GET("/users/profile")),
  });
}

export function useTargets() {
  return useQuery({
    queryKey: ["users", "me", "targets"],
    queryFn: () => gotEdition(api.GET("/notifications/targets")),
  });
}

export function useAuthenticator() {
  return useQuery({
    queryKey: ["users", "me", "authenticator"],
    queryFn: () => got(api.GET("/auth/totp")),
  });
}

/** Everybody, page by page; for admins. */
export function useUsers(allowed: boolean) {
  return useInfiniteQuery({
    queryKey: ["users", "listed"],
    enabled: allowed,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      got(
        api.GET("/users", {
          params: { query: { ...(pageParam === null ? {} : { cursor: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Ask for users anew, once something of them was changed. */
export function useUsersChanged(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ["users"] });
}
