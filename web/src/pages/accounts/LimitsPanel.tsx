import { Button, Group, NumberInput, Skeleton, Stack, Text } from "@mantine/core";
import type { FormEvent } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import { useTrades } from "~/api/profile";
import type { Account } from "~/api/types";
import { differing, type Edition, useDraft } from "~/parts/draft";
import { Panel } from "~/parts/Panel";
import { Stale } from "~/parts/Stale";
import { Trouble } from "~/parts/Trouble";
import classes from "./accounts.module.css";
import { useAccountsChanged, useLimits } from "./asking";
import { FIELDS, type Field, type Limits, limitText } from "./limits";

/** What the account may do at most. */
export function LimitsPanel({ account }: { readonly account: Account }) {
  const { data, error, refetch } = useLimits(account.account_id);
  const trades = useTrades();
  return (
    <Panel title="Limits" told="Checked before anything is entered; an empty one is off.">
      <Trouble of={error} again={refetch} />
      {data === undefined && error === null && <Skeleton height={200} />}
      {data !== undefined &&
        (trades ? (
          <Form accountId={account.account_id} latest={data} />
        ) : (
          <Shown of={data.shown} />
        ))}
    </Panel>
  );
}

function Shown({ of }: { readonly of: Limits }) {
  return (
    <dl className={`${classes.figures} figures`}>
      {FIELDS.map((field) => (
        <div key={field.name}>
          <dt>{field.label}</dt>
          <dd>{limitText(field, of[field.name])}</dd>
        </div>
      ))}
    </dl>
  );
}

interface FormProps {
  readonly accountId: string;
  readonly latest: Edition<Limits>;
}

function Form({ accountId, latest }: FormProps) {
  const form = useDraft(latest);
  const changed = useAccountsChanged();
  const saving = useAction(
    (body: Limits) =>
      got(
        api.PUT("/accounts/{account_id}/limits", {
          params: { path: { account_id: accountId }, header: { "if-match": form.etag } },
          body,
        }),
      ),
    () => {
      form.saved();
      void changed();
    },
  );
  const refused = saving.error instanceof Problem ? saving.error : undefined;
  const overtaken = refused?.status === 412;
  function submit(event: FormEvent): void {
    event.preventDefault();
    saving.mutate(form.draft, { onError: () => void changed() });
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {form.stale && (
          <Stale
            of={differing(form.draft, latest.shown).map((name) =>
              told(name, form.draft, latest.shown),
            )}
            onMine={form.keepMine}
            onTheirs={form.takeTheirs}
          />
        )}
        {!overtaken && refused?.faults.length !== 1 && <Trouble of={saving.error} />}
        <div className={classes.fields}>
          {FIELDS.map((field) => (
            <Limit
              key={field.name}
              field={field}
              limit={form.draft[field.name]}
              fault={refused?.of(field.name)}
              onChange={(limit) => form.change({ [field.name]: limit })}
            />
          ))}
        </div>
        <Group justify="flex-end">
          {saving.isSuccess && !form.touched && (
            <Text size="sm" role="status">
              Kept. They hold for what is entered from here on.
            </Text>
          )}
          <Button type="submit" loading={saving.isPending} disabled={!form.touched || form.stale}>
            Save limits
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function told(name: keyof Limits, mine: Limits, theirs: Limits) {
  const field = FIELDS.find((each) => each.name === name);
  if (field === undefined) return { name, mine: String(mine[name]), theirs: String(theirs[name]) };
  const texts = { mine: limitText(field, mine[name]), theirs: limitText(field, theirs[name]) };
  return { name: field.label, ...texts };
}

interface LimitProps {
  readonly field: Field;
  readonly limit: number | null;
  readonly fault: string | undefined;
  readonly onChange: (limit: number | null) => void;
}

function Limit({ field, limit, fault, onChange }: LimitProps) {
  return (
    <NumberInput
      label={field.label}
      description={field.means}
      placeholder="off"
      leftSection={field.rupees ? "₹" : undefined}
      hideControls
      allowNegative={false}
      allowDecimal={field.rupees}
      thousandSeparator=","
      thousandsGroupStyle="lakh"
      value={limit ?? ""}
      error={fault}
      onChange={(value) => onChange(typeof value === "number" ? value : null)}
    />
  );
}
