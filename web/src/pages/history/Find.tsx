import { Group, SegmentedControl, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { Baskets, Orders, Runs, Strategies } from "./Lists";
import { addressOfId } from "./streams";

const LISTS = {
  runs: { label: "Runs", List: Runs },
  orders: { label: "Orders", List: Orders },
  strategies: { label: "Strategies", List: Strategies },
  baskets: { label: "Baskets", List: Baskets },
} as const;
type Listed = keyof typeof LISTS;
const CHOICES = Object.entries(LISTS).map(([value, { label }]) => ({ value, label }));

/** Finds whatever has a history: by its id, or among the newest. */
export function Find() {
  const [typed, setTyped] = useState("");
  const [listed, setListed] = useState<Listed>("runs");
  const navigate = useNavigate();
  const { List } = LISTS[listed];
  function go(event: FormEvent) {
    event.preventDefault();
    const address = addressOfId(typed);
    if (address !== undefined) void navigate(address);
  }
  return (
    <Stack gap="md">
      <div>
        <Title order={1} size="h2">
          History
        </Title>
        <Text size="sm" c="dimmed">
          Every run, order, strategy and basket as it was at any moment, and why.
        </Text>
      </div>
      <Group align="end" gap="sm">
        <form onSubmit={go}>
          <TextInput
            label="Find"
            placeholder="A name, a number at the broker, an id"
            leftSection={<IconSearch size={16} />}
            w={320}
            maw="100%"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </form>
        <SegmentedControl
          aria-label="What to look among"
          data={CHOICES}
          value={listed}
          onChange={(next) => setListed(next as Listed)}
        />
      </Group>
      <List typed={typed} />
    </Stack>
  );
}
