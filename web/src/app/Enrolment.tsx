import { Button, Text } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "~/api/client";
import { enrolled, signOut } from "~/api/session";
import { Enrol } from "~/parts/Enrol";
import { Door } from "./Door";

/** Where nobody signs in without an authenticator, one is set up before anything is shown. */
export function Enrolment() {
  const [client] = useState(() => new QueryClient());
  return (
    <Door title="Set up your authenticator">
      <Text size="sm" c="dimmed" mb="sm">
        Signing in here asks for a code of an authenticator app, besides your password.
      </Text>
      <QueryClientProvider client={client}>
        <Enrol
          ask={(password) => got(api.POST("/auth/totp", { body: { password } }))}
          confirm={(otp) => got(api.POST("/auth/totp/confirm", { body: { otp } }))}
          onDone={enrolled}
          aside={
            <Button variant="default" onClick={() => void signOut()}>
              Sign out
            </Button>
          }
        />
      </QueryClientProvider>
    </Door>
  );
}
