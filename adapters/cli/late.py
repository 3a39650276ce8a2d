"""Commands that are loaded when they are used, so that help and typing errors cost nothing."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

#: Options that may stand anywhere on the line; True where a value follows.
EVERYWHERE = {"--home": True, "--as": True, "--json": False}


def late(load: Callable[[], typer.Typer]) -> type[TyperGroup]:
    """A group whose commands are those of what `load` imports, once one of them is wanted."""

    class Late(TyperGroup):
        # Any, here and below: typer keeps its own copy of click's types to itself.
        def make_context(self, *args: Any, **kwargs: Any) -> Any:
            self.commands = get_group(load()).commands
            return super().make_context(*args, **kwargs)

    return Late


class Root(TyperGroup):
    """Takes what may be said everywhere from wherever it stands, and turns errors into endings."""

    def make_context(
        self, info_name: str | None, args: list[str], *more: Any, **kwargs: Any
    ) -> Any:
        return super().make_context(info_name, hoisted(args), *more, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        from adapters.cli.faults import answered

        with answered(as_json=ctx.params.get("as_json", False)):
            return super().invoke(ctx)


@contextmanager
def to_stay() -> Iterator[None]:
    """Load in here what lasts as long as the process: no garbage is looked for in it, now or later.

    Looking for some while modules are loaded finds none, and takes a third of the time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def hoisted(args: list[str]) -> list[str]:
    """The same words, with those that are good everywhere first."""
    first: list[str] = []
    rest: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            rest += [word, *words]
            break
        name, equals, _ = word.partition("=")
        if name not in EVERYWHERE:
            rest.append(word)
            continue
        first.append(word)
        if EVERYWHERE[name] and not equals:
            first += [value for value in (next(words, None),) if value is not None]
    return first + rest
