import { Button, Code, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useAction } from "~/api/action";
import { Problem } from "~/api/problem";
import type { Schemas } from "~/api/types";
import { OneTimeCode } from "./OneTimeCode";
import { QrCode } from "./QrCode";
import { Trouble } from "./Trouble";

type Offer = Schemas["EnrolmentShown"];

interface Props {
  /** Ask for a secret by the password; confirm it by a first code. */
  readonly ask: (password: string) => Promise<Offer>;
  readonly confirm: (otp: string) => Promise<unknown>;
  readonly onDone: () => void;
  /** Beside the button: another way out. */
  readonly aside?: ReactNode;
}

/** An authenticator app is set up: the password first, then its secret, then a code of it. */
export function Enrol({ ask, confirm, onDone, aside }: Props) {
  const [offer, setOffer] = useState<Offer>();
  return offer === undefined ? (
    <Prove ask={ask} onOffer={setOffer} aside={aside} />
  ) : (
    <Scan offer={offer} confirm={confirm} onDone={onDone} aside={aside} />
  );
}

interface ProveProps {
  readonly ask: Props["ask"];
  readonly onOffer: (offer: Offer) => void;
  readonly aside: ReactNode;
}

function Prove({ ask, onOffer, aside }: ProveProps) {
  const [password, setPassword] = useState("");
  const asking = useAction(ask, onOffer);
  const refused = asking.error instanceof Problem ? asking.error : undefined;
  function submit(event: FormEvent): void {
    event.preventDefault();
    asking.mutate(password);
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {refused?.of("password") === undefined && <Trouble of={asking.error} />}
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          required
          value={password}
          error={refused?.of("password")}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          {aside}
          <Button type="submit" loading={asking.isPending}>
            Set up an authenticator
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ScanProps {
  readonly offer: Offer;
  readonly confirm: Props["confirm"];
  readonly onDone: () => void;
  readonly aside: ReactNode;
}

function Scan({ offer, confirm, onDone, aside }: ScanProps) {
  const [otp, setOtp] = useState("");
  const confirming = useAction(confirm, onDone);
  const refused = confirming.error instanceof Problem ? confirming.error : undefined;
  function submit(event: FormEvent): void {
    event.preventDefault();
    confirming.mutate(otp);
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">
          Scan this with your authenticator app, or type the secret there; then give its code.
        </Text>
        <Group justify="center">
          <QrCode of={offer.uri} label="The secret, as a QR code for an authenticator app" />
        </Group>
        <Code block aria-label="The secret, to be typed">
          {offer.secret.replace(/(.{4})(?=.)/g, "$1 ")}
        </Code>
        {refused?.of("otp") === undefined && <Trouble of={confirming.error} />}
        <OneTimeCode value={otp} fault={refused?.of("otp")} onChange={setOtp} />
        <Group justify="flex-end">
          {aside}
          <Button type="submit" loading={confirming.isPending}>
            Confirm the code
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
