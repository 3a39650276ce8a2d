import { ActionIcon, Anchor, Group, Text, Tooltip } from "@mantine/core";
import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconCheck,
  IconInfoCircle,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import { Link } from "react-router";
import type { Notice } from "~/api/types";
import { useNames } from "~/parts/trades/names";
import { istClock } from "~/words/time";
import classes from "./inbox.module.css";
import { waysOf, worded } from "./notices";

type Icon = ComponentType<{ size?: number; "aria-label"?: string; className?: string }>;

const GRAVITIES: Readonly<Record<Notice["gravity"], readonly [icon: Icon, label: string]>> = {
  INFO: [IconInfoCircle, "Information"],
  WARNING: [IconAlertTriangle, "Warning"],
  ALARM: [IconAlertOctagon, "Alarm"],
};

interface Props {
  readonly notice: Notice;
  readonly busy: boolean;
  readonly onRead: () => void;
}

/** One thing that happened, and where more of it is to be seen. */
export function NoticeRow({ notice, busy, onRead }: Props) {
  const [Icon, label] = GRAVITIES[notice.gravity];
  const account = useNames().account(notice.account_id);
  return (
    <li className={classes.notice} data-read={notice.acknowledged || undefined}>
      <span className={classes.gravity} data-gravity={notice.gravity}>
        <Icon size={18} aria-label={label} />
      </span>
      <time className={`${classes.at} figures`} dateTime={notice.at}>
        {istClock(notice.at)}
      </time>
      <div className={classes.told}>
        <Text size="sm" fw={notice.acknowledged ? 400 : 600}>
          {worded(notice, account)}
        </Text>
        <Group gap="sm">
          {waysOf(notice).map((way) => (
            <Anchor key={way.to} component={Link} to={way.to} size="xs">
              {way.label}
            </Anchor>
          ))}
        </Group>
      </div>
      {!notice.acknowledged && (
        <Tooltip label="Mark as read">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Mark as read"
            disabled={busy}
            onClick={onRead}
          >
            <IconCheck size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}
