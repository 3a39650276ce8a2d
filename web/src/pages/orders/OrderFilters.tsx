import { Select } from "@mantine/core";
import { useAccounts, useStrategies } from "~/parts/trades/names";
import classes from "./orders.module.css";
import { type Selection, STATUSES } from "./selection";

/** Which orders are shown; kept in the page's address. */
export function OrderFilters({
  selection,
  onSelect,
}: {
  readonly selection: Selection;
  readonly onSelect: (next: Selection) => void;
}) {
  const accounts = useAccounts().data?.items ?? [];
  const strategies = useStrategies().data?.items ?? [];
  return (
    <div className={classes.filters}>
      <Select
        size="xs"
        label="Status"
        placeholder="Every status"
        clearable
        data={STATUSES.map((each) => ({ ...each }))}
        value={selection.status}
        onChange={(status) => onSelect({ ...selection, status })}
      />
      <Select
        size="xs"
        label="Strategy"
        placeholder="Every strategy"
        clearable
        searchable
        data={strategies.map((each) => ({ value: each.strategy_id, label: each.name }))}
        value={selection.strategy}
        onChange={(strategy) => onSelect({ ...selection, strategy })}
      />
      <Select
        size="xs"
        label="Account"
        placeholder="Every account"
        clearable
        data={accounts.map((each) => ({ value: each.account_id, label: each.account_name }))}
        value={selection.account}
        onChange={(account) => onSelect({ ...selection, account })}
      />
    </div>
  );
}
