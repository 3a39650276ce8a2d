"""`atp user notify`: where a user is told outside of the inbox, and from which gravity on."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from adapters.cli.home import Home, open_home
from adapters.cli.showing import console, facts, print_json, table
from adapters.cli.terms import Absent, Asked, BadInput, asked_of
from adapters.live_home import LiveHome
from adapters.notify.target import BadTarget
from adapters.notify.targets import Named, Targets, add, kinds
from adapters.notify.telling import tried
from adapters.vault.file import open_vault
from commands.desk import Principal
from commands.user import ChooseChannels, UpdateProfile
from domain.gravity import Gravity
from domain.notifications import Channel, Notifications
from projections.users import UserRow

app = typer.Typer(no_args_is_help=True, help="Where a user is told: list, set, remove, test.")
User = Annotated[str, typer.Argument(metavar="USER", help="E-mail address or id.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the target is called.")]
Flag = bool | None
Least = Gravity | None


def targets_of(asked: Asked) -> Targets:
    """The targets in the vault of the platform in this folder; raises VaultError."""
    live = LiveHome.kept(asked.home)
    return Targets(open_vault(asked.home, live.vault_key_file if live else None))


def themselves(user: UserRow) -> Principal:
    """The machine's owner does it in the user's name."""
    return Principal(user_id=user.id, roles=frozenset(user.roles))


@app.command("list")
def list_targets(ctx: typer.Context, user: User) -> None:
    """Every target of a user, its secrets masked, and what each kind of channel is told."""
    with open_home(asked_of(ctx)) as home:
        found = home.user_named(user)
        answer(asked_of(ctx), found, targets_of(asked_of(ctx)).shown(found.id))


@app.command("set")
def set_target(ctx: typer.Context, user: User, name: Name) -> None:
    """Be told there; the address is asked for, or read from a pipe, and is shown nowhere."""
    with open_home(asked_of(ctx)) as home:
        found = home.user_named(user)
        targets = targets_of(asked_of(ctx))
        url = asked_for()
        with targets.changing(found.id) as urls:
            try:
                add(urls, name, url)
            except BadTarget as bad:
                raise BadInput(str(bad)) from None
            choose(home, found, urls)
        answer(asked_of(ctx), found, targets.shown(found.id))


@app.command()
def remove(ctx: typer.Context, user: User, name: Name) -> None:
    """Be told there no more."""
    with open_home(asked_of(ctx)) as home:
        found = home.user_named(user)
        targets = targets_of(asked_of(ctx))
        with targets.changing(found.id) as urls:
            if urls.pop(name, None) is None:
                raise Absent(f"{found.email} has no target {name}")
            choose(home, found, urls)
        answer(asked_of(ctx), found, targets.shown(found.id))


@app.command()
def test(ctx: typer.Context, user: User) -> None:
    """Send a test message to every target of a user."""
    with open_home(asked_of(ctx)) as home:
        found = home.user_named(user)
    trials = tried(targets_of(asked_of(ctx)).urls(found.id))
    if asked_of(ctx).json:
        print_json(dict(trials))
        return
    console().print(table("Test messages", ("target", "outcome"), sorted(trials.items())))


@app.command()
def prefer(
    ctx: typer.Context,
    user: User,
    email: Annotated[Flag, typer.Option("--email/--no-email", help="Tell by mail.")] = None,
    sms: Annotated[Flag, typer.Option("--sms/--no-sms", help="Tell by text message.")] = None,
    push: Annotated[Flag, typer.Option("--push/--no-push", help="Tell everywhere else.")] = None,
    least_email: Annotated[Least, typer.Option(help="The least grave that is mailed.")] = None,
    least_sms: Annotated[Least, typer.Option(help="The least grave that is texted.")] = None,
    least_push: Annotated[Least, typer.Option(help="The least grave anywhere else.")] = None,
) -> None:
    """Say which kinds of channels are told what; what is not given stays as it is."""
    used = {Channel.EMAIL: email, Channel.SMS: sms, Channel.PUSH: push}
    least = {Channel.EMAIL: least_email, Channel.SMS: least_sms, Channel.PUSH: least_push}
    with open_home(asked_of(ctx)) as home:
        found = home.user_named(user)
        now = found.preferences.notifications
        wished = now.model_copy(
            update={
                **{kind.value: flag for kind, flag in used.items() if flag is not None},
                "least": now.least.model_copy(
                    update={kind.value: grave for kind, grave in least.items() if grave}
                ),
            }
        )
        preferences = found.preferences.model_copy(update={"notifications": wished})
        profile = UpdateProfile(user_id=found.id, name=found.name, preferences=preferences)
        home.ask(profile, themselves(found))
        targets = targets_of(asked_of(ctx)).shown(found.id)
        answer(asked_of(ctx), home.user_named(found.id), targets)


def choose(home: Home, user: UserRow, urls: dict[str, str]) -> None:
    home.ask(ChooseChannels(user_id=user.id, kinds=kinds(urls), count=len(urls)), themselves(user))


def asked_for() -> str:
    """The secret address: typed unseen, or from a pipe; never a word of the command line."""
    if sys.stdin.isatty():
        return str(typer.prompt("Address (tgram://…, mailto://…, json://…)", hide_input=True))
    return sys.stdin.readline().strip()


def answer(asked: Asked, user: UserRow, targets: list[Named]) -> None:
    wishes = user.preferences.notifications
    if asked.json:
        shown = [vars(each) for each in targets]
        print_json({"user_id": user.id, "notifications": wishes.model_dump(), "targets": shown})
        return
    out = console()
    out.print(facts(f"{user.email} ({user.id})", told(wishes)))
    out.print(table("Targets", ("target", "channel", "service", "address"), [
        (each.name, each.channel, each.service, each.shown) for each in targets
    ]))  # fmt: skip


def told(wishes: Notifications) -> dict[str, str]:
    """What each kind of channel is told, in words."""
    return {
        channel.value: f"from {getattr(wishes.least, channel.value)} on"
        if getattr(wishes, channel.value)
        else "nothing"
        for channel in Channel
    }
