import { IconInbox } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/inbox",
    load: async () => (await import("./Inbox")).Inbox,
    bar: { label: "Inbox", icon: IconInbox, order: 70 },
  },
];
