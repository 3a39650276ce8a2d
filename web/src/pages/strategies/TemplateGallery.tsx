import { Text, Title, UnstyledButton } from "@mantine/core";
import classes from "./gallery.module.css";
import { TEMPLATES, type Template, type View } from "./templates";

const VIEWS: readonly View[] = ["It stays", "It moves", "It rises", "It falls"];

/** Where a new strategy begins: by what one expects of the market, or from nothing. */
export function TemplateGallery({ onChosen }: { readonly onChosen: (id: string) => void }) {
  return (
    <>
      <Title order={1} size="h2">
        New strategy
      </Title>
      <Text c="dimmed" mb="md">
        What do you expect of the market? Everything can be changed afterwards.
      </Text>
      {VIEWS.map((view) => (
        <section key={view} aria-label={view}>
          <Title order={2} size="h5" mt="md" mb="xs">
            {view}
          </Title>
          <div className={classes.cards}>
            {TEMPLATES.filter((each) => each.view === view).map((each) => (
              <Card key={each.id} template={each} onChosen={onChosen} />
            ))}
          </div>
        </section>
      ))}
      <Title order={2} size="h5" mt="md" mb="xs">
        Something else
      </Title>
      <div className={classes.cards}>
        <UnstyledButton className={classes.card} onClick={() => onChosen("blank")}>
          <span className={classes.blank} aria-hidden="true">
            +
          </span>
          <Text fw={600}>Blank</Text>
          <Text size="xs" c="dimmed">
            Pick each leg on the option chain
          </Text>
        </UnstyledButton>
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
  const line = picture.map(([x, y]) => `${x * WIDTH},${(HEIGHT / 2) * (1 - y * 0.85)}`).join(" ");
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={classes.picture} aria-hidden="true">
      <line x1="0" x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      <polyline points={line} />
    </svg>
  );
}
