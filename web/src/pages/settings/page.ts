import { IconSettings } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/settings",
    load: async () => (await import("./Settings")).Settings,
    bar: { label: "Settings", icon: IconSettings, order: 90 },
  },
];
