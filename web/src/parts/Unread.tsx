import { ActionIcon } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { Link } from "react-router";
import { useUnread } from "./unread";
import classes from "./unread.module.css";

/** The bell: how many notices wait to be read, and the way to them. */
export function Unread() {
  const unread = useUnread();
  const told = unread?.any ? `Inbox: ${unread.count} unread` : "Inbox: nothing unread";
  return (
    <ActionIcon
      component={Link}
      to="/inbox"
      variant="subtle"
      color="gray"
      aria-label={told}
      className={classes.bell ?? ""}
    >
      <IconBell size={18} />
      {unread?.any && (
        <span
          className={`${classes.count} figures`}
          data-alarming={unread.alarming || undefined}
          aria-hidden
        >
          {unread.count}
        </span>
      )}
    </ActionIcon>
  );
}
