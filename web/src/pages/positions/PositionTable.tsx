import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { useTrades } from "~/api/profile";
import type { Position } from "~/api/types";
import { type Names, useNames } from "~/parts/trades/names";
import { Scrolled } from "~/parts/trades/Scrolled";
import { contractWord, symbolOf } from "~/parts/trades/words";
import { count, price, profit, tone } from "~/words/money";
import { ExitPosition } from "./ExitPosition";
import { type By, type Group, type Line, type Part, total } from "./grouping";
import classes from "./positions.module.css";

/** Positions of an account in groups, each with its sums. */
export function PositionTable({
  positions,
  groups,
  by,
}: {
  readonly positions: readonly Position[];
  readonly groups: readonly Group[];
  readonly by: By;
}) {
  const trades = useTrades();
  const names = useNames();
  return (
    <Scrolled label={`Positions by ${by}`}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Contract</th>
            <th scope="col">Product</th>
            <th scope="col">Units</th>
            <th scope="col">Average</th>
            <th scope="col">Last</th>
            <th scope="col">Unrealised</th>
            <th scope="col">Realised</th>
            <th scope="col">Held by</th>
            <th scope="col">
              <span className={classes.unseen}>Exit</span>
            </th>
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group.key}>
            <GroupRow group={group} name={groupName(group, by, names)} />
            {group.lines.map((line) => (
              <LineRow
                key={`${line.position.key} ${line.position.product} ${line.parts[0]?.run_id}`}
                line={line}
                names={names}
              >
                {trades && line.position.quantity !== 0 && (
                  <ExitPosition position={line.position} positions={positions} />
                )}
              </LineRow>
            ))}
          </tbody>
        ))}
      </table>
    </Scrolled>
  );
}

function GroupRow({ group, name }: { readonly group: Group; readonly name: string }) {
  const { realised, unrealised } = total(group.lines);
  return (
    <tr className={classes.group}>
      <th scope="rowgroup" colSpan={5}>
        {name}
      </th>
      <td className={tone(unrealised)}>{profit(unrealised)}</td>
      <td className={tone(realised)}>{profit(realised)}</td>
      <td colSpan={2} />
    </tr>
  );
}

function LineRow({
  line,
  names,
  children,
}: {
  readonly line: Line;
  readonly names: Names;
  readonly children: React.ReactNode;
}) {
  const { position, quantity, realised, unrealised } = line;
  return (
    <tr>
      <th scope="row" title={symbolOf(position.key)}>
        {contractWord(position.key, position.contract)}
      </th>
      <td>{position.product}</td>
      <td>{count(quantity)}</td>
      <td>{quantity === 0 ? price(null) : price(line.average_price)}</td>
      <td>{price(position.last_price)}</td>
      <td className={tone(unrealised)}>{profit(quantity === 0 ? null : unrealised)}</td>
      <td className={tone(realised)}>{profit(realised)}</td>
      <td>
        {line.parts.map((part) => (
          <Holder key={`${part.kind} ${part.run_id}`} part={part} names={names} />
        ))}
      </td>
      <td>{children}</td>
    </tr>
  );
}

/** Which source adds how much. */
function Holder({ part, names }: { readonly part: Part; readonly names: Names }) {
  const units = <span className={classes.units}>{count(part.quantity)}</span>;
  if (part.run_id === null) {
    return (
      <div>
        {part.kind === "EXTERNAL" ? "Your own" : "Adopted"} {units}
      </div>
    );
  }
  return (
    <div>
      <Anchor component={Link} to={`/history/${part.run_id}`} size="sm">
        {names.strategy(part.strategy_id ?? "")}
      </Anchor>{" "}
      {units}
    </div>
  );
}

function groupName(group: Group, by: By, names: Names): string {
  if (by === "underlying") return group.key;
  if (group.key === "ADOPTED") return "Adopted by the account";
  return group.key === "EXTERNAL" ? "Your own, never touched" : names.strategy(group.key);
}
