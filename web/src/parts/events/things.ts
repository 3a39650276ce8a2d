import { counted } from "~/words/money";
import { istDate } from "~/words/time";
import { ACCOUNT_TELLERS } from "./accounts";
import { amount, each, inside, joined, type Said, spelt, text, words } from "./said";
import type { Teller } from "./telling";

function listed(parts: readonly string[], none: string): string {
  return parts.length === 0 ? none : parts.join(", ");
}

function faults(said: Said): string {
  const found = each(said, "faults").length;
  return found === 0 ? "without faults" : `with ${counted(found, "fault")}`;
}

function messages(said: Said): readonly string[] {
  return each(said, "faults").map((fault) => text(fault, "message"));
}

function defined(said: Said): string {
  const definition = inside(said, "definition");
  return `${text(definition, "name")} (${spelt(text(definition, "type"))}), ${faults(said)}`;
}

const STRATEGIES: Readonly<Record<string, Teller>> = {
  "strategy.drafted": {
    kind: "decision",
    tell: (said) => `Strategy drafted: ${defined(said)}`,
    more: messages,
  },
  "strategy.edited": {
    kind: "decision",
    tell: (said) => {
      const restored = text(said, "restored");
      const what = restored === "" ? "Strategy changed" : `Version ${restored} restored`;
      return `${what}: ${defined(said)}`;
    },
    more: messages,
  },
  "strategy.validated": {
    kind: "note",
    tell: (said) => `Looked over again: ${faults(said)}`,
    more: messages,
  },
  "strategy.activated": { kind: "decision", tell: () => "Strategy activated" },
  "strategy.deactivated": {
    kind: "decision",
    tell: (said) => `Strategy deactivated (${spelt(text(said, "reason"))})`,
  },
  "strategy.deleted": { kind: "decision", tell: () => "Strategy deleted" },
};

function targets(said: Said): readonly string[] {
  return each(said, "targets").map(
    (target) => `${text(target, "account_id")} × ${text(target, "multiplier")}`,
  );
}

function composed(said: Said): string {
  return joined(text(said, "name"), counted(each(said, "targets").length, "target account"));
}

const BASKETS: Readonly<Record<string, Teller>> = {
  "basket.composed": {
    kind: "decision",
    tell: (said) => `Basket made: ${composed(said)}`,
    more: targets,
  },
  "basket.edited": {
    kind: "decision",
    tell: (said) => `Basket changed: ${composed(said)}`,
    more: targets,
  },
  "basket.activated": { kind: "decision", tell: () => "Basket activated" },
  "basket.deactivated": { kind: "decision", tell: () => "Basket deactivated" },
  "basket.deleted": { kind: "decision", tell: () => "Basket deleted" },
  "basket.strategy_added": {
    kind: "decision",
    tell: (said) => `Strategy added: ${text(said, "strategy_id")}`,
  },
  "basket.strategy_removed": {
    kind: "decision",
    tell: (said) => `Strategy taken out: ${text(said, "strategy_id")}`,
  },
};

function refused(said: Said): string {
  const command = text(said, "command").replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ");
  const target = text(said, "target");
  return joined(`Refused (${command}${target === "" ? "" : ` ${target}`})`, text(said, "message"));
}

const USERS: Readonly<Record<string, Teller>> = {
  "user.registered": {
    kind: "decision",
    tell: (said) =>
      `User admitted: ${text(said, "email")} (${listed(words(said, "roles"), "no role")})`,
  },
  "user.roles_changed": {
    kind: "decision",
    tell: (said) => `Roles changed: ${listed(words(said, "roles"), "none")}`,
  },
  "user.profile_updated": {
    kind: "note",
    tell: (said) => joined("Profile changed", text(said, "name")),
  },
  "user.disabled": {
    kind: "decision",
    tell: (said) => joined("User disabled", text(said, "reason")),
  },
  "user.enabled": { kind: "decision", tell: () => "User enabled again" },
  "user.account_linked": {
    kind: "note",
    tell: (said) => `Account linked: ${text(said, "account_id")}`,
  },
  "user.account_unlinked": {
    kind: "note",
    tell: (said) => `Account unlinked: ${text(said, "account_id")}`,
  },
  "user.channels_chosen": {
    kind: "note",
    tell: (said) =>
      `Notices go to ${counted(amount(said, "count") ?? 0, "address", "addresses")} (${listed(words(said, "kinds"), "none")})`,
  },
  "user.command_refused": { kind: "alarm", tell: refused },
  "user.credential_changed": {
    kind: "note",
    tell: (said) => `Sign-in changed: ${spelt(text(said, "what"))}`,
  },
  "user.exported": {
    kind: "note",
    tell: (said) => `Exported: ${text(said, "what")} as ${text(said, "form")}`,
  },
  "user.notices_acknowledged": {
    kind: "note",
    tell: (said) => `${counted(words(said, "notices").length, "notice")} acknowledged`,
  },
  "user.secret_read": {
    kind: "note",
    tell: (said) => `Keys of ${text(said, "account_id")} read to ${text(said, "purpose")}`,
  },
  "user.sign_in_failed": {
    kind: "alarm",
    tell: (said) => `Sign-in failed (${spelt(text(said, "reason"))}) from ${from(said)}`,
  },
  "user.signed_in": {
    kind: "note",
    tell: (said) =>
      `Signed in by ${text(said, "method").replaceAll("+", " and ")} from ${from(said)}`,
  },
  "user.signed_out": { kind: "note", tell: () => "Signed out" },
};

function from(said: Said): string {
  return text(said, "address") || "an unknown address";
}

function change(said: Said): string {
  const [was, now] = [text(said, "was"), text(said, "now")];
  const expiry = text(said, "expiry");
  const of = `${text(said, "underlying")}${expiry === "" ? "" : ` of ${istDate(expiry)}`}`;
  const moved = was === "" && now === "" ? "" : ` from ${was || "none"} to ${now || "none"}`;
  const number = amount(said, "count") ?? 0;
  return `${spelt(text(said, "kind"))}${moved}: ${of}, ${counted(number, "contract")}`;
}

const LISTINGS: Readonly<Record<string, Teller>> = {
  "listing.followed": {
    kind: "note",
    tell: (said) => `The contracts listed on ${text(said, "exchange")} are followed`,
  },
  "listing.changed": {
    kind: "note",
    tell: (said) =>
      `Listing of ${istDate(text(said, "day"))}: ${counted(each(said, "changes").length, "change")}`,
    more: (said) => each(said, "changes").map(change),
  },
};

/** What happens to all that is no run. */
export const OTHER_TELLERS: Readonly<Record<string, Teller>> = {
  ...STRATEGIES,
  ...BASKETS,
  ...ACCOUNT_TELLERS,
  ...USERS,
  ...LISTINGS,
};
