"""A broker account from the command line: linked, given its keys, logged in and out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import parse_qs, urlsplit

import typer

from adapters.cli.home import Home, open_home
from adapters.cli.terms import Asked, BadInput
from adapters.live_home import LiveHome
from adapters.mornings import Mornings
from adapters.sessions import Sessions
from adapters.vault.audited import AuditedVault
from adapters.vault.file import open_vault
from adapters.worlds import brokers_of
from commands.account import LinkAccount, UnlinkAccount
from commands.desk import Request
from commands.ports import Broker
from domain.account import BrokerAccount
from domain.account_session import secrets_place, session_place
from projections.broker_accounts import BROKER_ACCOUNTS

#: What the broker's redirect calls it.
TOKEN: Final = "request_token"


def link(asked: Asked, broker: str, name: str, static_ip: str | None) -> str:
    """Link a login; answers the account's id."""
    given = {"broker": broker, "account_name": name, "static_ip": static_ip}
    with open_home(asked) as home:
        return home.ask(LinkAccount.model_validate(given)).id


def keep_secrets(asked: Asked, account: str) -> None:
    """Ask for the app's keys, without showing them, and give them to the vault."""
    with open_home(asked) as home:
        home.row(BROKER_ACCOUNTS, account)
        secret = {
            "api_key": prompted("API key", hidden=True),
            "api_secret": prompted("API secret", hidden=True),
        }
        sessions = Sessions(home.bus, no_broker, vault_of(home), home.clock, warn)
        sessions.keep_secrets(account, secret, asking(home))
        home.reads.follower.catch_up()


def connect(asked: Asked, account: str, request_token: str | None) -> None:
    """Show where to log in, and open the session with what is given then."""
    with open_home(asked) as home, looked_after(home) as sessions:
        row = home.row(BROKER_ACCOUNTS, account)
        if request_token is None:
            url, _ = sessions.begin(account, row.user_id)
            typer.echo(f"Log in here:\n{url}", err=True)
            request_token = prompted("Address the browser arrived at, or its request_token")
        sessions.connect(account, token_in(request_token), asking(home))
        noted(sessions, account, secrets_place)


def disconnect(asked: Asked, account: str, *, force: bool) -> None:
    """End the session; raises Conflict."""
    with open_home(asked) as home, looked_after(home) as sessions:
        home.row(BROKER_ACCOUNTS, account)
        noted(sessions, account, session_place)
        sessions.disconnect(account, asking(home), force=force)


def unlink(asked: Asked, account: str) -> None:
    """Unlink the account, and forget its secrets; raises Conflict."""
    with open_home(asked) as home, looked_after(home) as sessions:
        home.row(BROKER_ACCOUNTS, account)
        home.ask(UnlinkAccount(account_id=account))
        sessions.forget(account)


@contextmanager
def looked_after(home: Home) -> Iterator[Sessions]:
    """Sessions as this command may change them; which secrets were read is noted at its end."""
    with brokers_of(home.asked.home) as broker:
        sessions = Sessions(home.bus, broker, vault_of(home), home.clock, warn)
        try:
            yield sessions
        finally:
            Mornings(sessions, lambda: ()).note_reads("", home.clock.now())
            home.reads.follower.catch_up()


def vault_of(home: Home) -> AuditedVault:
    """The secrets of this home; raises VaultError."""
    terms = LiveHome.kept(home.asked.home)
    return AuditedVault(open_vault(home.asked.home, terms.vault_key_file if terms else None))


def noted(sessions: Sessions, account_id: str, place: Callable[[BrokerAccount], str]) -> None:
    """The broker's own look into the vault, which is another's, belongs into the audit as well."""
    account = sessions.account(account_id)
    if not account.paper:
        sessions.vault.restore({place(account): 1})


def no_broker(account_id: str) -> Broker:
    """For what needs none."""
    raise LookupError(f"no broker is asked for {account_id}")


def warn(trouble: str) -> None:
    """Something the trader should know, though what was asked is done."""
    typer.echo(trouble, err=True)


def asking(home: Home) -> Request:
    """Who asks, in the audit."""
    principal, at = home.principal(), home.clock.now()
    return Request(principal=principal, at=at, correlation_id=f"cli-{secrets.token_hex(8)}")


def prompted(what: str, *, hidden: bool = False) -> str:
    """What is typed, without showing it where it is secret; never part of a command line."""
    given: str = typer.prompt(what, hide_input=hidden, err=True)
    return given.strip()


def token_in(given: str) -> str:
    """The request token, out of the address it came in; raises BadInput."""
    given = given.strip()
    if "?" in given:
        query = parse_qs(urlsplit(given).query)
        if query.get("status", ["success"]) != ["success"] or TOKEN not in query:
            raise BadInput("this address carries no request_token: the login did not succeed")
        given = query[TOKEN][0]
    if not given:
        raise BadInput("nothing was given: log in again")
    return given
