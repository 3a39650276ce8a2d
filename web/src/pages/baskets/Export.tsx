import { Button } from "@mantine/core";
import { IconFileExport } from "@tabler/icons-react";
import type { Basket } from "~/api/types";
import { useMembers } from "~/parts/trades/names";
import { fileName, fileOf } from "./file";

/** Hands out the basket as a file that can be imported here or by the command line. */
export function Export({ basket }: { readonly basket: Basket }) {
  const { data } = useMembers(basket.basket_id);
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconFileExport size={16} />}
      disabled={data === undefined}
      onClick={() => data !== undefined && download(basket.name, fileOf(basket, data.items))}
    >
      Export
    </Button>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName(name);
  link.click();
  URL.revokeObjectURL(address);
}
