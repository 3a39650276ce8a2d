import { Alert, Button, FileButton, Group, Stack, Text, Title } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { Link } from "react-router";
import { ForTraders } from "~/parts/ForTraders";
import { Panel } from "~/parts/Panel";
import classes from "./baskets.module.css";
import { type BasketFile, NoBasket, readBasket } from "./file";
import { Imported } from "./Imported";

type Read = { readonly file: BasketFile } | { readonly why: string };

async function read(chosen: File): Promise<Read> {
  try {
    return { file: readBasket(await chosen.text()) };
  } catch (failure) {
    if (failure instanceof NoBasket) return { why: failure.message };
    throw failure;
  }
}

/** A basket from a file: looked at by the platform first, and stored only when that is wished. */
export function ImportBasket() {
  return (
    <ForTraders told="Your role may look at baskets, not import them.">
      <Importing />
    </ForTraders>
  );
}

function Importing() {
  const [found, setFound] = useState<Read>();
  // A browser does not tell of the same file chosen again, which may have been mended meanwhile.
  const forget = useRef<() => void>(null);
  return (
    <div className={classes.narrow}>
      <Title order={1} size="h2" mb="md">
        Import a basket
      </Title>
      <Stack>
        <Panel title="The file" told="JSON, as a basket is exported here or by the command line.">
          <Group>
            <FileButton
              resetRef={forget}
              accept="application/json,.json"
              inputProps={{ "aria-label": "Basket file" }}
              onChange={(chosen) => {
                if (chosen === null) return;
                void read(chosen).then(setFound);
                forget.current?.();
              }}
            >
              {(props) => (
                <Button {...props} variant="default" leftSection={<IconFileImport size={16} />}>
                  Choose a file
                </Button>
              )}
            </FileButton>
            <Button component={Link} to="/baskets" variant="subtle" color="gray">
              Back
            </Button>
          </Group>
        </Panel>
        {found !== undefined && "why" in found && (
          <Alert color="red" role="alert" title="This file is no basket">
            <Text size="sm">{found.why} Nothing was changed.</Text>
          </Alert>
        )}
        {found !== undefined && "file" in found && (
          <Imported key={JSON.stringify(found.file)} file={found.file} />
        )}
      </Stack>
    </div>
  );
}
