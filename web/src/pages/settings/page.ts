import { IconSettings } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/settings",
    load: async () => (await import("./ProfilePage")).ProfilePage,
    bar: { label: "Settings", icon: IconSettings, order: 90 },
  },
  {
    path: "/settings/security",
    load: async () => (await import("./SecurityPage")).SecurityPage,
  },
  {
    path: "/settings/notifications",
    load: async () => (await import("./NotificationsPage")).NotificationsPage,
  },
  { path: "/settings/users", load: async () => (await import("./UsersPage")).UsersPage },
  { path: "/settings/about", load: async () => (await import("./AboutPage")).AboutPage },
];
