import { Table, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import { Wide } from "~/parts/Wide";
import classes from "./machine.module.css";
import { cellPlace, type Difference, factPlace, type Group, type Sheet } from "./sheet";

interface Props {
  readonly group: Group;
  readonly changed: Difference;
}

/** So many facts stand side by side. */
const FEW = 9;

/** A part of the state, with what changed in it marked. */
export function GroupShown({ group, changed }: Props) {
  const id = useId();
  const empty = (group.facts ?? []).length === 0 && (group.sheet?.rows ?? []).length === 0;
  return (
    <section aria-labelledby={id}>
      <Title order={3} size="h6" id={id} mb={4}>
        {group.title}
      </Title>
      {empty && (
        <Text size="sm" c="dimmed">
          {group.none}
        </Text>
      )}
      <Facts group={group} changed={changed} />
      {group.sheet !== undefined && !empty && (
        <SheetShown group={group} sheet={group.sheet} changed={changed} />
      )}
    </section>
  );
}

function Facts({ group, changed }: Props) {
  const { facts = [] } = group;
  if (facts.length === 0) return null;
  return (
    <dl className={classes.facts} data-many={facts.length > FEW || undefined}>
      {facts.map((fact) => (
        <div key={fact.label}>
          <dt>{fact.label}</dt>
          <dd className="figures">
            <Marked on={changed.places.has(factPlace(group, fact))}>
              <span className={fact.tone}>{fact.text}</span>
            </Marked>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function SheetShown({ group, sheet, changed }: Props & { readonly sheet: Sheet }) {
  return (
    <Wide of={group.title}>
      <Table className={classes.sheet ?? ""} aria-label={group.title}>
        <Table.Thead>
          <Table.Tr>
            {sheet.columns.map((column) => (
              <Table.Th key={column.label} data-figures={column.figures}>
                {column.label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sheet.rows.map((row) => (
            <Table.Tr key={row.key}>
              {sheet.columns.map((column, at) => (
                <Table.Td key={column.label} data-figures={column.figures}>
                  <Marked on={changed.places.has(cellPlace(group, row, at))}>
                    {row.cells[at]}
                  </Marked>
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Marked({ on, children }: { readonly on: boolean; readonly children: ReactNode }) {
  return on ? <mark className={classes.changed}>{children}</mark> : children;
}
