import { ActionIcon, Pill, Text, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { Schemas } from "~/api/types";
import classes from "./builder.module.css";
import { DueDays } from "./DueDays";
import type { Draft } from "./draft";
import { useFault } from "./faults";
import { Choice, Clock, type OfDraft, Whole } from "./fields";
import { Panel } from "./Panel";
import { WEEKDAYS } from "./words";

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
        <Choice
          label="DTE in"
          field="schedule.dte_basis"
          value={schedule.dte_basis}
          options={{ CALENDAR: "days", TRADING: "sessions" }}
          onChange={(basis) => change({ dte_basis: basis ?? "CALENDAR" })}
        />
      </div>
      <Holding draft={draft} edit={edit} />
      <SkipDates dates={schedule.skip_dates} onChange={(skip_dates) => change({ skip_dates })} />
      <DueDays days={days} />
    </Panel>
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
      <Choice
        label="Held"
        field="holding"
        value={draft.holding}
        options={{ INTRADAY: "within the day", POSITIONAL: "overnight" }}
        onChange={(holding) => edit((was) => held(was, holding === "POSITIONAL"))}
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
