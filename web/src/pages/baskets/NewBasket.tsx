import { Button, Group, Stack, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import { ForTraders } from "~/parts/ForTraders";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import classes from "./baskets.module.css";
import { type Draft, EMPTY, sentOf } from "./draft";
import { Fields } from "./Fields";

/** A basket that is not there yet. */
export function NewBasket() {
  return (
    <ForTraders told="Your role may look at baskets, not make them.">
      <Composing />
    </ForTraders>
  );
}

function Composing() {
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const goTo = useNavigate();
  const client = useQueryClient();
  const compose = useAction(
    (body: Draft, key) =>
      got(
        api.POST("/baskets", {
          params: { header: { "idempotency-key": key } },
          body: sentOf(body),
        }),
      ),
    ({ basket_id }) => {
      void client.invalidateQueries({ queryKey: ["baskets"] });
      void goTo(`/baskets/${basket_id}`);
    },
  );
  const refused = compose.error instanceof Problem ? compose.error : undefined;
  return (
    <div className={classes.narrow}>
      <Title order={1} size="h2" mb="md">
        New basket
      </Title>
      <Panel title="What it is and where it trades">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            compose.mutate(draft);
          }}
        >
          <Stack>
            <Fields
              draft={draft}
              refused={refused}
              onChange={(changes) => setDraft({ ...draft, ...changes })}
            />
            <Trouble of={compose.error} />
            <Group justify="flex-end">
              <Button component={Link} to="/baskets" variant="default">
                Back
              </Button>
              <Button type="submit" loading={compose.isPending}>
                Compose it
              </Button>
            </Group>
          </Stack>
        </form>
      </Panel>
    </div>
  );
}
