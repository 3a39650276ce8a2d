import { IconBuildingBank } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/accounts",
    load: async () => (await import("./Accounts")).Accounts,
    bar: { label: "Accounts", icon: IconBuildingBank, order: 60 },
  },
  {
    path: "/accounts/:accountId",
    load: async () => (await import("./AccountPage")).AccountPage,
  },
];
