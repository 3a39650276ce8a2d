import { NumberInput, Text, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import type { Account } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import { productOf } from "~/parts/trades/words";
import { awayWords, type Drift, driftWords, type Way } from "./drift";

interface Words {
  readonly title: string;
  readonly verb: string;
  readonly what: (drift: Drift) => string;
}

const WORDS: Readonly<Record<Way, Words>> = {
  adopt: {
    title: "Count it in",
    verb: "Count it in",
    what: () =>
      "What closes a run's position becomes that run's own trade, at the price of today's trades there or the one you give. The rest is held by the account as adopted. Counting trades nothing; but a run that turns out to have lost a hedge leaves whole at once, as its shorts stand uncovered.",
  },
  ignore: {
    title: "It is mine",
    verb: "Leave it to me",
    what: () =>
      "It is shown as your own and never touched, neither by an exit nor by the kill switch for runs. Refused for what closes a run's position, as its exit would trade it again. Nothing is traded.",
  },
  flatten: {
    title: "Trade it away",
    verb: "Trade it away now",
    what: (drift) =>
      `A run of its own is opened now and ${awayWords(drift)} at market prices: exactly the difference, nothing else of the contract.`,
  },
  explain: {
    title: "Let it be",
    verb: "Let it be",
    what: () =>
      "It is let be for as long as it stays the same, and told anew when it changes. Nothing is counted and nothing is traded; exits stay capped by what the broker has.",
  },
};

/** What may be said of a difference, as it is typed. */
interface Saying {
  readonly reason: string;
  readonly price: number | string;
  readonly run: string;
}

/** Settles one difference, in one of the four ways. */
export function Resolve({
  account,
  drift,
  way,
  onClose,
}: {
  readonly account: Account;
  readonly drift: Drift;
  readonly way: Way;
  readonly onClose: () => void;
}) {
  const [saying, setSaying] = useState<Saying>({ reason: "", price: "", run: "" });
  const client = useQueryClient();
  const settle = useAction(
    (said: Saying, key: string) => send(account.account_id, drift, way, said, key),
    () => {
      for (const view of ["broker_accounts", "positions"]) {
        void client.invalidateQueries({ queryKey: [view] });
      }
      onClose();
    },
  );
  const words = WORDS[way];
  const refused = settle.error instanceof Problem ? settle.error : undefined;
  const shownBelow = refused?.faults.some((fault) => FIELDS.has(fault.field)) ?? false;
  return (
    <Confirm
      title={words.title}
      verb={words.verb}
      danger={way === "flatten" || way === "adopt"}
      busy={settle.isPending}
      disabled={way === "explain" && saying.reason.trim() === ""}
      failure={shownBelow ? null : settle.error}
      onConfirm={() => settle.mutate(saying)}
      onClose={onClose}
    >
      <Text size="sm" fw={600}>
        {driftWords(drift)}
      </Text>
      <Text size="sm">{words.what(drift)}</Text>
      {way === "adopt" && <Adopting saying={saying} onSay={setSaying} refused={refused} />}
      {way !== "flatten" && (
        <Textarea
          label={way === "explain" ? "How it came about" : "Why (optional)"}
          description="It is kept with the account for ever."
          maxLength={500}
          autosize
          minRows={2}
          value={saying.reason}
          error={refused?.of("how") ?? refused?.of("reason")}
          onChange={(event) => setSaying({ ...saying, reason: event.currentTarget.value })}
        />
      )}
    </Confirm>
  );
}

/** Fields whose refusal is shown beside them. */
const FIELDS: ReadonlySet<string> = new Set(["price", "run_id", "how", "reason"]);

function Adopting({
  saying,
  onSay,
  refused,
}: {
  readonly saying: Saying;
  readonly onSay: (said: Saying) => void;
  readonly refused: Problem | undefined;
}) {
  return (
    <>
      <NumberInput
        label="Price it was traded at, ₹ (optional)"
        description="Only where the broker's trades of today do not tell."
        min={0.01}
        decimalScale={2}
        value={saying.price}
        error={refused?.of("price")}
        onChange={(price) => onSay({ ...saying, price })}
      />
      {refused?.of("run_id") !== undefined && (
        <TextInput
          label="The run that it closes"
          value={saying.run}
          error={refused.of("run_id")}
          onChange={(event) => onSay({ ...saying, run: event.currentTarget.value })}
        />
      )}
    </>
  );
}

async function send(
  accountId: string,
  drift: Drift,
  way: Way,
  { reason, price, run }: Saying,
  idempotencyKey: string,
): Promise<unknown> {
  const params = {
    path: { account_id: accountId },
    header: { "idempotency-key": idempotencyKey },
  };
  const { key, product, kind, order } = drift;
  switch (way) {
    case "adopt": {
      const traded = { price: price === "" ? null : price, run_id: run || null };
      const body = { key, product, reason, ...traded };
      return got(api.POST("/accounts/{account_id}/adopt-position", { params, body }));
    }
    case "ignore": {
      const body = { key, product, reason };
      return got(api.POST("/accounts/{account_id}/ignore-position", { params, body }));
    }
    case "flatten": {
      const body = { key, product: productOf(product) ?? "MIS" };
      return got(api.POST("/accounts/{account_id}/flatten-position", { params, body }));
    }
    case "explain": {
      const body = { key, product, kind, order, how: reason };
      return got(api.POST("/accounts/{account_id}/resolve-drift", { params, body }));
    }
  }
}
