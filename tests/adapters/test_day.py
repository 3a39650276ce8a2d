"""A whole day, stepped and deterministic: made-up minutes, and days that really were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.brokers.paper.ledger import Judge
from adapters.brokers.paper.settings import PaperSettings
from adapters.clock import SteppedClock
from adapters.day import DayResult, NoSession, play_day
from adapters.demo import BasketFile, UnreadableBasket, read_basket
from adapters.market.reading import read_recording
from adapters.market.recorded import RecordedMarket
from commands.ports import MarketData
from domain.definition import Definition
from domain.run import Run
from domain.run_terms import Stage
from tests.adapters.market.recorded_days import DAY, Row, minute, write_parquet
from tests.commands.pit import CONDOR, KIND, condor, quiet_rows

BASKETS = Path(__file__).parents[2] / "baskets"


def basket_of(*strategies: Definition, multiplier: int = 1) -> BasketFile:
    return BasketFile(name="Test", multiplier=multiplier, strategies=strategies or (condor(),))


def play(
    folder: Path,
    rows: Sequence[Row] | None = None,
    basket: BasketFile | None = None,
    **more: Any,
) -> DayResult:
    path = write_parquet(folder / f"{DAY}.parquet", rows or quiet_rows())

    def market(clock: SteppedClock) -> MarketData:
        return RecordedMarket([read_recording(path)], clock)

    more.setdefault("settings", KIND)
    return play_day(DAY, market, basket or basket_of(), folder, **more)


def play_recorded(folder: Path, recorded: Path, day: date, basket: Path) -> DayResult:
    def market(clock: SteppedClock) -> MarketData:
        return RecordedMarket([read_recording(recorded / "days" / f"{day}.parquet")], clock)

    folder.mkdir(exist_ok=True)
    return play_day(day, market, read_basket(basket), folder)


def runs_of(result: DayResult) -> list[Run]:
    return [result.platform.trading.load(run_id, Run) for run_id in result.runs]


def told(result: DayResult) -> list[tuple[str, str, Any]]:
    """Every event of every run: its stream, time and content."""
    trading = result.platform.trading
    return [
        (run_id, type(e).__name__, e.model_dump(mode="json"))
        for run_id in result.runs
        for e in trading.history(run_id)
    ]


def honest(result: DayResult, folder: Path) -> None:
    """Nothing twice, nothing naked, and our fills are the broker's."""
    judge = Judge(folder / "paper.sqlite")
    assert judge.sent_twice() == []
    for _, net in judge.nets(result.demo.account_id):
        for kind in ("CE", "PE"):
            assert sum(units for key, units in net.items() if key.endswith(kind)) >= 0
    ours = sum(s.filled for run in runs_of(result) for s in run.slices.values())
    assert ours == sum(fill.quantity for fill in judge.fills())


def test_a_condor_is_entered_and_left_at_its_times(tmp_path: Path) -> None:
    seen: list[Stage] = []

    result = play(tmp_path, watch=lambda run: seen.append(run.stage))

    (run,) = runs_of(result)
    assert list(dict.fromkeys(seen)) == [
        Stage.PENDING,
        Stage.ENTERING,
        Stage.OPEN,
        Stage.EXITING,
        Stage.CLOSED,
    ]
    assert run.outcome == "TIME"
    exits = [s.released_at for s in run.slices.values() if not s.intent.phase.is_entry]
    assert min(exits) == minute("09:30")
    honest(result, tmp_path)


def test_a_stop_that_is_crossed_leaves_at_the_next_price(tmp_path: Path) -> None:
    rows = quiet_rows(moves={"24800CE": {"09:24": 160.0, "09:25": 80.0}})

    result = play(tmp_path, rows)

    (run,) = runs_of(result)
    assert run.outcome == "MAX_LOSS"
    assert run.exit_requested_at == minute("09:24") + timedelta(milliseconds=1)
    honest(result, tmp_path)


def test_through_a_silent_feed_nothing_is_decided(tmp_path: Path) -> None:
    rows = quiet_rows(
        moves={"24800CE": {"09:23": 400.0, "09:27": 80.0}},
        silent=("09:23", "09:24", "09:25", "09:26"),
    )

    result = play(tmp_path, rows)

    (run,) = runs_of(result)
    assert run.outcome == "TIME"
    kinds = [kind for _, kind, _ in told(result)]
    assert kinds.count("Alerted") == kinds.count("AlertCleared") == 1


def test_two_strategies_are_two_runs_that_fail_alone(tmp_path: Path) -> None:
    tight = condor(name="Tight", risk_params={"max_loss": 100})
    rows = quiet_rows(moves={"24800CE": {"09:24": 90.0}})

    result = play(tmp_path, rows, basket_of(condor(), tight))

    assert sorted(str(run.outcome) for run in runs_of(result)) == ["MAX_LOSS", "TIME"]
    honest(result, tmp_path)


def test_a_multiplier_scales_everything(tmp_path: Path) -> None:
    result = play(tmp_path, basket=basket_of(multiplier=3))

    (run,) = runs_of(result)
    assert {leg.quantity for leg in run.legs} == {195}
    honest(result, tmp_path)


def test_the_same_day_twice_is_the_same_day(tmp_path: Path) -> None:
    unkind = PaperSettings(seed=3, partial_rate=0.5, rejection_rate=0.05)
    days = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        basket = basket_of(condor(), condor(name="Other"), multiplier=2)
        days.append(told(play(tmp_path / name, basket=basket, settings=unkind, seed=3)))

    assert days[0] == days[1]
    assert len(days[0]) > 30


