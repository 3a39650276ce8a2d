import { Wide } from "~/parts/Wide";
import type { Part } from "./difference";
import classes from "./difference.module.css";

/** Changes in a table: what it is, how it was, how it is. */
export function Changes({
  parts,
  was,
  is,
}: {
  readonly parts: readonly Part[];
  readonly was: string;
  readonly is: string;
}) {
  return (
    <Wide of="Differences">
      <table className={classes.table} aria-label={`${was} and ${is}`}>
        <thead>
          <tr>
            <td />
            <th scope="col">{was}</th>
            <th scope="col">{is}</th>
          </tr>
        </thead>
        {parts.map((part) => (
          <Rows key={part.title} part={part} />
        ))}
      </table>
    </Wide>
  );
}

function Rows({ part }: { readonly part: Part }) {
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={3} className={classes.part}>
          {part.title}
        </th>
      </tr>
      {part.changes.map((change) => (
        <tr key={change.label}>
          <th scope="row">{change.label}</th>
          <td>{change.before !== undefined && <del>{change.before}</del>}</td>
          <td>{change.after !== undefined && <ins>{change.after}</ins>}</td>
        </tr>
      ))}
    </tbody>
  );
}
