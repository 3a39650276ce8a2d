import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useSearchParams } from "react-router";
import { useAction } from "~/api/action";
import { useMarketNow } from "~/api/market";
import { useTrades } from "~/api/profile";
import type { Account } from "~/api/types";
import { brokerName, sessionLeft } from "~/parts/account";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import classes from "./accounts.module.css";
import { Disconnect } from "./Disconnect";
import { leaveToLogIn, useBegun } from "./login";

/** The session at the broker: how long it lasts, and how to open one. */
export function Session({ account }: { readonly account: Account }) {
  const trades = useTrades();
  return (
    <Panel
      title={`Session at ${brokerName(account.broker)}`}
      told="The broker ends it every morning at 06:00 IST; log in again by 08:30."
    >
      <Stack gap="sm">
        <JustConnected account={account} />
        <Countdown account={account} />
        {trades && <Ways account={account} />}
      </Stack>
    </Panel>
  );
}

function JustConnected({ account }: { readonly account: Account }) {
  const [search, setSearch] = useSearchParams();
  const [begun, forget] = useBegun();
  if (search.get("connected") === null || begun !== account.account_id) return null;
  if (account.status !== "CONNECTED") return null;
  function close(): void {
    forget();
    setSearch({}, { replace: true });
  }
  return (
    <Alert color="teal" title="Logged in" withCloseButton closeButtonLabel="Close" onClose={close}>
      The account may trade, and prices come through this login.
    </Alert>
  );
}

function Countdown({ account }: { readonly account: Account }) {
  const now = useMarketNow(500);
  const left = now && sessionLeft(account.session_expires_at, now);
  if (!left) return <Text size="sm">{CLOSED[account.status]}</Text>;
  return (
    <div>
      <div
        className={`${classes.countdown} figures`}
        data-soon={left.soon || undefined}
        role="timer"
        aria-label="Session ends in"
      >
        {left.left}
      </div>
      <Text size="sm" c="dimmed">
        until {left.until}
        {account.broker_user_id !== null && ` · logged in as ${account.broker_user_id}`}
      </Text>
    </div>
  );
}

const CLOSED: Readonly<Record<Account["status"], string>> = {
  CONNECTED: "Open.",
  EXPIRED: "Your session has ended: log in again. Until then nothing is entered here.",
  DISCONNECTED: "Nobody is logged in: nothing is entered here, and no exit finds its way.",
  UNLINKED: "This account is not linked any more.",
};

function Ways({ account }: { readonly account: Account }) {
  const [leaving, { open, close }] = useDisclosure(false);
  const login = useAction(() => leaveToLogIn(account));
  const connected = account.status === "CONNECTED";
  const keyless = account.secrets_ref === null;
  return (
    <>
      <Trouble of={login.error} />
      {keyless && (
        <Text size="sm">Before the first login, give the keys of your app at the broker.</Text>
      )}
      <Group>
        <Button
          variant={connected ? "default" : "filled"}
          loading={login.isPending}
          disabled={keyless}
          onClick={() => login.mutate(undefined)}
        >
          {connected ? "Log in anew" : `Log in at ${brokerName(account.broker)}`}
        </Button>
        {connected && (
          <Button variant="default" onClick={open}>
            Log out
          </Button>
        )}
      </Group>
      <Disconnect account={account} open={leaving} onClose={close} />
    </>
  );
}
