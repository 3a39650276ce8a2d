import type { components, paths } from "./schema";

/** Everything the platform takes and shows, as its own description has it. */
export type Schemas = components["schemas"];
export type Paths = paths;
export type Account = Schemas["AccountShown"];
export type Basket = Schemas["BasketShown"];
export type Strategy = Schemas["StrategyShown"];
export type Definition = Schemas["Definition"];
export type Run = Schemas["RunShown"];
export type Order = Schemas["OrderShown"];
export type Position = Schemas["PositionShown"];
export type Notice = Schemas["NoticeShown"];
export type Role = Schemas["Role"];
