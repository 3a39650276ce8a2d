import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import { type Profile, useUsersChanged } from "./asking";

interface Sent {
  readonly profile: Profile;
  readonly etag: string | null;
}

/** Change one's own profile or preferences; a stale edition brings the newer one. */
export function useSaving(onSaved: () => void) {
  const changed = useUsersChanged();
  return useAction(
    async ({ profile, etag }: Sent) => {
      try {
        return await got(
          api.PUT("/users/profile", { params: { header: { "if-match": etag } }, body: profile }),
        );
      } catch (failure) {
        if (overtaken(failure)) void changed();
        throw failure;
      }
    },
    () => {
      onSaved();
      void changed();
    },
  );
}

/** A change was refused, as another was quicker. */
export function overtaken(failure: unknown): boolean {
  return failure instanceof Problem && failure.status === 412;
}

/** What a refusal says of one field. */
export function fieldFault(failure: unknown, field: string): string | undefined {
  return failure instanceof Problem ? failure.of(field) : undefined;
}

/** What is to be told beside the fields, as none of these tells it. */
export function faultOf(failure: unknown, ...fields: readonly string[]): unknown {
  return fields.some((field) => fieldFault(failure, field)) ? undefined : failure;
}
