import { Badge, Button, Progress, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconCircle, IconCircleCheckFilled } from "@tabler/icons-react";
import { Link } from "react-router";
import { Trouble } from "~/parts/Trouble";
import { useBeginning } from "./asking";
import { nextOf, type Step, stepsOf } from "./checklist";
import classes from "./start.module.css";

/** From the first start to a strategy that trades on paper. */
export function Start() {
  const { beginning, error, again } = useBeginning();
  return (
    <Stack gap="md" className={classes.page ?? ""}>
      <div>
        <Title order={1} size="h2">
          Get started
        </Title>
        <Text c="dimmed" size="sm">
          A few steps, and a strategy of yours trades on paper.
        </Text>
      </div>
      <Trouble of={error} again={again} />
      {beginning === undefined && error == null && <Skeleton height={320} />}
      {beginning !== undefined && <Checklist steps={stepsOf(beginning)} />}
    </Stack>
  );
}

function Checklist({ steps }: { readonly steps: readonly Step[] }) {
  const next = nextOf(steps);
  const done = steps.filter((step) => step.done).length;
  const told = `${done} of ${steps.length} done`;
  return (
    <>
      <div>
        <Text size="sm" mb={4} role="status">
          {next === undefined ? "You are set up: your strategies trade by themselves now." : told}
        </Text>
        <Progress value={(100 * done) / steps.length} size="sm" aria-label={told} />
      </div>
      <ol className={classes.steps}>
        {steps.map((step) => (
          <OneStep key={step.name} step={step} next={step === next} />
        ))}
      </ol>
    </>
  );
}

function OneStep({ step, next }: { readonly step: Step; readonly next: boolean }) {
  return (
    <li className={classes.step} data-next={next || undefined} aria-label={step.name}>
      {step.done ? (
        <IconCircleCheckFilled className={classes.done} size={22} aria-label="Done" />
      ) : (
        <IconCircle className={classes.open} size={22} aria-label="To do" />
      )}
      <div className={classes.told}>
        <Text fw={600} size="sm">
          {step.name}{" "}
          {step.advised && (
            <Badge size="xs" variant="light" color="gray">
              Advised
            </Badge>
          )}
        </Text>
        <Text size="sm" c="dimmed">
          {step.told}
        </Text>
      </div>
      <Button
        component={Link}
        to={step.to}
        size="xs"
        variant={next ? "filled" : "default"}
        aria-label={`${step.way}: ${step.name}`}
      >
        {step.way}
      </Button>
    </li>
  );
}
