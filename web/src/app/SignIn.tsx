import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { inWords, Problem } from "~/api/problem";
import { signIn } from "~/api/session";
import { OneTimeCode } from "~/parts/OneTimeCode";
import { Door } from "./Door";

/** E-mail address, password, and the authenticator's code once it is asked for. */
export function SignIn({ why }: { readonly why: string | undefined }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [otp, setOtp] = useState("");
  const [coded, setCoded] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      await signIn(email, password, otp || null);
    } catch (refused) {
      const code = refused instanceof Problem ? refused.code : "";
      const asksCode = code === "otp-required";
      setCoded(coded || asksCode);
      setFailure(asksCode ? undefined : inWords(refused));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Door title="Sign in">
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          {why !== undefined && <Alert color="yellow">{why}</Alert>}
          {failure !== undefined && (
            <Alert color="red" role="alert">
              {failure}
            </Alert>
          )}
          <TextInput
            label="E-mail address"
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {coded && <OneTimeCode value={otp} first onChange={setOtp} />}
          <Button type="submit" loading={busy}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Door>
  );
}
