import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/strategies/:strategyId/versions",
    load: async () => (await import("./Versions")).Versions,
  },
];
