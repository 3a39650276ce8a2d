import { ActionIcon, NumberInput, Pill, Select, Text, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { Schemas } from "~/api/types";
import type { Edit } from "./Builder";
import classes from "./builder.module.css";
import { DueDays } from "./DueDays";
import type { Draft } from "./draft";
import { useFault } from "./faults";
import { Panel } from "./Panel";
import { WEEKDAYS } from "./words";

interface OfDraft {
  readonly draft: Draft;
  readonly edit: Edit;
}

type Upcoming = Schemas["UpcomingShown"];

/** When it enters and leaves, and the days that follow from it. */
export function SchedulePanel({
  draft,
  edit,
  days,
}: OfDraft & { readonly days: Upcoming | undefined }) {
  const { schedule } = draft;
  const change = (to: Partial<Draft["schedule"]>) =>
    edit((was) => ({ ...was, schedule: { ...was.schedule, ...to } }));
  return (
    <Panel title="Schedule">
      <div className={classes.pair}>
        <Clock
          label="Entry, IST"
          field="schedule.entry_time"
          value={schedule.entry_time}
          onChange={(entry_time) => change({ entry_time })}
        />
        <Clock
          label="Exit, IST"
          field="schedule.exit_time"
          value={schedule.exit_time}
          onChange={(exit_time) => change({ exit_time })}
        />
      </div>
      <Week days={schedule.weekdays} onChange={(weekdays) => change({ weekdays })} />
      <div className={classes.triple}>
        <Whole
          label="DTE from"
          field="schedule.dte_min"
          value={schedule.dte_min}
          onChange={(dte_min) => change({ dte_min })}
        />
        <Whole
          label="DTE to"
          field="schedule.dte_max"
          value={schedule.dte_max}
          onChange={(dte_max) => change({ dte_max })}
        />
        <Select
          label="DTE in"
          size="xs"
          allowDeselect={false}
          data={[
            { value: "CALENDAR", label: "days" },
            { value: "TRADING", label: "sessions" },
          ]}
          value={schedule.dte_basis}
          onChange={(value) => change({ dte_basis: value as Schemas["DteBasis"] })}
        />
      </div>
      <Holding draft={draft} edit={edit} />
      <SkipDates dates={schedule.skip_dates} onChange={(skip_dates) => change({ skip_dates })} />
      <DueDays days={days} />
    </Panel>
  );
}

interface Field<T> {
  readonly label: string;
  readonly field: string;
  readonly value: T;
  readonly onChange: (value: T) => void;
}

function Clock({ label, field, value, onChange }: Field<string>) {
  return (
    <TextInput
      label={label}
      size="xs"
      inputMode="numeric"
      placeholder="09:20"
      value={value}
      error={useFault(field)}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A whole number, or none. */
export function Whole({ label, field, value, onChange }: Field<number | null>) {
  return (
    <NumberInput
      label={label}
      size="xs"
      allowDecimal={false}
      placeholder="any"
      value={value ?? ""}
      error={useFault(field)}
      onChange={(told) => onChange(told === "" ? null : Number(told))}
    />
  );
}

interface Days {
  readonly days: readonly Schemas["Weekday"][];
  readonly onChange: (days: Schemas["Weekday"][]) => void;
}

function Week({ days, onChange }: Days) {
  const fault = useFault("schedule.weekdays");
  const turn = (day: Schemas["Weekday"]) =>
    onChange(
      WEEKDAYS.map(([each]) => each).filter((each) =>
        each === day ? !days.includes(each) : days.includes(each),
      ),
    );
  return (
    <>
      <fieldset className={classes.week} aria-label="Weekdays">
        {WEEKDAYS.map(([day, name]) => (
          <button
            key={day}
            type="button"
            className={classes.day}
            aria-pressed={days.includes(day)}
            onClick={() => turn(day)}
          >
            {name}
          </button>
        ))}
      </fieldset>
      {fault && <p className={classes.trouble}>{fault}</p>}
    </>
  );
}

/** Within the day, or overnight: then it says when to leave. */
function Holding({ draft, edit }: OfDraft) {
  const overnight = draft.holding === "POSITIONAL";
  return (
    <>
      <Select
        label="Held"
        size="xs"
        mt={6}
        allowDeselect={false}
        error={useFault("holding")}
        data={[
          { value: "INTRADAY", label: "within the day" },
          { value: "POSITIONAL", label: "overnight" },
        ]}
        value={draft.holding}
        onChange={(value) => edit((was) => held(was, value === "POSITIONAL"))}
      />
      {overnight && (
        <div className={classes.pair}>
          <Whole
            label="Leave after sessions"
            field="exit_after_sessions"
            value={draft.exit_after_sessions}
            onChange={(exit_after_sessions) => edit((was) => ({ ...was, exit_after_sessions }))}
          />
          <Whole
            label="Leave at DTE"
            field="exit_dte"
            value={draft.exit_dte}
            onChange={(exit_dte) => edit((was) => ({ ...was, exit_dte }))}
          />
        </div>
      )}
    </>
  );
}

/** What is held overnight is carried as NRML; within the day nothing of the overnight is left. */
function held(draft: Draft, overnight: boolean): Draft {
  if (overnight) return { ...draft, holding: "POSITIONAL", product: "NRML" };
  return {
    ...draft,
    holding: "INTRADAY",
    product: null,
    exit_after_sessions: null,
    exit_dte: null,
  };
}

interface Skipped {
  readonly dates: readonly string[];
  readonly onChange: (dates: string[]) => void;
}

function SkipDates({ dates, onChange }: Skipped) {
  const [date, setDate] = useState("");
  const fault = useFault("schedule.skip_dates");
  const add = () => {
    if (date !== "") onChange([...new Set([...dates, date])].sort());
    setDate("");
  };
  return (
    <>
      <TextInput
        type="date"
        label="Skip a date"
        size="xs"
        mt={6}
        value={date}
        error={fault}
        onChange={(event) => setDate(event.currentTarget.value)}
        rightSection={
          <ActionIcon
            size="sm"
            variant="subtle"
            disabled={date === ""}
            aria-label="Skip this date"
            onClick={add}
          >
            <IconPlus size={14} />
          </ActionIcon>
        }
      />
      {dates.length > 0 && (
        <Pill.Group mt={6}>
          {dates.map((each) => (
            <Pill
              key={each}
              withRemoveButton
              removeButtonProps={{ "aria-label": `Do not skip ${each}`, tabIndex: 0 }}
              onRemove={() => onChange(dates.filter((other) => other !== each))}
            >
              {each}
            </Pill>
          ))}
        </Pill.Group>
      )}
      <Text size="xs" c="dimmed" mt={8} mb={2} fw={600}>
        The next ten days
      </Text>
    </>
  );
}
