import { IconChartHistogram } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/strategies",
    load: async () => (await import("./StrategiesList")).StrategiesList,
    bar: { label: "Strategies", icon: IconChartHistogram, order: 10 },
  },
  {
    path: "/strategies/new",
    load: async () => (await import("./NewStrategy")).NewStrategy,
  },
  {
    path: "/strategies/:strategyId",
    load: async () => (await import("./EditStrategy")).EditStrategy,
  },
];
