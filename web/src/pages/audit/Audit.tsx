import { Alert, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useSearchParams } from "react-router";
import { useMarketSession } from "~/api/market";
import { useProfile } from "~/api/profile";
import { Hits } from "./Hits";
import { SearchForm } from "./SearchForm";
import { dayOf, paramsOf, searchIn } from "./search";
import { Whole } from "./Whole";

/** Every event there is, by who, what, when and because of what. */
export function Audit() {
  const profile = useProfile().data;
  const now = useMarketSession().data?.now;
  if (profile === undefined || now === undefined) return <Skeleton height={300} />;
  const auditor = profile.roles.includes("auditor");
  return (
    <Stack gap="md">
      <Group justify="space-between" align="start">
        <div>
          <Title order={1} size="h2">
            Audit
          </Title>
          <Text size="sm" c="dimmed">
            Everything that happened, who caused it, and whether the record is whole.
          </Text>
        </div>
        {auditor && <Whole />}
      </Group>
      {!auditor && <OwnOnly />}
      <Searching auditor={auditor} today={new Date(now)} me={profile.user_id} />
    </Stack>
  );
}

function OwnOnly() {
  return (
    <Alert color="gray" icon={<IconLock />} title="You see your own part of it">
      You find what you did yourself, and the histories of what is yours. What others did is shown
      to users with the role of an auditor; an admin grants it.
    </Alert>
  );
}

function Searching({
  auditor,
  today,
  me,
}: {
  readonly auditor: boolean;
  readonly today: Date;
  readonly me: string;
}) {
  const [params, setParams] = useSearchParams();
  const search = params.size === 0 ? dayOf(today) : searchIn(params);
  return (
    <>
      <SearchForm
        key={paramsOf(search).toString()}
        search={search}
        auditor={auditor}
        onSearch={(next) => setParams(paramsOf(next))}
      />
      <Hits
        search={search}
        me={me}
        onNarrow={(field, value) => setParams(paramsOf({ ...search, [field]: value }))}
      />
    </>
  );
}
