import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useProfile } from "~/api/profile";
import { TOPICS } from "~/parts/events/telling";
import classes from "./audit.module.css";
import type { Search } from "./search";

interface Props {
  readonly search: Search;
  readonly auditor: boolean;
  readonly onSearch: (search: Search) => void;
}

const KINDS = [{ value: "", label: "Any" }, ...TOPICS.map((value) => ({ value, label: value }))];

/** What to look for; all that is given must match. */
export function SearchForm({ search, auditor, onSearch }: Props) {
  const form = useForm<Search>({ initialValues: search });
  const email = useProfile().data?.email ?? "";
  return (
    <form className={classes.form} onSubmit={form.onSubmit(onSearch)} aria-label="Search the audit">
      <TextInput label="From (IST)" type="datetime-local" {...form.getInputProps("since")} />
      <TextInput label="Until (IST)" type="datetime-local" {...form.getInputProps("until")} />
      <NativeSelect label="What happened" data={KINDS} {...form.getInputProps("topic")} />
      {auditor ? (
        <TextInput
          label="Who"
          placeholder="USER-…, schedule, system"
          {...form.getInputProps("actor")}
        />
      ) : (
        <TextInput label="Who" value={email} disabled />
      )}
      <TextInput
        label="Of what"
        placeholder="RUN-…, STRAT-…, ACC-…"
        {...form.getInputProps("stream")}
      />
      <TextInput
        label="Correlation"
        placeholder="strategy/slot, or a request's id"
        {...form.getInputProps("correlation")}
      />
      <div className={classes.go}>
        <Button type="submit" size="sm">
          Search
        </Button>
      </div>
    </form>
  );
}
