import { Anchor, List, Skeleton, Stack, Table, Text } from "@mantine/core";
import { ailments, useHealth } from "~/parts/health";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { Wide } from "~/parts/Wide";
import { counted } from "~/words/money";
import { istMoment } from "~/words/time";
import { version } from "../../../package.json";
import { Frame } from "./Frame";
import { WORKS } from "./licences";
import classes from "./settings.module.css";

/** What this is, how it is, and whose work is in it. */
export function AboutPage() {
  return (
    <Frame title="About">
      <div className={classes.columns}>
        <Health />
        <Works />
      </div>
    </Frame>
  );
}

function Health() {
  const { data, error, refetch } = useHealth();
  const found = data === undefined ? [] : ailments(data);
  return (
    <Panel title="The platform" told={`Algo Trading Platform, desk ${version}`}>
      <Trouble of={error} again={refetch} />
      {data === undefined && error === null && <Skeleton height={60} />}
      {data !== undefined && (
        <Stack gap="xs">
          <Text size="sm">
            {found.length === 0 ? "All is well." : "Something wants to be looked at:"}
          </Text>
          {found.length > 0 && (
            <List size="sm">
              {found.map(({ text }) => (
                <List.Item key={text}>{text}</List.Item>
              ))}
            </List>
          )}
          <Text size="sm" c="dimmed">
            {data.schedule.next_due === null
              ? "Nothing is due."
              : `Next due ${istMoment(data.schedule.next_due)}.`}{" "}
            What you see is {counted(data.views_behind, "event")} behind what is stored.
          </Text>
        </Stack>
      )}
    </Panel>
  );
}

function Works() {
  return (
    <Panel title="Licences" told="The desk is licensed under Apache 2.0 and holds these works.">
      <Text size="sm" mb="sm">
        TradingView Lightweight Charts™, Copyright (c) 2025 TradingView, Inc.{" "}
        <Anchor
          href="https://www.tradingview.com/"
          rel="noreferrer"
          target="_blank"
          size="sm"
          underline="always"
        >
          tradingview.com
        </Anchor>
      </Text>
      <Wide of="Licences, as a table">
        <Table aria-label="Licences">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Work</Table.Th>
              <Table.Th>By</Table.Th>
              <Table.Th>Licence</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {WORKS.map((work) => (
              <Table.Tr key={work.name}>
                <Table.Td>{work.name}</Table.Td>
                <Table.Td>{work.by}</Table.Td>
                <Table.Td>{work.licence}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Panel>
  );
}