def test_another_seed_is_another_day(tmp_path: Path) -> None:
    days = []
    for seed in (1, 2):
        (tmp_path / str(seed)).mkdir()
        settings = PaperSettings(seed=seed)
        result = play(tmp_path / str(seed), settings=settings, seed=seed)
        judge = Judge(tmp_path / str(seed) / "paper.sqlite")
        days.append([fill.at for fill in judge.fills(result.demo.account_id)])

    assert days[0] != days[1]


def test_what_was_decided_does_not_depend_on_what_came_later(tmp_path: Path) -> None:
    """No look-ahead: two days that differ from 09:26 on are the same until then."""
    days = []
    for name, price in (("calm", 80.0), ("wild", 300.0)):
        (tmp_path / name).mkdir()
        rows = quiet_rows(moves={"24800CE": {"09:26": price}})
        days.append(told(play(tmp_path / name, rows)))

    until = minute("09:26").astimezone(UTC).isoformat()
    early = [[e for e in day if e[2]["timestamp"] < until] for day in days]
    assert early[0] == early[1]
    assert len(early[0]) > 10
    assert days[0] != days[1]


def test_a_fill_is_never_at_a_price_of_before_its_order(tmp_path: Path) -> None:
    rows = quiet_rows(moves={"25000CE": {"09:20": 30.0, "09:21": 20.0}})

    result = play(tmp_path, rows)

    (run,) = runs_of(result)
    bought = next(s for s in run.slices.values() if s.contract.tradingsymbol.endswith("25000CE"))
    assert bought.intent.price < 21  # decided on the price of 09:19
    assert bought.average_price > 20
    assert bought.released_at == minute("09:20")


def test_a_position_kept_over_night_is_open_at_the_end_of_its_first_day(tmp_path: Path) -> None:
    schedule = {**CONDOR["schedule"], "exit_time": "15:00"}
    strategy = condor(
        holding="POSITIONAL", product="NRML", exit_after_sessions=1, schedule=schedule
    )
    expiring = [*quiet_rows(), *quiet_rows(first="15:29", count=1)]
    for each in expiring:
        if each["expiry"]:
            each["expiry"] = "2026-08-11"

    result = play(tmp_path, expiring, basket_of(strategy))

    (run,) = runs_of(result)
    assert run.stage is Stage.OPEN
    assert run.exit_at == minute("15:00", date(2026, 8, 5))


def no_market(_: SteppedClock) -> MarketData:
    raise AssertionError("no market is needed")


def test_a_day_without_a_session_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NoSession, match="8 Aug 2026 is a Saturday"):
        play_day(date(2026, 8, 8), no_market, basket_of(), tmp_path)


# ── baskets as files ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", sorted(BASKETS.glob("*.json")), ids=lambda path: str(path.stem))
def test_the_baskets_of_the_repository_can_be_read(path: Path) -> None:
    assert read_basket(path).strategies


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "line 1"),
        ('{"name": "x"}', "strategies: Field required"),
        ('{"name": "x", "strategies": []}', "strategies"),
        ('{"name": "x", "strategies": [], "colour": 1}', "colour: Extra inputs"),
        ('{"name": "", "strategies": [], "multiplier": 101}', "multiplier"),
    ],
)
def test_a_file_that_is_no_basket_is_refused_with_its_name_and_its_faults(
    tmp_path: Path, content: str, complaint: str
) -> None:
    path = tmp_path / "basket.json"
    path.write_text(content)

    with pytest.raises(UnreadableBasket, match=r"basket\.json") as refused:
        read_basket(path)

    assert complaint in str(refused.value)


def test_a_file_that_is_not_there_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(UnreadableBasket, match="No such file"):
        read_basket(tmp_path / "none.json")


# ── days that really were ─────────────────────────────────────────────────────────────────


def test_the_expiry_tuesday_of_2026_with_its_silent_feed(
    tmp_path: Path, recorded_data: Path
) -> None:
    basket = BASKETS / "nifty-iron-condor.json"

    result = play_recorded(tmp_path, recorded_data, date(2026, 8, 4), basket)

    (run,) = runs_of(result)
    assert run.stage is Stage.CLOSED
    assert run.reference is not None
    assert run.reference.source == "SYNTHETIC"
    assert run.net_premium is not None
    honest(result, tmp_path)


def test_the_day_of_true_bars_in_2021_with_its_iron_butterfly(
    tmp_path: Path, recorded_data: Path
) -> None:
    basket = BASKETS / "nifty-iron-butterfly.json"

    result = play_recorded(tmp_path, recorded_data, date(2021, 6, 11), basket)

    (run,) = runs_of(result)
    assert run.stage is Stage.CLOSED
    assert run.reference is not None
    assert run.reference.source == "SPOT"
    assert {leg.quantity for leg in run.legs} == {75}
    honest(result, tmp_path)


def test_a_recorded_day_twice_is_the_same_day(tmp_path: Path, recorded_data: Path) -> None:
    basket = BASKETS / "nifty-iron-butterfly.json"
    day = date(2021, 6, 11)

    one = play_recorded(tmp_path / "one", recorded_data, day, basket)
    two = play_recorded(tmp_path / "two", recorded_data, day, basket)

    assert told(one) == told(two)
