import { Alert } from "@mantine/core";
import { useSearchParams } from "react-router";
import { inWords } from "~/api/problem";
import { useProfile, useTrades } from "~/api/profile";
import { Waiting } from "~/app/Waiting";
import { useExpiries, useUnderlyings } from "./asking";
import { Builder } from "./Builder";
import { usualExpiry } from "./draft";
import { TemplateGallery } from "./TemplateGallery";
import { firstDraft, templateOf } from "./templates";

const FIRST_CHOICE = "NIFTY";

/** A template, then the builder on it; the address holds both choices. */
export function NewStrategy() {
  const [search, setSearch] = useSearchParams();
  const trades = useTrades();
  const known = useProfile().data !== undefined;
  const template = search.get("template");
  if (!known) return <Waiting for="your profile" />;
  if (!trades)
    return <Alert color="yellow">Your role may look at strategies, not make them.</Alert>;
  if (template === null) {
    const choose = (id: string) =>
      setSearch((now) => ({ ...Object.fromEntries(now), template: id }));
    return <TemplateGallery onChosen={choose} />;
  }
  return <OnMarket key={template} template={template} basket={search.get("basket")} />;
}

interface Chosen {
  readonly template: string;
  readonly basket: string | null;
}

function OnMarket({ template, basket }: Chosen) {
  const listed = useUnderlyings();
  const names = listed.data ?? [];
  const underlying = names.includes(FIRST_CHOICE) ? FIRST_CHOICE : (names[0] ?? null);
  const expiries = useExpiries(underlying);
  const failure = listed.error ?? expiries.error;
  if (failure) return <Alert color="red">{inWords(failure)}</Alert>;
  if (listed.data && underlying === null) {
    return <Alert color="yellow">No options are listed today.</Alert>;
  }
  if (underlying === null || expiries.data === undefined) return <Waiting for="the market" />;
  const expiry = usualExpiry(expiries.data) === "WEEKLY" ? "WEEKLY" : "MONTHLY";
  return <Builder first={firstDraft(templateOf(template), underlying, expiry)} basket={basket} />;
}
