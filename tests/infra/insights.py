"""As much of CloudWatch Logs Insights as our queries speak, over lines as they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Any: JSON.
Line = Mapping[str, Any]
PRESENT = re.compile(r"ispresent\((\w+)\)")
ALL = "every line"


def ask(query: Sequence[str], lines: Iterable[Line]) -> list[Line]:
    """What the query answers."""
    found = list(lines)
    for command in query:
        verb, _, rest = command.partition(" ")
        match verb:
            case "filter":
                found = [line for line in found if _holds(rest, line)]
            case "fields":
                found = [{**line, **_named(rest, line)} for line in found]
            case "stats":
                found = _stats(rest, found)
            case _:
                raise ValueError(f"{verb} is not spoken here")
    return found


def _holds(condition: str, line: Line) -> bool:
    return bool(eval(PRESENT.sub(lambda field: str(field[1] in line), condition)))


def _named(rest: str, line: Line) -> Line:
    expression, _, name = rest.rpartition(" as ")
    return {name: eval(expression, {}, dict(line))}


def _stats(rest: str, lines: Sequence[Line]) -> list[Line]:
    figures, _, key = rest.partition(" by ")
    if key.startswith("bin("):
        key = ""  # all lines of one day
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line[key] if key else "", []).append(line)
    answers: list[Line] = []
    for of, members in groups.items():
        answer = {
            name: _figure(expression, members)
            for expression, name in re.findall(r"(.+?) as (\w+)(?:, |$)", figures)
        }
        known = {name: value for name, value in answer.items() if value is not None}
        answers.append({**known, **({key: of} if key else {})})
    return answers


def _figure(expression: str, lines: Sequence[Line]) -> Any:
    def values(field: str) -> list[Any]:
        return [line[field] for line in lines if field in line]

    def pct(field: str, percent: int) -> Any:
        ordered = sorted(values(field))
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

    functions = {
        "min": lambda field: min(values(field), default=None),
        "max": lambda field: max(values(field), default=None),
        "count": lambda field: len(lines) if field == ALL else len(values(field)),
        "count_distinct": lambda field: len(set(values(field))),
        "pct": pct,
    }
    spelt = re.sub(r"\((\w+|\*)(?=[,)])", lambda f: f"({f[1]!r}", expression).replace(
        "'*'", repr(ALL)
    )
    return eval(spelt, dict(functions))
