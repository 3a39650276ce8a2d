import { Authenticator } from "./Authenticator";
import { ChangePassword } from "./ChangePassword";
import { Frame } from "./Frame";
import classes from "./settings.module.css";

/** What one signs in with. */
export function SecurityPage() {
  return (
    <Frame title="Security">
      <div className={classes.columns}>
        <ChangePassword />
        <Authenticator />
      </div>
    </Frame>
  );
}
