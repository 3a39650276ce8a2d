import { Alert, Anchor } from "@mantine/core";
import { Link, useParams } from "react-router";
import { inWords } from "~/api/problem";
import { Waiting } from "~/app/Waiting";
import { useStrategy } from "./asking";
import { Builder } from "./Builder";
import { draftOf } from "./draft";

/** The builder on a strategy there is. */
export function EditStrategy() {
  const { strategyId = "" } = useParams();
  const { data, error } = useStrategy(strategyId);
  if (data !== undefined) {
    return <Builder key={strategyId} first={draftOf(data)} strategy={data} basket={null} />;
  }
  if (error) {
    return (
      <Alert color="red" title="This strategy cannot be shown">
        {inWords(error)}{" "}
        <Anchor component={Link} to="/strategies" inherit>
          To your strategies
        </Anchor>
      </Alert>
    );
  }
  return <Waiting for="the strategy" />;
}
