import { Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { useProfile } from "~/api/profile";
import classes from "./settings.module.css";

/** The settings' pages, and the ways between them. */
export function Frame({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}) {
  const roles = useProfile().data?.roles ?? [];
  const ways = [
    { to: "/settings", label: "Profile" },
    { to: "/settings/security", label: "Security" },
    { to: "/settings/notifications", label: "Notifications" },
    ...(roles.includes("admin") ? [{ to: "/settings/users", label: "Users and roles" }] : []),
    { to: "/settings/about", label: "About" },
  ];
  return (
    <Stack gap="md">
      <Title order={1} size="h2">
        {title}
      </Title>
      <nav className={classes.ways} aria-label="Settings">
        {ways.map((way) => (
          <NavLink key={way.to} to={way.to} end className={classes.way ?? ""}>
            {way.label}
          </NavLink>
        ))}
      </nav>
      {children}
    </Stack>
  );
}
