"""The fault campaign: many days, each in its process, and their tally."""

from __future__ import annotations

import argparse
import logging
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.chaos.outcome import Outcome, played

#: What the tally shows first; everything else follows by its name.
FIRST = ("days", "orders", "fills", "runs", "closed", "skipped", "open, explained")


def main() -> int:
    asked = arguments()
    logging.disable(logging.ERROR)
    began = time.monotonic()
    if asked.only is not None:
        outcomes = [played(asked.only, told=True)]
        print(outcomes[0].story)
    else:
        outcomes = campaign(range(asked.seed, asked.seed + asked.days), asked.jobs)
    print(table(outcomes))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if any(outcome.violations for outcome in outcomes) else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--days", type=int, default=200, help="how many days are played")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first day")
    parser.add_argument("--only", type=int, help="play this one day and tell its story")
    parser.add_argument("--jobs", type=int, default=2, help="days played at once")
    return parser.parse_args()


def campaign(seeds: range, jobs: int) -> list[Outcome]:
    """Every day once; each that went wrong is told at once."""
    outcomes = []
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=hush)
    with pool:
        days = {pool.submit(played, seed): seed for seed in seeds}
        for number, day in enumerate(as_completed(days), 1):
            outcome = heard(day, days[day])
            outcomes.append(outcome)
            if outcome.violations:
                print(outcome.story)
                print(f"seed {outcome.seed} violates:", *outcome.violations, sep="\n  ")
            print(f"\r{number}/{len(seeds)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return outcomes


def hush() -> None:
    """What platforms log of their misfortunes is in the story of a bad day."""
    logging.disable(logging.ERROR)


def heard(day: Future[Outcome], seed: int) -> Outcome:
    """What became of a day; one that could not be played to its end is a violation, too."""
    fault = day.exception()
    if fault is None:
        return day.result()
    story = "".join(traceback.format_exception(fault))
    return Outcome(seed, Counter(days=1), [f"the day broke off: {fault!r}"], story)


def table(outcomes: list[Outcome]) -> str:
    """The tally of all days."""
    total: Counter[str] = Counter()
    for outcome in outcomes:
        total += outcome.counts
    names = [*FIRST, *sorted(total.keys() - set(FIRST))]
    lines = [f"{name:40} {total[name]:8}" for name in names]
    wrong = sum(len(outcome.violations) for outcome in outcomes)
    bad = sorted(outcome.seed for outcome in outcomes if outcome.violations)
    lines.append(f"{'violations':40} {wrong:8}{'  seeds ' + str(bad) if bad else ''}")
    return "\n".join(lines)
