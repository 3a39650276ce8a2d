import { Anchor, Table } from "@mantine/core";
import { Link } from "react-router";
import type { Schemas } from "~/api/types";
import { Panel } from "~/parts/Panel";
import type { PnlNow } from "~/parts/runs/asking";
import { useBaskets, useNames } from "~/parts/trades/names";
import { Wide } from "~/parts/Wide";
import { count, rupees } from "~/words/money";
import { Money } from "./Money";
import classes from "./today.module.css";

/** What each account and each basket made today. */
export function Sums({ pnl }: { readonly pnl: PnlNow | undefined }) {
  const names = useNames();
  const baskets = useBaskets().data?.items ?? [];
  if (pnl === undefined || pnl.runs.length === 0) return null;
  const named = (id: string) => baskets.find((each) => each.basket_id === id)?.name;
  return (
    <div className={classes.halves}>
      <Sum
        of="account"
        rows={pnl.accounts.map((each) => ({
          ...each,
          id: each.account_id,
          name: names.account(each.account_id),
          to: `/accounts/${each.account_id}`,
        }))}
      />
      <Sum
        of="basket"
        rows={pnl.baskets.map((each) => ({
          ...each,
          id: each.basket_id,
          name: named(each.basket_id) ?? "Flattening",
          to: named(each.basket_id) && `/baskets/${each.basket_id}`,
        }))}
      />
    </div>
  );
}

type SumRow = Schemas["GainShown"] & {
  readonly id: string;
  readonly name: string;
  readonly to: string | undefined;
};

function Sum({ of, rows }: { readonly of: string; readonly rows: readonly SumRow[] }) {
  return (
    <Panel title={`By ${of}`}>
      <Wide of={`P&L today by ${of}`}>
        <Table aria-label={`P&L today by ${of}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{of === "account" ? "Account" : "Basket"}</Table.Th>
              <Table.Th ta="right">Runs</Table.Th>
              <Table.Th ta="right">Charges</Table.Th>
              <Table.Th ta="right">P&L</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.id}>
                <Table.Td>
                  {row.to === undefined ? (
                    row.name
                  ) : (
                    <Anchor component={Link} to={row.to} size="sm">
                      {row.name}
                    </Anchor>
                  )}
                </Table.Td>
                <Table.Td ta="right">{count(row.runs)}</Table.Td>
                <Table.Td ta="right">{rupees(row.charges)}</Table.Td>
                <Table.Td ta="right">
                  <Money of={row.gross} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Panel>
  );
}
