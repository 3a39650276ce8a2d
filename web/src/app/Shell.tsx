import {
  ActionIcon,
  Burger,
  Group,
  Menu,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMoon, IconSun, IconUser } from "@tabler/icons-react";
import { Suspense } from "react";
import { NavLink, Outlet, useNavigation } from "react-router";
import { useLive } from "~/api/live";
import { useProfile } from "~/api/profile";
import { signOut } from "~/api/session";
import icon from "~/icon.svg";
import { KillSwitch } from "~/parts/KillSwitch";
import { Unread } from "~/parts/Unread";
import { LinkState } from "./LinkState";
import { MarketClock } from "./MarketClock";
import { pages } from "./pages";
import classes from "./shell.module.css";
import { Waiting } from "./Waiting";

/** What stands around every page: the market's clock, the ways to go, who is signed in. */
export function Shell() {
  useLive();
  const [open, { toggle, close }] = useDisclosure(false);
  const moving = useNavigation().state === "loading";
  return (
    <div className={classes.shell}>
      <button type="button" className={classes.skip} onClick={toPage}>
        Skip to the page
      </button>
      <header className={classes.head}>
        <Group gap="xs" wrap="nowrap">
          <Burger
            className={classes.burger}
            opened={open}
            onClick={toggle}
            size="sm"
            aria-label="Menu"
          />
          <img src={icon} alt="" width={26} height={26} className={classes.brand} />
          <Text fw={650} className={classes.brand}>
            Desk
          </Text>
        </Group>
        <div className={classes.tools}>
          <MarketClock />
          <div className={classes.link}>
            <LinkState />
          </div>
          <KillSwitch />
          <Unread />
          <ThemeSwitch />
          <UserMenu />
        </div>
      </header>
      <nav className={classes.bar} data-open={open || undefined} aria-label="Pages">
        <Ways onGone={close} />
      </nav>
      <main id="main" tabIndex={-1} className={classes.page} aria-busy={moving}>
        <Suspense fallback={<Waiting for="the page" />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}

/** An address after the `#` is a page's, so this is no link. */
function toPage(): void {
  document.getElementById("main")?.focus();
}

function Ways({ onGone }: { readonly onGone: () => void }) {
  const roles = useProfile().data?.roles ?? [];
  const shown = pages
    .flatMap((page) => (page.bar === undefined ? [] : [{ path: page.path, ...page.bar }]))
    .filter((way) => way.roles === undefined || way.roles.some((role) => roles.includes(role)))
    .sort((one, other) => one.order - other.order);
  return shown.map(({ path, label, icon: Icon }) => (
    <NavLink key={path} to={path} end={path === "/"} className={classes.way ?? ""} onClick={onGone}>
      <Icon size={18} stroke={1.7} />
      {label}
    </NavLink>
  ));
}

function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      className={classes.theme ?? ""}
      aria-label={dark ? "Show it light" : "Show it dark"}
      onClick={() => setColorScheme(dark ? "light" : "dark")}
    >
      {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}

function UserMenu() {
  const { data: profile } = useProfile();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <UnstyledButton aria-label="You" className={classes.you}>
          <IconUser size={18} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{profile?.email ?? "…"}</Menu.Label>
        <Menu.Item onClick={() => setColorScheme(dark ? "light" : "dark")}>
          {dark ? "Show it light" : "Show it dark"}
        </Menu.Item>
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
