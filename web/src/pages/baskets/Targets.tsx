import { Anchor, Checkbox, NumberInput, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Problem } from "~/api/problem";
import type { Account, Schemas } from "~/api/types";
import classes from "./baskets.module.css";
import { multiplied, switched } from "./draft";

type Target = Schemas["Target"];

interface Props {
  readonly targets: readonly Target[];
  readonly accounts: readonly Account[];
  /** What the platform refused, if it did. */
  readonly refused: Problem | undefined;
  readonly disabled: boolean;
  readonly onChange: (targets: readonly Target[]) => void;
}

/** On which accounts a basket trades, and how large on each. */
export function Targets({ targets, accounts, refused, disabled, onChange }: Props) {
  const gone = targets.filter(
    (each) => !accounts.some((account) => account.account_id === each.account_id),
  );
  const same = { targets, refused, disabled, onChange };
  return (
    <fieldset className={classes.targets}>
      <legend>Accounts</legend>
      <Text size="xs" c="dimmed">
        Lots and rupee limits are multiplied by the number; 0 leaves the account out for now. With
        one linked account, none has to be chosen.
      </Text>
      <Stack gap="xs" mt="xs">
        {accounts.map((account) => (
          <Row
            key={account.account_id}
            id={account.account_id}
            name={account.account_name}
            told={account.broker}
            {...same}
          />
        ))}
        {gone.map(({ account_id: id }) => (
          <Row key={id} id={id} name={id} told="not linked" {...same} />
        ))}
      </Stack>
      {accounts.length === 0 && (
        <Anchor component={Link} to="/accounts" size="sm">
          Link an account
        </Anchor>
      )}
      {refused?.of("targets") !== undefined && (
        <Text size="xs" className="loss" role="alert">
          {refused.of("targets")}
        </Text>
      )}
    </fieldset>
  );
}

interface RowProps extends Omit<Props, "accounts"> {
  readonly id: string;
  readonly name: string;
  readonly told: string;
}

function Row({ id, name, told, targets, refused, disabled, onChange }: RowProps) {
  const place = targets.findIndex((each) => each.account_id === id);
  const at = `targets[${place}]`;
  return (
    <div className={classes.target}>
      <Checkbox
        label={name}
        description={told}
        checked={place >= 0}
        disabled={disabled}
        error={refused?.of(`${at}.account_id`)}
        onChange={() => onChange(switched(targets, id))}
      />
      {place >= 0 && (
        <NumberInput
          aria-label={`Multiplier of ${name}`}
          prefix="× "
          size="xs"
          allowDecimal={false}
          value={targets[place]?.multiplier ?? 1}
          disabled={disabled}
          error={refused?.of(`${at}.multiplier`)}
          onChange={(typed) => onChange(multiplied(targets, id, Number(typed)))}
        />
      )}
    </div>
  );
}
