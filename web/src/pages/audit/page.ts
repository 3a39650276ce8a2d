import { IconListSearch } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/audit",
    load: async () => (await import("./Audit")).Audit,
    bar: { label: "Audit", icon: IconListSearch, order: 80, roles: ["auditor"] },
  },
];
