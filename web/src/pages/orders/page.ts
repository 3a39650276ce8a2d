import { IconListDetails } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/orders",
    load: async () => (await import("./Orders")).Orders,
    bar: { label: "Orders", icon: IconListDetails, order: 30 },
  },
  { path: "/orders/:orderId", load: async () => (await import("./OneOrder")).OneOrder },
];
