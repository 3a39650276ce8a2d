import { Checkbox, Collapse, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import classes from "./builder.module.css";
import type { Draft } from "./draft";
import { useFault, useFaults } from "./faults";
import { Amount, Choice, type OfDraft, Whole } from "./fields";
import { Panel } from "./Panel";

/** When it leaves before its time, and how its orders are sent. */
export function RiskPanel({ draft, edit }: OfDraft) {
  const risk = draft.risk_params;
  const change = (to: Partial<Draft["risk_params"]>) =>
    edit((was) => ({ ...was, risk_params: { ...was.risk_params, ...to } }));
  return (
    <Panel title="Risk">
      <div className={classes.pair}>
        <Amount
          label="Max loss, ₹"
          field="risk_params.max_loss"
          value={risk.max_loss}
          onChange={(max_loss) => change({ max_loss })}
        />
        <Amount
          label="Target profit, ₹"
          field="risk_params.target_profit"
          value={risk.target_profit}
          onChange={(target_profit) => change({ target_profit })}
        />
      </div>
      <Amount
        label="Stop loss, % of the net premium"
        field="risk_params.stop_loss_pct"
        value={risk.stop_loss_pct}
        onChange={(stop_loss_pct) => change({ stop_loss_pct })}
      />
      <Unbounded draft={draft} edit={edit} />
      <Advanced draft={draft} edit={edit} />
    </Panel>
  );
}

/** Asked for where the platform says so, and shown where it was accepted. */
function Unbounded({ draft, edit }: OfDraft) {
  const fault = useFault("accept_unbounded_risk");
  if (fault === undefined && !draft.accept_unbounded_risk) return null;
  return (
    <Checkbox
      mt="sm"
      size="xs"
      label="I accept that the loss has no limit but the max loss"
      error={fault}
      checked={draft.accept_unbounded_risk}
      onChange={(event) => {
        const accept_unbounded_risk = event.currentTarget.checked;
        edit((was) => ({ ...was, accept_unbounded_risk }));
      }}
    />
  );
}

const FOLDED = ["order_type", "product", "atm_fallback", "entry_grace_s", "hedge_timeout_s"];

/** What the rules' defaults serve for nearly always; open at once where something in it is wrong. */
function Advanced({ draft, edit }: OfDraft) {
  const [open, setOpen] = useState(false);
  const wrong = useFaults().some((fault) => FOLDED.includes(fault.field));
  return (
    <>
      <UnstyledButton
        mt="sm"
        fz="xs"
        c="dimmed"
        aria-expanded={open || wrong}
        onClick={() => setOpen(!open)}
      >
        {open || wrong ? "▾" : "▸"} Orders and timeouts
      </UnstyledButton>
      <Collapse expanded={open || wrong}>
        <div className={classes.pair}>
          <Choice
            label="Order type"
            field="order_type"
            value={draft.order_type}
            options={{ LIMIT: "limit at the touch", MARKET: "market, protected" }}
            onChange={(value) => edit((was) => ({ ...was, order_type: value ?? "LIMIT" }))}
          />
          <Choice
            label="Product"
            field="product"
            value={draft.product}
            options={{ MIS: "MIS", NRML: "NRML" }}
            none="by holding"
            onChange={(product) => edit((was) => ({ ...was, product }))}
          />
          <Choice
            label="Without a spot"
            field="atm_fallback"
            value={draft.atm_fallback}
            options={{ SYNTHETIC: "use parity" }}
            none="skip the entry"
            onChange={(atm_fallback) => edit((was) => ({ ...was, atm_fallback }))}
          />
          <Whole
            label="Late entry until, s"
            field="entry_grace_s"
            value={draft.entry_grace_s}
            onChange={(entry_grace_s) => edit((was) => ({ ...was, entry_grace_s }))}
          />
          <Whole
            label="Hedges within, s"
            field="hedge_timeout_s"
            value={draft.hedge_timeout_s}
            onChange={(hedge_timeout_s) => edit((was) => ({ ...was, hedge_timeout_s }))}
          />
        </div>
      </Collapse>
    </>
  );
}
