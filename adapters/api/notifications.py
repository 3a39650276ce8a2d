"""Where the caller is told outside of the inbox; addresses go in, and never come out again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, SecretStr
from starlette.responses import Response

from adapters.api.callers import Caller, Editing, Posting, Reading
from adapters.api.documents import Shown
from adapters.api.openapi import TAGGED, problems
from adapters.api.problems import Declined, FieldError
from adapters.api.reading import answer, tagged
from adapters.api.users import user_row
from adapters.notify.target import LONGEST, BadTarget
from adapters.notify.targets import NAME, Named, add, kinds
from adapters.notify.telling import Telling, TooSoon, Trial
from commands.user import ChooseChannels
from domain.notifications import Channel

router = APIRouter(prefix="/notifications")

Name = Annotated[str, Path(pattern=f"^{NAME}$")]


class TargetSent(BaseModel, frozen=True, extra="forbid"):
    """An address as apprise has it: `tgram://…`, `mailto://…`, `json://…`."""

    url: SecretStr = Field(min_length=5, max_length=LONGEST, json_schema_extra={"writeOnly": True})


class TargetShown(Shown):
    """A target without its secrets; `failing` while it does not take what it is sent."""

    name: str
    channel: Channel
    service: str
    shown: str
    failing: bool


class TargetsShown(Shown):
    targets: list[TargetShown]


class TrialsShown(Shown):
    """What became of the test message, by the target's name."""

    trials: dict[str, Trial]


@router.get("/targets", response_model=TargetsShown, responses=TAGGED)
def targets(caller: Reading) -> Response:
    """Every place where the caller is told, its secrets masked."""
    telling = telling_of(caller)
    failing = telling.failing(caller.user_id)
    shown = [document(each, each.name in failing) for each in telling.targets.shown(caller.user_id)]
    return answered(caller, {"targets": shown})


@router.put("/targets/{name}", response_model=TargetShown, responses=TAGGED | problems(412))
def put_target(name: Name, body: TargetSent, caller: Editing) -> Response:
    """Be told there, too, or instead of where this name led before."""
    kept = telling_of(caller).targets
    with kept.changing(caller.user_id) as urls:
        try:
            seen = add(urls, name, body.url.get_secret_value())
        except BadTarget as bad:
            field = FieldError(field="url", code=bad.code, message=str(bad))
            raise Declined(422, bad.code, str(bad), [field]) from None
        choose(caller, urls)
    named = Named(name=name, channel=seen.channel, service=seen.service, shown=seen.shown)
    return answered(caller, document(named, failing=False))


@router.delete("/targets/{name}", response_model=TargetsShown, responses=TAGGED | problems(412))
def delete_target(name: Name, caller: Editing) -> Response:
    """Be told there no more; answers what is left."""
    kept = telling_of(caller).targets
    with kept.changing(caller.user_id) as urls:
        if urls.pop(name, None) is None:
            raise Declined(404, "not-found", f"there is no target {name}")
        choose(caller, urls)
    left = [document(each, failing=False) for each in kept.shown(caller.user_id)]
    return answered(caller, {"targets": left})


@router.post("/test", response_model=TrialsShown, responses=problems(409, 429))
def try_out(caller: Posting) -> Response:
    """Send a test message to every target, and say what became of it."""
    try:
        trials = telling_of(caller).try_out(caller.user_id)
    except TooSoon:
        detail = "a test message went out a moment ago"
        raise Declined(429, "too-many-attempts", detail, (), {"Retry-After": "10"}) from None
    return answer({"trials": dict(trials)})


def telling_of(caller: Caller) -> Telling:
    telling = caller.context.telling
    if telling is None:
        raise Declined(503, "no-vault", "this platform keeps no targets: it tells in its own way")
    return telling


def choose(caller: Caller, urls: dict[str, str]) -> None:
    """The caller's stream knows kinds and number, and nothing else."""
    caller.ask(ChooseChannels(user_id=caller.user_id, kinds=kinds(urls), count=len(urls)))


def answered(caller: Caller, body: dict[str, object]) -> Response:
    """With the edition that a change may name: targets are part of their user."""
    edition = user_row(caller.context, caller.user_id).edition
    return answer(body, 200, tagged(edition))


def document(named: Named, failing: bool) -> dict[str, object]:
    return {
        "name": named.name,
        "channel": named.channel,
        "service": named.service,
        "shown": named.shown,
        "failing": failing,
    }
