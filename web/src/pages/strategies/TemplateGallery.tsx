import { Button, Text, Title, UnstyledButton } from "@mantine/core";
import { useId } from "react";
import classes from "./gallery.module.css";
import { TEMPLATES, type Template, type View } from "./templates";

const VIEWS: readonly View[] = ["It stays", "It moves", "It rises", "It falls"];

/** Where a new strategy begins: by what one expects of the market, or from nothing. */
export function TemplateGallery({ onChosen }: { readonly onChosen: (id: string) => void }) {
  return (
    <>
      <header className={classes.top}>
        <div>
          <Title order={1} size="h2">
            New strategy
          </Title>
          <Text c="dimmed" mb="md">
            What do you expect of the market? Everything can be changed afterwards.
          </Text>
        </div>
        <Button variant="default" onClick={() => onChosen("blank")}>
          Start blank
        </Button>
      </header>
      <div className={classes.views}>
        {VIEWS.map((view) => (
          <section key={view} aria-label={view} className={classes.view}>
            <Title order={2} size="h5" mb="xs">
              {view}
            </Title>
            <div className={classes.cards}>
              {TEMPLATES.filter((each) => each.view === view).map((each) => (
                <Card key={each.id} template={each} onChosen={onChosen} />
              ))}
            </div>
          </section>
        ))}
      </div>
    </>
  );
}

interface OneCard {
  readonly template: Template;
  readonly onChosen: (id: string) => void;
}

function Card({ template, onChosen }: OneCard) {
  return (
    <UnstyledButton className={classes.card} onClick={() => onChosen(template.id)}>
      <Pictogram picture={template.picture} />
      <Text fw={600}>{template.name}</Text>
      <Text size="xs" c="dimmed">
        {template.about}
      </Text>
    </UnstyledButton>
  );
}

const WIDTH = 120;
const HEIGHT = 44;

function Pictogram({ picture }: Pick<Template, "picture">) {
  const id = useId();
  const [above, below] = [`${id}-above`, `${id}-below`];
  const line = picture.map(([x, y]) => `${x * WIDTH},${(HEIGHT / 2) * (1 - y * 0.85)}`).join(" ");
  const area = `0,${HEIGHT / 2} ${line} ${WIDTH},${HEIGHT / 2}`;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={classes.picture} aria-hidden="true">
      <clipPath id={above}>
        <rect width={WIDTH} height={HEIGHT / 2} />
      </clipPath>
      <clipPath id={below}>
        <rect width={WIDTH} height={HEIGHT / 2} y={HEIGHT / 2} />
      </clipPath>
      <polygon points={area} className={classes.gain} clipPath={`url(#${above})`} />
      <polygon points={area} className={classes.loss} clipPath={`url(#${below})`} />
      <line x1="0" x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      <polyline points={line} />
    </svg>
  );
}
