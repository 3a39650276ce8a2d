import { Text } from "@mantine/core";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import type { Schemas } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import { useOwnEdition, useUsersChanged } from "./asking";
import { toldBy, toldWord } from "./preferences";

export type Target = Schemas["TargetShown"];

interface Props {
  readonly target: Target;
  readonly etag: string | null;
  readonly onClose: () => void;
}

/** Be told there no more, once it was said what that was. */
export function RemoveTarget({ target, etag, onClose }: Props) {
  const preferences = useOwnEdition().data?.shown.preferences;
  const changed = useUsersChanged();
  const removing = useAction(
    () =>
      got(
        api.DELETE("/notifications/targets/{name}", {
          params: { path: { name: target.name }, header: { "if-match": etag } },
        }),
      ),
    () => {
      onClose();
      void changed();
    },
  );
  return (
    <Confirm
      title={`Remove ${target.name}?`}
      verb="Remove it"
      danger
      busy={removing.isPending}
      failure={removing.error}
      onConfirm={() => removing.mutate(undefined)}
      onClose={onClose}
    >
      <Text size="sm">
        {target.service} ({target.shown}) is told nothing any more
        {preferences !== undefined &&
          `; so far it is told ${toldWord(toldBy(preferences, target.channel))}`}
        . The inbox still holds everything.
      </Text>
      <Text size="sm">
        Its address is forgotten: to be told there again, you add it with its whole address.
      </Text>
    </Confirm>
  );
}
