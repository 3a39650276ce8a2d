"""The stream: kept open through every fault, never hammering, never showing its token."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.brokers.zerodha.frames import Tick
from adapters.brokers.zerodha.line import Login
from adapters.brokers.zerodha.logins import login_of
from adapters.brokers.zerodha.patience import Patience, Pauses
from adapters.brokers.zerodha.scrubbing import scrubbed, scrubbed_logger
from adapters.brokers.zerodha.shares import Shares
from adapters.brokers.zerodha.stream import Stream
from adapters.vault.file import FileVault
from tests.adapters.brokers.zerodha.exchange_line import (
    ExchangeLine,
    eventually,
    exchange_line,
)
from tests.adapters.brokers.zerodha.packing import framed, ltp

unhurried = settings(deadline=None)

TOKEN, NEXT_TOKEN = "SECRETTOKENONE", "SECRETTOKENTWO"
HASTY = Patience(
    silence_s=60, first_pause_s=0.02, longest_pause_s=0.1, closing_s=0.1, look_for_login_s=60
)
ORDER = json.dumps({"type": "order", "data": {"order_id": "1", "status": "COMPLETE"}})


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.ticks: list[Tick] = []
        self.downs: list[str] = []

    def up(self, account_id: str, line: int) -> None:
        self.count[f"up {account_id} {line}"] += 1

    def heard(self, account_id: str, line: int) -> None:
        self.count[f"heard {account_id} {line}"] += 1

    def ticked(self, account_id: str, ticks: Sequence[Tick]) -> None:
        self.count[f"ticked {account_id}"] += 1
        self.ticks += ticks

    def news(self, account_id: str) -> None:
        self.count[f"news {account_id}"] += 1

    def down(self, account_id: str, line: int, why: str) -> None:
        self.count[f"down {account_id} {line}"] += 1
        self.downs.append(why)

    def session_lost(self, account_id: str) -> None:
        self.count[f"lost {account_id}"] += 1


class Stage:
    """An exchange, a stream to it and who hears."""

    def __init__(
        self,
        exchange: ExchangeLine,
        *,
        token: str = TOKEN,
        each: int = 3000,
        patience: Patience = HASTY,
    ) -> None:
        self.exchange = exchange
        self.heard = Heard()
        self.login: Login | None = Login("key", token)
        self.wanted: tuple[int, ...] = ()
        self.stream = Stream(
            "ACC-1",
            lambda: self.login,
            lambda: self.wanted,
            self.heard,
            url=exchange.url,
            patience=patience,
            chance=Random(1),
            shares=Shares(each),
        )

    def want(self, *tokens: int) -> None:
        self.wanted = tokens
        self.stream.changed()

    def carries(self, *tokens: int) -> Callable[[], bool]:
        return lambda: self.exchange.carried() == dict.fromkeys(tokens, "full")


@contextmanager
def staged(token: str = TOKEN, *, each: int = 3000, patience: Patience = HASTY) -> Iterator[Stage]:
    with exchange_line(TOKEN) as exchange:
        stage = Stage(exchange, token=token, each=each, patience=patience)
        stage.stream.start()
        try:
            yield stage
        finally:
            stage.stream.stop()


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as stage:
        eventually(lambda: stage.heard.count["up ACC-1 0"] == 1, "the line is up")
        yield stage


def test_wanted_tokens_are_subscribed_in_full_and_their_ticks_are_heard(stage: Stage) -> None:
    stage.want(258, 514)

    eventually(stage.carries(258, 514), "both are subscribed")
    stage.exchange.send(framed([ltp(258, 500), ltp(514, 700)]))
    eventually(lambda: [t.token for t in stage.heard.ticks] == [258, 514], "both ticks")
    assert stage.exchange.headers == ["3"]


def test_what_is_no_longer_wanted_is_unsubscribed(stage: Stage) -> None:
    stage.want(258, 514)
    eventually(stage.carries(258, 514), "both are subscribed")

    stage.want(514, 770)

    eventually(stage.carries(514, 770), "one less, and one more")


def test_many_tokens_go_out_in_chunks_and_over_as_many_lines_as_they_need() -> None:
    with staged(each=800) as stage:
        stage.want(*range(1, 2001))

        eventually(stage.carries(*range(1, 2001)), "all are subscribed")
        assert sorted(len(caller.modes) for caller in stage.exchange.callers) == [400, 800, 800]
        assert max(size for c in stage.exchange.callers for size in c.chunks) <= 500


def test_tokens_beyond_three_lines_are_left_to_polling() -> None:
    with staged(each=100) as stage:
        stage.want(*range(1, 1001))

        eventually(stage.carries(*range(1, 301)), "as many as there is room for")


def test_an_order_update_is_news_and_an_error_or_nonsense_is_not(stage: Stage) -> None:
    texts = [
        '{"type": "error", "data": "wrong access_token=SECRET"}', '{"type": "message"}', "[]",
        "1", "nonsense", "[" * 100_000, ORDER,
    ]  # fmt: skip

    for text in texts:
        stage.exchange.send(text)

    eventually(lambda: stage.heard.count["news ACC-1"] == 1, "the order update")
    assert stage.heard.count["down ACC-1 0"] == 0


def test_a_frame_that_lies_is_refused_and_the_next_is_read(stage: Stage) -> None:
    stage.exchange.send(framed([ltp(258, 500)])[:-1])
    stage.exchange.send(framed([ltp(258, 600)]))

    eventually(lambda: len(stage.heard.ticks) == 1, "the second frame")
    assert str(stage.heard.ticks[0].last) == "6"
    assert stage.heard.count["down ACC-1 0"] == 0


def test_after_a_cut_it_connects_again_and_subscribes_what_is_wanted_now(stage: Stage) -> None:
    stage.want(258)
    eventually(stage.carries(258), "subscribed")

    stage.exchange.drop()

    eventually(lambda: stage.heard.count["up ACC-1 0"] == 2, "up again")
    eventually(stage.carries(258), "subscribed again")
    assert stage.heard.count["down ACC-1 0"] == 1


def test_a_line_without_even_a_heartbeat_is_given_up_and_opened_again() -> None:
    with staged(patience=replace(HASTY, silence_s=1.0)) as stage:
        eventually(lambda: stage.heard.count["up ACC-1 0"] > 0, "the line is up")
        stage.exchange.beating = False

        eventually(lambda: stage.heard.count["down ACC-1 0"] > 0, "given up")
        stage.exchange.beating = True
        eventually(lambda: stage.heard.count["up ACC-1 0"] > 1, "up again")
    assert "silent for 1 s" in stage.heard.downs[0]


def test_a_dead_token_is_told_once_and_not_tried_again_before_a_new_login() -> None:
    with staged(NEXT_TOKEN) as stage:
        eventually(lambda: stage.heard.count["lost ACC-1"] == 1, "the loss")
        stage.stream.changed()
        stage.stream.renewed()
        stage.exchange.tokens.add(NEXT_TOKEN)
        assert len(stage.exchange.attempts) == 1

        stage.login = Login("key", TOKEN)
        stage.stream.renewed()

        eventually(lambda: stage.heard.count["up ACC-1 0"] == 1, "up with the new token")
        assert len(stage.exchange.attempts) == 2
        assert stage.heard.count["lost ACC-1"] == 1


def test_a_token_that_dies_while_the_line_is_open_is_found_out_when_it_breaks(stage: Stage) -> None:
    stage.exchange.tokens.clear()

    stage.exchange.drop()

    eventually(lambda: stage.heard.count["lost ACC-1"] == 1, "the loss")
    assert len(stage.exchange.attempts) == 2


def test_a_login_of_another_process_is_used_without_calling_the_session_lost() -> None:
    with exchange_line(TOKEN) as exchange:
        stage = Stage(exchange)
        logins = iter([Login("key", "SECRETOLD"), Login("key", TOKEN)])
        last: list[Login] = []

        def login() -> Login:
            last.append(next(logins, Login("key", TOKEN)))
            return last[-1]

        stage.stream = Stream(
            "ACC-1", login, tuple, stage.heard, url=exchange.url, patience=HASTY, chance=Random(1)
        )
        stage.stream.start()

        eventually(lambda: stage.heard.count["up ACC-1 0"] == 1, "up with the other token")
        stage.stream.stop()
        assert stage.heard.count["lost ACC-1"] == 0


@pytest.mark.parametrize("status", [302, 429, 500, 503])
def test_any_other_refusal_is_tried_again_and_no_redirect_is_followed(status: int) -> None:
    with exchange_line() as exchange:
        exchange.status = status
        stage = Stage(exchange)
        stage.stream.start()

        eventually(lambda: len(exchange.attempts) > 3, "several attempts")
        exchange.tokens.add(TOKEN)
        eventually(lambda: stage.heard.count["up ACC-1 0"] == 1, "up at last")
        stage.stream.stop()
        assert stage.heard.count["lost ACC-1"] == 0


def test_nobody_at_the_other_end_is_tried_again_until_there_is_somebody() -> None:
    with exchange_line(TOKEN) as exchange:
        stage = Stage(exchange)
    stage.stream.start()

    eventually(lambda: stage.heard.count["down ACC-1 0"] > 2, "several attempts")

    stage.stream.stop()
    assert not stage.stream.alive


def test_stopping_closes_the_line_and_ends_the_thread(stage: Stage) -> None:
    stage.stream.stop()
    stage.stream.stop()

    assert not stage.stream.alive
    assert stage.heard.downs[-1] == "the stream was ended"
    eventually(lambda: not stage.exchange.callers, "closed at the other end")


def test_a_stream_that_was_never_started_can_be_stopped() -> None:
    with exchange_line() as exchange:
        Stage(exchange).stream.stop()


def test_no_log_holds_a_key_or_a_token_however_much_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with staged() as stage:
        eventually(lambda: stage.heard.count["up ACC-1 0"] == 1, "up")
        stage.exchange.send('{"type": "error", "data": "access_token=SECRETTOKENONE is wrong"}')
        stage.exchange.drop()
        eventually(lambda: stage.heard.count["up ACC-1 0"] == 2, "up again")
    with exchange_line() as exchange:
        stage = Stage(exchange)
        stage.stream.start()
        eventually(lambda: stage.heard.count["lost ACC-1"] == 1, "the loss")
        stage.stream.stop()

    ours = [record for record in caplog.records if record.name.startswith("atp.")]
    text = "\n".join(logging.Formatter().format(record) for record in ours)
    assert "access_token=…" in text
    assert "Kite says" in text
    assert "SECRET" not in text + "".join(stage.heard.downs) + repr(stage.login)


@pytest.mark.parametrize(
    "text",
    [
        "GET /?api_key=SECRET&access_token=SECRET HTTP/1.1",
        "wss://x/?access_token=SECRET isn't a valid URI",
        '{"access_token": "SECRET", "api_secret":"SECRET"}',
        "access_token='SECRET')",
    ],
)
def test_secrets_are_scrubbed_wherever_they_stand(text: str) -> None:
    assert "SECRET" not in scrubbed(text)


def test_a_traceback_is_logged_as_its_last_line_without_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = scrubbed_logger("atp.zerodha.socket")

    try:
        raise OSError("no way to wss://x/?access_token=SECRET")
    except OSError:
        log.exception("GET /?api_key=%s", "SECRET")

    assert "SECRET" not in caplog.text
    assert "OSError: no way to wss://x/?access_token=…" in caplog.text


def test_a_login_is_what_the_vault_has_and_none_where_it_cannot_tell(tmp_path: Path) -> None:
    vault = FileVault(tmp_path / "vault", bytes(32))
    login = login_of(vault)

    assert login("ACC-1") is None
    vault.write("zerodha/ACC-1/app", {"api_key": "key", "api_secret": "x"})
    assert login("ACC-1") is None
    session = {"access_token": TOKEN, "opened_at": "2026-08-03T02:15:10+00:00", "user_id": "A"}
    vault.write("zerodha/ACC-1/session", session)
    assert login("ACC-1") == Login("key", TOKEN)
    vault.path.write_text("nonsense")
    assert login("ACC-1") is None


@unhurried
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_pauses_grow_up_to_a_limit_and_are_the_same_for_the_same_seed(
    seed: int, attempts: int
) -> None:
    patience = Patience(first_pause_s=0.5, longest_pause_s=30)
    pauses, again = Pauses(patience, Random(seed)), Pauses(patience, Random(seed))

    waited = [pauses.next() for _ in range(attempts)]

    assert waited == [again.next() for _ in range(attempts)]
    for attempt, pause in enumerate(waited):
        most = min(30, 0.5 * 2**attempt)
        assert most / 2 <= pause <= most
    pauses.forget()
    assert pauses.next() <= 0.5


@unhurried
@given(st.lists(st.sets(st.integers(1, 40), max_size=20), max_size=6))
def test_every_token_is_on_one_line_only_and_none_moves_while_it_is_wanted(
    wishes: list[set[int]],
) -> None:
    shares = Shares(each=4, most=3)
    before: dict[int, int] = {}

    for wish in wishes:
        shares.deal(sorted(wish))
        where = {token: line for line in range(3) for token in shares.of(line)}

        assert len(where) == sum(len(shares.of(line)) for line in range(3)) == min(len(wish), 12)
        assert where.keys() <= wish
        assert all(where[token] == line for token, line in before.items() if token in wish)
        assert all(len(shares.of(line)) <= 4 for line in range(3))
        before = where
