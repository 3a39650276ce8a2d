import { Dot } from "~/parts/Dot";
import { statusTone, statusWord } from "./words";

/** What has become of an order, a leg or a slice. */
export function Status({ of }: { readonly of: string }) {
  return <Dot tone={statusTone(of)}>{statusWord(of)}</Dot>;
}
