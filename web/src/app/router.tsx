import { createHashRouter, Navigate, type RouteObject } from "react-router";
import { NotThere } from "./NotThere";
import { type Page, pages } from "./pages";
import { Shell } from "./Shell";

function routeOf(page: Page): RouteObject {
  return {
    path: page.path,
    lazy: async () => ({ Component: await page.load() }),
    ErrorBoundary: NotThere,
  };
}

/** Addresses stand after the `#`: what is before it belongs to the API. */
export const router = createHashRouter([
  {
    path: "/",
    Component: Shell,
    ErrorBoundary: NotThere,
    HydrateFallback: () => null,
    children: [...pages.map(routeOf), { path: "*", element: <Navigate to="/" replace /> }],
  },
]);
