import { IconBasket } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/baskets",
    load: async () => (await import("./Baskets")).Baskets,
    bar: { label: "Baskets", icon: IconBasket, order: 20 },
  },
  { path: "/baskets/new", load: async () => (await import("./NewBasket")).NewBasket },
  { path: "/baskets/import", load: async () => (await import("./ImportBasket")).ImportBasket },
  { path: "/baskets/:basketId", load: async () => (await import("./BasketPage")).BasketPage },
];
