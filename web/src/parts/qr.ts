/** The dark squares of a QR code as one SVG path: a run of them in a row is one rectangle. */
export function outlined(dark: readonly (readonly boolean[])[]): string {
  const drawn: string[] = [];
  dark.forEach((row, y) => {
    let x = 0;
    while (x < row.length) {
      let end = x;
      while (row[end]) end += 1;
      if (end > x) drawn.push(`M${x} ${y}h${end - x}v1h${x - end}z`);
      x = end + 1;
    }
  });
  return drawn.join("");
}
