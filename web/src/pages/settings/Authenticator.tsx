import { Badge, Button, Group, PasswordInput, Skeleton, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Enrol } from "~/parts/Enrol";
import { OneTimeCode } from "~/parts/OneTimeCode";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { useAuthenticator, useUsersChanged } from "./asking";
import { faultOf, fieldFault } from "./saving";

/** An app whose codes are asked for at every sign-in. */
export function Authenticator() {
  const { data, error, refetch } = useAuthenticator();
  const enrolled = data?.enrolled;
  return (
    <Panel
      title="Authenticator"
      told="With one, a stolen password alone opens nothing."
      side={
        enrolled === undefined ? undefined : (
          <Badge variant="light" color={enrolled ? "teal" : "yellow"}>
            {enrolled ? "Enrolled" : "Not enrolled"}
          </Badge>
        )
      }
    >
      <Trouble of={error} again={refetch} />
      {data === undefined && error === null && <Skeleton height={90} />}
      {enrolled === false && <SetUp />}
      {enrolled === true && <Remove />}
    </Panel>
  );
}

function SetUp() {
  const changed = useUsersChanged();
  return (
    <Enrol
      ask={(password) => got(api.POST("/auth/totp", { body: { password } }))}
      confirm={(otp) => got(api.POST("/auth/totp/confirm", { body: { otp } }))}
      onDone={() => void changed()}
    />
  );
}

const NONE = { password: "", otp: "" };

function Remove() {
  const [asked, setAsked] = useState(false);
  const [proof, setProof] = useState(NONE);
  const changed = useUsersChanged();
  const removing = useAction(
    (body: typeof NONE) => got(api.POST("/auth/totp/disable", { body })),
    () => void changed(),
  );
  function submit(event: FormEvent): void {
    event.preventDefault();
    removing.mutate(proof);
  }
  if (!asked) {
    return (
      <Group justify="space-between">
        <Text size="sm">A code of it is asked for at every sign-in.</Text>
        <Button variant="subtle" color="red" onClick={() => setAsked(true)}>
          Remove it
        </Button>
      </Group>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">From then on your password alone signs you in.</Text>
        <Trouble of={faultOf(removing.error, "otp", "password")} />
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          required
          value={proof.password}
          error={fieldFault(removing.error, "password")}
          onChange={(event) => setProof({ ...proof, password: event.currentTarget.value })}
        />
        <OneTimeCode
          value={proof.otp}
          fault={fieldFault(removing.error, "otp")}
          onChange={(otp) => setProof({ ...proof, otp })}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => setAsked(false)}>
            Back
          </Button>
          <Button type="submit" color="red.9" loading={removing.isPending}>
            Remove the authenticator
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
