"""How long a comparison takes tells nothing of a secret, nor of whether a user exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher

from adapters.identity.passwords import Passwords
from tests.adapters.api.practice import PASSWORD, Person, Practice, refused

ROOT = Path(__file__).parents[2]
#: Names under which adapters hold what somebody outside would like to guess.
SECRET = re.compile(r"checksum|token|secret|proof|signature|\bseal\b|\botp\b|password|digest|hmac")
#: Comparisons of such names that tell nobody anything, and why.
HARMLESS = {
    "identity/cognito.py: opened.challenge == NEW_PASSWORD": "a challenge's name",
    "identity/cognito.py: jwt.get_unverified_header(access_token).get('alg') == OURS": "public",
    "brokers/zerodha/client.py: newer.access_token == client.access_token": "both are ours",
    "brokers/zerodha/ticks.py: self._tokens.get(key) == token": "numbers of contracts",
}


def compared(tree: ast.AST) -> Iterator[str]:
    """Every `==` and `!=` with such a name on a side, and neither side a constant."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        sides = (node.left, *node.comparators)
        if any(isinstance(side, ast.Constant) for side in sides):
            continue
        names = [side for side in sides if isinstance(side, ast.Name | ast.Attribute | ast.Call)]
        if any(SECRET.search(ast.unparse(name).lower()) for name in names):
            yield ast.unparse(node)


@pytest.mark.parametrize("folder", ["identity", "api", "vault", "brokers/zerodha", "notify"])
def test_nothing_secret_is_compared_letter_by_letter(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT / 'adapters').as_posix()}: {line}"
        for path in sorted((ROOT / "adapters" / folder).rglob("*.py"))
        for line in compared(ast.parse(path.read_text()))
    ]

    assert [line for line in found if line not in HARMLESS] == []


@pytest.mark.parametrize("line", ["token == self._token", "a.checksum != expected()"])
def test_a_comparison_that_tells_is_recognised(line: str) -> None:
    assert list(compared(ast.parse(line))) == [line]


class Counting(PasswordHasher):
    """Counts the work that is done."""

    work = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        Counting.work += 1
        return super().verify(hash, password)


def test_a_stranger_costs_the_same_work_as_a_wrong_password() -> None:
    passwords = Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1))
    kept = passwords.hash(PASSWORD)
    Counting.work = 0

    known = passwords.right(kept, "wrong")
    after_known = Counting.work
    unknown = passwords.right(None, "wrong")

    assert (known, unknown) == (False, False)
    assert (after_known, Counting.work) == (1, 2)


def test_no_answer_says_whether_there_is_such_a_user(practice: Practice, trader: Person) -> None:
    client = practice.anybody()
    told = []
    for email in (trader.email, "nobody@example.com"):
        sent = {"email": email, "password": "wrong"}
        answers = [client.post("/auth/login", json=sent) for _ in range(7)]
        told.append([(each.status_code, sorted(each.json())) for each in answers])
        refused(answers[0], 401, "wrong-credentials")

    assert told[0] == told[1]
