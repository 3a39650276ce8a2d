"""Where a user is told is theirs alone: it goes in, and is never shown again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.user import User
from tests.adapters.api.practice import Person, Practice, fields, ok, refused
from tests.adapters.notify.stage import Hook, hooked

TARGETS = "/notifications/targets"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hooked() as opened:
        yield opened


def test_a_target_is_kept_in_the_vault_and_shown_without_its_secrets(
    practice: Practice, trader: Person, stranger: Person
) -> None:
    url = "json://asha:p4ssword@hooks.example.com/h00k-path?+X-Key=h34der"

    put = trader.put(f"{TARGETS}/chat", {"url": url})

    assert ok(put) == {
        "name": "chat",
        "channel": "push",
        "service": "JSON",
        "shown": "json://asha:****@hooks.example.com/…",
        "failing": False,
    }
    assert ok(trader.get(TARGETS)) == {"targets": [ok(put)]}
    assert ok(stranger.get(TARGETS)) == {"targets": []}
    assert practice.vault.read(f"notify/{trader.user_id}") == {"chat": url}
    secrets = ("p4ssword", "h00k-path", "h34der")
    kept = b"".join(p.read_bytes() for p in practice.folder.rglob("*") if p.is_file())
    assert [each for each in secrets if each in put.text or each.encode() in kept] == []


def test_the_stream_knows_kinds_and_number_only(practice: Practice, trader: Person) -> None:
    ok(trader.put(f"{TARGETS}/mail", {"url": "mailto://a:b@example.com"}))
    ok(trader.put(f"{TARGETS}/chat", {"url": "ntfy://topic-of-mine"}))
    ok(trader.delete(f"{TARGETS}/mail"))

    told = practice.platform.trading.history(trader.user_id)
    chosen = [each for each in told if isinstance(each, User.ChannelsChosen)]
    assert [(each.kinds, each.count) for each in chosen] == [
        (("email",), 1),
        (("email", "push"), 2),
        (("push",), 1),
    ]


def test_a_name_leads_to_one_place_and_the_last_one_that_goes_empties_the_vault(
    practice: Practice, trader: Person
) -> None:
    ok(trader.put(f"{TARGETS}/chat", {"url": "json://one.example.com"}))
    ok(trader.put(f"{TARGETS}/chat", {"url": "json://two.example.com"}))
    replaced = ok(trader.get(TARGETS))["targets"]

    left = ok(trader.delete(f"{TARGETS}/chat"))

    assert [each["shown"] for each in replaced] == ["json://two.example.com/…"]
    assert left == {"targets": []}
    assert f"notify/{trader.user_id}" not in practice.vault.refs()
    refused(trader.delete(f"{TARGETS}/chat"), 404, "not-found")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("nothing at all", "bad-target"),
        ("nowhere://to.be/found", "bad-target"),
        ("syslog://", "service-not-allowed"),
        ("macosx://", "service-not-allowed"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?template=/etc/passwd",
         "parameter-not-allowed"),
        ("mailto://a:b@example.com?PGPKey=/etc/passwd", "parameter-not-allowed"),
        ("json://169.254.169.254/latest", "address-not-allowed"),
    ],
)  # fmt: skip
def test_what_is_no_target_for_us_is_refused_and_not_repeated(
    practice: Practice, trader: Person, url: str, code: str
) -> None:
    problem = refused(trader.put(f"{TARGETS}/chat", {"url": url}), 422, code)

    assert fields(problem) == [("url", code)]
    assert url not in str(problem)
    assert practice.vault.refs() == ()


def test_ten_targets_are_enough(trader: Person) -> None:
    for number in range(10):
        ok(trader.put(f"{TARGETS}/t{number}", {"url": "json://example.com"}))

    refused(trader.put(f"{TARGETS}/t10", {"url": "json://example.com"}), 422, "too-many-targets")
    ok(trader.put(f"{TARGETS}/t9", {"url": "json://other.example.com"}))


def test_a_change_may_name_the_edition_it_means(practice: Practice, trader: Person) -> None:
    etag = trader.get(TARGETS).headers["ETag"]
    ok(trader.put(f"{TARGETS}/chat", {"url": "json://one.example.com"}, int(etag.strip('"'))))

    stale = trader.put(f"{TARGETS}/chat", {"url": "json://two.example.com"}, int(etag.strip('"')))

    refused(stale, 412, "stale-edition")
    kept = practice.vault.read(f"notify/{trader.user_id}")
    assert kept == {"chat": "json://one.example.com"}


def test_a_test_message_says_what_became_of_it_and_is_not_sent_all_the_time(
    trader: Person, hook: Hook
) -> None:
    ok(trader.put(f"{TARGETS}/chat", {"url": hook.url()}))
    ok(trader.put(f"{TARGETS}/dead", {"url": "json://127.0.0.1:9"}))

    told = ok(trader.post("/notifications/test"))

    assert told == {"trials": {"chat": "SENT", "dead": "REFUSED"}}
    assert hook.titles == ["INFO: test"]
    assert "Retry-After" in trader.post("/notifications/test").headers
    refused(trader.post("/notifications/test"), 429, "too-many-attempts")
