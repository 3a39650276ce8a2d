import type { Schemas } from "~/api/types";

type Preferences = Schemas["Preferences"];
export type Gravity = Schemas["Gravity"];
export type Channel = "email" | "sms" | "push";

export interface Told {
  readonly used: boolean;
  readonly least: Gravity;
}

export const CHANNELS: readonly { readonly name: Channel; readonly label: string }[] = [
  { name: "email", label: "E-mail" },
  { name: "push", label: "Push messages and chats" },
  { name: "sms", label: "Text messages" },
];

export const LEAST: readonly { readonly value: Gravity; readonly label: string }[] = [
  { value: "INFO", label: "Everything" },
  { value: "WARNING", label: "Warnings, alarms" },
  { value: "ALARM", label: "Alarms only" },
];

/** How a kind of channel is used; the platform shows preferences whole. */
export function toldBy(preferences: Preferences, channel: Channel): Told {
  const { notifications } = preferences;
  return {
    used: notifications?.[channel] ?? false,
    least: notifications?.least?.[channel] ?? "ALARM",
  };
}

/** What of all that happens is told by such a channel, in the middle of a sentence. */
export function toldWord({ used, least }: Told): string {
  const told = LEAST.find((each) => each.value === least)?.label ?? least;
  return used ? told.toLowerCase() : "nothing";
}

/** The same preferences, with one kind of channel used otherwise. */
export function telling(preferences: Preferences, channel: Channel, told: Told): Preferences {
  const { notifications } = preferences;
  return {
    ...preferences,
    notifications: {
      ...notifications,
      [channel]: told.used,
      least: { ...notifications?.least, [channel]: told.least },
    },
  };
}
