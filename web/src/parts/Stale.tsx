import { Alert, Button, Group, Table, Text } from "@mantine/core";

export interface Difference {
  readonly name: string;
  readonly mine: string;
  readonly theirs: string;
}

interface Props {
  readonly of: readonly Difference[];
  readonly onMine: () => void;
  readonly onTheirs: () => void;
}

/** Somebody else changed it meanwhile: both versions beside each other, and neither lost. */
export function Stale({ of, onMine, onTheirs }: Props) {
  return (
    <Alert color="yellow" title="It was changed meanwhile" role="alert">
      <Table aria-label="What differs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            <Table.Th>Yours</Table.Th>
            <Table.Th>Now there</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {of.map((each) => (
            <Table.Tr key={each.name}>
              <Table.Td>{each.name}</Table.Td>
              <Table.Td>{each.mine}</Table.Td>
              <Table.Td>{each.theirs}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {of.length === 0 && <Text size="sm">Both say the same now.</Text>}
      <Group mt="sm">
        <Button size="xs" onClick={onMine}>
          Go on with mine
        </Button>
        <Button size="xs" variant="default" onClick={onTheirs}>
          Take what is there
        </Button>
      </Group>
    </Alert>
  );
}
