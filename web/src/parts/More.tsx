import { Button, Center } from "@mantine/core";

interface Listing {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
}

/** The rest of a list that is read page by page; nothing where all of it is shown. */
export function More({ of }: { readonly of: Listing }) {
  if (!of.hasNextPage) return null;
  return (
    <Center mt="sm">
      <Button
        size="xs"
        variant="default"
        loading={of.isFetchingNextPage}
        onClick={() => void of.fetchNextPage()}
      >
        Show more
      </Button>
    </Center>
  );
}
