import type { Account } from "~/api/types";
import { unexplained } from "~/parts/account";
import { ailments, type Health } from "~/parts/health";
import { counted } from "~/words/money";

/** Something that somebody should look at. */
export interface Matter {
  readonly key: string;
  readonly grave: boolean;
  readonly about: string;
  readonly text: string;
  readonly to?: string;
  readonly way?: string;
}

export const LOST: Matter = {
  key: "lost",
  grave: true,
  about: "No connection.",
  text: "What you see may be old. The platform goes on without this page.",
};

/** What the platform says of itself, once it is not well. */
export function ofHealth(health: Health): readonly Matter[] {
  return ailments(health).map(({ grave, text }) => ({
    key: `platform ${text}`,
    grave,
    about: grave ? "The platform is failing." : "The platform says:",
    text,
  }));
}

/** What is not as it should be on an account. */
export function ofAccount(account: Account): readonly Matter[] {
  const { account_id: id, account_name: name, block, status } = account;
  const to = `/accounts/${id}`;
  const found: Matter[] = [];
  if (block !== null) {
    const text = `Nothing is entered there: ${block.reason}.`;
    found.push({
      key: `${id} block`,
      grave: true,
      about: `${name} is blocked.`,
      text,
      to,
      way: "See the account",
    });
  }
  if (status === "EXPIRED") {
    const text = "Nothing is entered there, and no exit finds its way.";
    const about = `The session of ${name} is over.`;
    found.push({ key: `${id} session`, grave: true, about, text, to, way: "Log in" });
  }
  if (status === "DISCONNECTED") {
    const about = `Nobody is logged in at ${name}.`;
    const text = "Nothing is entered there.";
    found.push({ key: `${id} session`, grave: false, about, text, to, way: "Log in" });
  }
  const drifts = unexplained(account);
  if (drifts > 0) {
    const about = `${name} and the broker differ in ${counted(drifts, "place")}.`;
    const text = "No new risk is taken there.";
    found.push({
      key: `${id} drift`,
      grave: true,
      about,
      text,
      to: "/positions",
      way: "Settle it",
    });
  }
  return found;
}
