import { Anchor, Badge, Select, Text, TextInput, Title } from "@mantine/core";
import { Link } from "react-router";
import { useTrades } from "~/api/profile";
import { useBaskets } from "~/parts/trades/names";
import { useExpiries, useUnderlyings } from "./asking";
import classes from "./builder.module.css";
import { ChangedElsewhere } from "./ChangedElsewhere";
import { onUnderlying, type StrategyType } from "./draft";
import { useFault, useFaults } from "./faults";
import { HomeChoice } from "./HomeChoice";
import { LeaveGuard } from "./LeaveGuard";
import { Refusal } from "./Refusal";
import { StrategyActions } from "./StrategyActions";
import { STATUS } from "./status";
import type { Editing } from "./useEditing";
import { useHome } from "./useHome";
import { useSaving } from "./useSaving";
import { TYPES } from "./words";

interface Top {
  readonly editing: Editing;
  readonly basket: string | null;
  readonly underlying: string | null;
}

/** What it is called, where it belongs, and what can be done with it. */
export function BuilderHead({ editing, basket, underlying }: Top) {
  const { strategy } = editing;
  const home = useHome(basket, editing.draft.name);
  const saving = useSaving(editing, home.home);
  const trades = useTrades();
  return (
    <>
      <header className={classes.title}>
        <Title order={1} size="h3">
          {strategy?.name ?? "New strategy"}
        </Title>
        {strategy && (
          <Badge variant="light" color={STATUS[strategy.status].color}>
            {STATUS[strategy.status].label}
          </Badge>
        )}
        <InBasket editing={editing} />
        {editing.dirty && strategy && (
          <Text size="xs" c="dimmed">
            not saved yet
          </Text>
        )}
        {trades && <StrategyActions editing={editing} saving={saving} home={home} />}
      </header>
      <div className={classes.head}>
        <What editing={editing} underlying={underlying} />
        {strategy === undefined && <HomeChoice {...home} />}
      </div>
      <Troubles />
      <Refusal title="It is saved, but not active" failure={saving.told} />
      <Refusal title="It is not saved" failure={saving.error} />
      <ChangedElsewhere editing={editing} saving={saving} />
      {editing.dirty && <LeaveGuard leaving={saving.leaving} />}
    </>
  );
}

function InBasket({ editing: { strategy } }: Pick<Top, "editing">) {
  const basket = useBaskets().data?.items.find((each) => each.basket_id === strategy?.basket_id);
  if (strategy === undefined) return null;
  return (
    <Text size="sm" c="dimmed">
      in{" "}
      <Anchor component={Link} to={`/baskets/${strategy.basket_id}`} inherit>
        {basket?.name ?? "its basket"}
      </Anchor>
      {basket && basket.status !== "ACTIVE" && ` (${STATUS[basket.status].label.toLowerCase()})`}
      {" · "}
      <Anchor component={Link} to={`/strategies/${strategy.strategy_id}/versions`} inherit>
        version {strategy.definition_version}
      </Anchor>
    </Text>
  );
}

function What({ editing: { draft, edit }, underlying }: Omit<Top, "basket">) {
  const names = useUnderlyings().data ?? [];
  return (
    <>
      <TextInput
        label="Name"
        size="xs"
        className={classes.name ?? ""}
        value={draft.name}
        error={useFault("name")}
        onChange={(event) => {
          const name = event.currentTarget.value;
          edit((was) => ({ ...was, name }));
        }}
      />
      <Select
        label="Shape"
        size="xs"
        w={150}
        allowDeselect={false}
        error={useFault("type") !== undefined}
        data={Object.entries(TYPES).map(([value, label]) => ({ value, label }))}
        value={draft.type}
        onChange={(value) => edit((was) => ({ ...was, type: value as StrategyType }))}
      />
      <Underlying names={names} value={underlying} edit={edit} />
    </>
  );
}

interface Choosing extends Pick<Editing, "edit"> {
  readonly names: readonly string[];
  readonly value: string | null;
}

/** Another underlying takes all legs with it, as far from its money as they were. */
function Underlying({ names, value, edit }: Choosing) {
  const other = names.find((each) => each !== value) ?? null;
  const theirs = useExpiries(other).data;
  const own = useExpiries(value).data;
  const fault = useFault("underlying");
  return (
    <Select
      label="Underlying"
      size="xs"
      w={130}
      allowDeselect={false}
      searchable={names.length > 8}
      error={fault}
      data={[...new Set([...names, ...(value ? [value] : [])])]}
      value={value}
      onChange={(name) => {
        if (name === null) return;
        const listed = (name === other ? theirs : own) ?? [];
        edit((was) => ({ ...onUnderlying(was, name, listed), underlying: name }));
      }}
    />
  );
}

/** Fields whose faults stand beside them in the builder. */
const AT_FIELD =
  /^(name|underlying|legs|legs\[.*|schedule\..*|risk_params\..*|accept_unbounded_risk|product)$/;

/** What keeps it from being active; in words where it has no field of its own to stand at. */
function Troubles() {
  const faults = useFaults();
  if (faults.length === 0) return null;
  const homeless = faults.filter((fault) => !AT_FIELD.test(fault.field));
  return (
    <div className={classes.troubles} role="status">
      <b>{counted(faults.length)}</b>
      {homeless.map((fault) => (
        <span key={fault.field + fault.code}>{fault.message}</span>
      ))}
    </div>
  );
}

function counted(faults: number): string {
  return faults === 1
    ? "One thing keeps it from being active."
    : `${faults} things keep it from being active.`;
}
