import { Button, Group, Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import type { Basket } from "~/api/types";
import { type Edition, useDraft } from "~/parts/draft";
import { Panel } from "~/parts/Panel";
import { Stale } from "~/parts/Stale";
import { Trouble } from "~/parts/Trouble";
import { useAccounts } from "~/parts/trades/names";
import { type Draft, differences, draftOf, sentOf } from "./draft";
import { Fields } from "./Fields";

interface Sent {
  readonly draft: Draft;
  readonly etag: string | null;
}

function put(basketId: string, { draft, etag }: Sent): Promise<Basket> {
  const header = etag === null ? {} : { "if-match": etag };
  const params = { path: { basket_id: basketId }, header };
  return got(api.PUT("/baskets/{basket_id}", { params, body: sentOf(draft) }));
}

/** Name, description and accounts; what somebody else changed meanwhile stands beside one's own. */
export function EditBasket({
  edition,
  trades,
}: {
  readonly edition: Edition<Basket>;
  readonly trades: boolean;
}) {
  const { shown: basket, etag } = edition;
  const client = useQueryClient();
  const accounts = useAccounts().data?.items ?? [];
  const form = useDraft<Draft>({ shown: draftOf(basket), etag });
  const save = useAction((sent: Sent) => put(basket.basket_id, sent), form.saved);
  const changed = save.error instanceof Problem && save.error.status === 412;

  function submit(): void {
    save.mutate(
      { draft: form.draft, etag: form.etag },
      { onSettled: () => client.invalidateQueries({ queryKey: ["baskets"] }) },
    );
  }

  return (
    <Panel title="Name and accounts" told="A change counts from its next run.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack>
          {form.stale && form.touched && (
            <Stale
              of={differences(form.draft, draftOf(basket), accounts)}
              onMine={form.keepMine}
              onTheirs={form.takeTheirs}
            />
          )}
          <Fields
            draft={form.draft}
            refused={save.error instanceof Problem ? save.error : undefined}
            disabled={!trades}
            onChange={form.change}
          />
          {!changed && <Trouble of={save.error} />}
          {trades && (
            <Group justify="flex-end">
              <Button type="submit" disabled={!form.touched || form.stale} loading={save.isPending}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Panel>
  );
}
