export interface Work {
  readonly name: string;
  readonly by: string;
  readonly licence: string;
}

/** What the build holds of others; NOTICE in the source says the same. */
export const WORKS: readonly Work[] = [
  { name: "Lightweight Charts", by: "TradingView, Inc.", licence: "Apache 2.0" },
  { name: "React", by: "Meta Platforms, Inc. and affiliates", licence: "MIT" },
  {
    name: "React Router",
    by: "React Training LLC, Remix Software Inc., Shopify Inc.",
    licence: "MIT",
  },
  { name: "Mantine", by: "Vitaly Rtishchev", licence: "MIT" },
  { name: "TanStack Query and Virtual", by: "Tanner Linsley", licence: "MIT" },
  { name: "Tabler Icons", by: "Paweł Kuna", licence: "MIT" },
  { name: "Inter", by: "The Inter Project Authors", licence: "SIL OFL 1.1" },
  { name: "openapi-fetch", by: "Drew Powers", licence: "MIT" },
  { name: "eventsource-parser", by: "Espen Hovlandsdal", licence: "MIT" },
  { name: "uqr", by: "Anthony Fu, Project Nayuki", licence: "MIT" },
  { name: "Day.js", by: "iamkun", licence: "MIT" },
];
