import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconHandStop } from "@tabler/icons-react";
import { useTrades } from "~/api/profile";
import classes from "./kill/kill.module.css";
import { Stopping } from "./kill/Stopping";
import { useAccounts } from "./trades/names";

/** Stops trading, account by account, once it was said what will happen on each. */
export function KillSwitch() {
  const [open, { open: show, close }] = useDisclosure(false);
  const trades = useTrades();
  const accounts = useAccounts().data?.items ?? [];
  const blocked = accounts.filter((account) => account.block !== null).length;
  if (accounts.length === 0 || (!trades && blocked === 0)) return null;
  const label = blocked === 0 ? "Stop trading" : `${blocked} of ${accounts.length} stopped`;
  return (
    <>
      <Button
        size="compact-sm"
        variant={blocked === 0 ? "default" : "filled"}
        color="red.9"
        className={classes.switch ?? ""}
        data-stopped={blocked > 0 || undefined}
        aria-label={blocked === 0 ? label : `Kill switch: ${label}`}
        onClick={show}
      >
        <IconHandStop size={16} aria-hidden />
        <span className={classes.label}>{label}</span>
      </Button>
      <Modal opened={open} onClose={close} size="lg" title="Stop trading">
        <Stopping accounts={accounts} onClose={close} />
      </Modal>
    </>
  );
}
