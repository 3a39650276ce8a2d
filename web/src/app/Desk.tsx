import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { RouterProvider } from "react-router";
import { queries } from "~/api/queries";
import { start, useSession } from "~/api/session";
import { Enrolment } from "./Enrolment";
import { OneTimePassword } from "./OneTimePassword";
import { router } from "./router";
import { SignIn } from "./SignIn";
import { theme } from "./theme";
import { Waiting } from "./Waiting";

/** Everything: who is signed in decides what there is to see. */
export function Desk() {
  return (
    // The page's policy allows no style elements: Mantine's own are in the stylesheet.
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <Notifications position="bottom-right" limit={4} />
      <Entrance />
    </MantineProvider>
  );
}

function Entrance() {
  const session = useSession();
  useEffect(() => {
    void start();
  }, []);

  if (session.state === "starting") return <Waiting for="the platform" />;
  if (session.state === "out") return <SignIn why={session.why} />;
  if (session.mustChangePassword) return <OneTimePassword />;
  if (session.mustEnrol) return <Enrolment />;
  return <SignedIn key={session.userId} />;
}

/** What one user has seen is forgotten with their session. */
function SignedIn() {
  const [client] = useState(queries);
  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
