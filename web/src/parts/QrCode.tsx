import { encode } from "uqr";
import { outlined } from "./qr";

/** A text as a QR code: black on white in both schemes, as cameras read it. */
export function QrCode({ of, label }: { readonly of: string; readonly label: string }) {
  const { data, size } = encode(of, { ecc: "M", border: 3 });
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      width={200}
      height={200}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={outlined(data)} fill="#000" />
    </svg>
  );
}
