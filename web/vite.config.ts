import { fileURLToPath, URL } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` speaks to a platform on this machine; the build is served by the platform itself.
const PLATFORM = process.env.ATP_URL ?? "http://127.0.0.1:8000";
const NOUNS =
  "health|auth|users|accounts|baskets|strategies|runs|orders|positions|pnl|market|preview|audit|streams|inbox|notifications|stream";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // an inlined asset would be refused by the page's policy
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
  },
  server: { proxy: { [`^/(${NOUNS})(/|\\?|$)`]: { target: PLATFORM } } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
