import { useState } from "react";
import { api, got } from "~/api/client";
import type { Account } from "~/api/types";

/** Which account's login was begun in this tab. */
const BEGUN = "atp-login";

/** Leave for the broker's login page, which leads back to the account. */
export async function leaveToLogIn(account: Account): Promise<void> {
  const path = { user_id: account.user_id, account_id: account.account_id };
  const told = await got(
    api.GET("/users/{user_id}/broker-accounts/{account_id}/login", { params: { path } }),
  );
  sessionStorage.setItem(BEGUN, account.account_id);
  location.assign(told.login_url);
}

/** The account whose login was begun in this tab; what an address says of any other is nobody's word. */
export function useBegun(): readonly [accountId: string | null, forget: () => void] {
  const [begun, setBegun] = useState(() => sessionStorage.getItem(BEGUN));
  return [
    begun,
    () => {
      sessionStorage.removeItem(BEGUN);
      setBegun(null);
    },
  ];
}
