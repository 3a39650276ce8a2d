"""`atp user`: who may sign in, and what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from adapters.cli import user_notify
from adapters.cli.home import Home, open_home
from adapters.cli.showing import console, facts, print_json, table
from adapters.cli.terms import Absent, Asked, asked_of
from adapters.identity.local import LocalIdentity
from commands.desk import Principal
from commands.user import ChangeRoles, DisableUser, RegisterUser
from domain.user import Role
from projections.document import document
from projections.users import USERS, UserRow

app = typer.Typer(no_args_is_help=True)
app.add_typer(user_notify.app, name="notify")
Email = Annotated[str, typer.Argument(metavar="USER", help="E-mail address or id.")]
Roles = Annotated[list[Role], typer.Option("--role", help="Once for each role.")]


@contextmanager
def identity_of(asked: Asked) -> Iterator[LocalIdentity]:
    """Passwords and sessions of the platform in this folder."""
    identity = LocalIdentity(asked.home)
    try:
        yield identity
    finally:
        identity.close()


def admin(home: Home) -> Principal:
    """Who changes users: the one named by --as, else the platform, as the machine's owner."""
    if home.asked.user is not None:
        return home.principal()
    return Principal(user_id="platform", platform=True)


@app.command("list")
def list_users(ctx: typer.Context) -> None:
    """Every user."""
    with open_home(asked_of(ctx)) as home:
        rows = home.users()
    if asked_of(ctx).json:
        print_json([document(USERS, row) for row in rows])
        return
    names = ("user", "e-mail", "name", "roles", "status", "accounts", "last signed in (IST)")
    console().print(table("Users", names, [
        (row.id, row.email, row.name, row.roles, row.status, len(row.accounts),
         row.last_signed_in_at)
        for row in rows
    ]))  # fmt: skip


@app.command()
def add(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(help="How they sign in.")],
    name: Annotated[str, typer.Option(help="What they are called.")] = "",
    role: Roles = [Role.TRADER],  # noqa: B006  # typer copies it
) -> None:
    """A new user with a paper account; the one-time password is printed once."""
    command = RegisterUser(email=email, name=name, roles=tuple(dict.fromkeys(role)))
    with open_home(asked_of(ctx)) as home, identity_of(asked_of(ctx)) as identity:
        admitted = identity.admit(email, lambda: home.ask(command, admin(home)).id)
        answer(home, admitted.user_id, admitted.one_time_password)


@app.command()
def roles(ctx: typer.Context, user: Email, role: Roles) -> None:
    """Give exactly these roles."""
    with open_home(asked_of(ctx)) as home:
        found = home.user_named(user)
        home.ask(ChangeRoles(user_id=found.id, roles=tuple(dict.fromkeys(role))), admin(home))
        answer(home, found.id)


@app.command()
def disable(
    ctx: typer.Context,
    user: Email,
    reason: Annotated[str, typer.Option(help="Why; kept in the audit.")] = "by hand",
) -> None:
    """Keep a user out, and end what sessions they have; their runs go on to their exits."""
    with open_home(asked_of(ctx)) as home, identity_of(asked_of(ctx)) as identity:
        found = home.user_named(user)
        home.ask(DisableUser(user_id=found.id, reason=reason), admin(home))
        identity.sign_out_everywhere(found.id, "disabled")
        answer(home, found.id)


@app.command("password-reset")
def reset_password(ctx: typer.Context, user: Email) -> None:
    """A new one-time password, printed once; the authenticator is forgotten, sessions end."""
    with open_home(asked_of(ctx)) as home, identity_of(asked_of(ctx)) as identity:
        found = home.user_named(user)
        try:
            password = identity.reset(found.id)
        except LookupError as error:
            raise Absent(f"{found.email} never could sign in here") from error
        answer(home, found.id, password)


def answer(home: Home, user_id: str, password: str | None = None) -> None:
    """The user as they now are, with a password that is shown only now."""
    row: UserRow = home.row(USERS, user_id)
    told = {"one_time_password": password} if password else {}
    if home.asked.json:
        print_json({**document(USERS, row), **told})
        return
    out = console()
    out.print(facts(f"{row.email} ({row.id})", {
        "name": row.name,
        "roles": row.roles,
        "status": row.status,
        "accounts": row.accounts,
        **told,
    }))  # fmt: skip
    if password:
        out.print("The password is shown only now, and has to be changed at the first sign-in.")
