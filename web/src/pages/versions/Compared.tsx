import { NativeSelect } from "@mantine/core";
import { Difference } from "~/parts/difference/Difference";
import { Panel } from "~/parts/Panel";
import { istMoment } from "~/words/time";
import type { Pair, Version } from "./history";
import classes from "./versions.module.css";

/** Any two versions beside each other, field by field. */
export function Compared({
  versions,
  pair: { before, after },
  onCompare,
}: {
  readonly versions: readonly Version[];
  readonly pair: Pair;
  readonly onCompare: (from: number, to: number) => void;
}) {
  const choice = versions.map((each) => ({
    value: String(each.version),
    label: `Version ${each.version}, ${istMoment(each.defined_at)}`,
  }));
  return (
    <Panel title="What differs">
      <div className={classes.choice}>
        <NativeSelect
          label="From"
          data={choice}
          value={before.version}
          onChange={(event) => onCompare(Number(event.currentTarget.value), after.version)}
        />
        <NativeSelect
          label="To"
          data={choice}
          value={after.version}
          onChange={(event) => onCompare(before.version, Number(event.currentTarget.value))}
        />
      </div>
      <Difference
        before={before}
        after={after}
        was={`Version ${before.version}`}
        is={`Version ${after.version}`}
        nothing="These two versions say the same."
      />
    </Panel>
  );
}
