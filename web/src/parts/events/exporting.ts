import { api, got } from "~/api/client";
import type { Paths } from "~/api/types";

export type Wanted = NonNullable<Paths["/audit/export"]["get"]["parameters"]["query"]>;

/** Fetch the events that match, one a line, and have the browser keep them as a file. */
export async function exportAudit(wanted: Wanted, name: string): Promise<void> {
  const lines = await got(api.GET("/audit/export", { params: { query: wanted }, parseAs: "blob" }));
  const address = URL.createObjectURL(lines as Blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
