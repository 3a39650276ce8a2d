import { Text, Title } from "@mantine/core";
import { useProfile } from "~/api/profile";

export function Settings() {
  const { data: profile } = useProfile();
  return (
    <>
      <Title order={1} size="h2" mb="md">
        Settings
      </Title>
      <Text>{profile?.email}</Text>
    </>
  );
}
