import { istDay, istFine } from "~/words/time";

/** The moment of an event, its day beneath; in a list of `moments`. */
export function When({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} className="figures">
      {istFine(at)}
      <span>{istDay(at)}</span>
    </time>
  );
}
