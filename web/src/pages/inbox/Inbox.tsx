import { Button, Group, SegmentedControl, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { More } from "~/parts/More";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { useAcknowledge, useInbox } from "./asking";
import classes from "./inbox.module.css";
import { NoticeRow } from "./NoticeRow";
import { byDay, unreadIds } from "./notices";

const FILTERS = [
  { value: "unread", label: "Unread" },
  { value: "all", label: "All" },
];

/** What the trader should hear of: read, or not. */
export function Inbox() {
  const [filter, setFilter] = useState("unread");
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={1} size="h2">
          Inbox
        </Title>
        <SegmentedControl
          aria-label="Which notices"
          data={FILTERS}
          value={filter}
          onChange={setFilter}
        />
      </Group>
      <Notices key={filter} unread={filter === "unread"} />
    </Stack>
  );
}

function Notices({ unread }: { readonly unread: boolean }) {
  const asked = useInbox(unread);
  const acknowledging = useAcknowledge();
  const notices = asked.data?.pages.flatMap((page) => page.items) ?? [];
  const waiting = unreadIds(notices);
  if (asked.isPending) return <Skeleton height={200} />;
  return (
    <>
      <Trouble of={asked.error} again={asked.refetch} />
      <Trouble of={acknowledging.error} />
      {waiting.length > 1 && (
        <Group>
          <Button
            size="xs"
            variant="default"
            loading={acknowledging.isPending}
            onClick={() => acknowledging.mutate(waiting)}
          >
            Mark {waiting.length} as read
          </Button>
        </Group>
      )}
      {notices.length === 0 && !asked.hasNextPage && asked.error === null && (
        <Empty unread={unread} />
      )}
      {byDay(notices).map(({ day, notices: told }) => (
        <Panel key={day} title={day}>
          <ul className={classes.notices}>
            {told.map((notice) => (
              <NoticeRow
                key={notice.notice_id}
                notice={notice}
                busy={acknowledging.isPending}
                onRead={() => acknowledging.mutate([notice.notice_id])}
              />
            ))}
          </ul>
        </Panel>
      ))}
      <More of={asked} />
    </>
  );
}

function Empty({ unread }: { readonly unread: boolean }) {
  return (
    <Text c="dimmed">
      {unread
        ? "Nothing waits to be read. What happens to your runs and accounts is told here."
        : "Nothing was told yet. Entries, exits, what was skipped and every alarm come here."}
    </Text>
  );
}
