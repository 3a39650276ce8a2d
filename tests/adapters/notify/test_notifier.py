"""Traders are told of everything they want to hear of, once, wherever and whenever they can be."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from adapters.notify.line import Rate
from domain.gravity import Gravity
from domain.model import acting
from domain.notifications import Least, Notifications
from domain.slices import Phase
from tests.adapters.notify.stage import Hook, Mailbox, Stage, hanging, until


def test_a_run_is_told_of_with_its_strategy_its_account_and_the_time(
    stage: Stage, hook: Hook
) -> None:
    stage.choose({"chat": hook.url()})
    stage.start(label="[practice]")
    story = stage.run()
    story.entered()

    stage.keep(story.events())

    until(lambda: hook.got)
    assert hook.titles == ["[practice] INFO: entered"]
    assert hook.bodies == [
        "NIFTY Iron Condor on Paper (ACC-1) is in the market, ₹4,065.75 of premium received.\n"
        "04 Aug 09:20:07"
    ]


def test_mail_is_mail_and_its_times_are_the_readers_own(stage: Stage, mail: Mailbox) -> None:
    stage.prefers(Notifications(email=True), zone="Europe/London")
    stage.choose({"mail": mail.url})
    stage.start()

    stage.alert(stage.run())

    until(lambda: mail.got)
    ((subject, text),) = mail.got
    assert subject == "ALARM: exit blocked"
    assert "it cannot be left (no answer)" in text
    assert "04 Aug 04:51:" in text


def test_each_kind_of_channel_has_its_flag_and_its_least_gravity(
    stage: Stage, hook: Hook, other_hook: Hook, mail: Mailbox
) -> None:
    least = Least(push=Gravity.WARNING)
    stage.prefers(Notifications(email=False, sms=True, push=True, least=least))
    phone = f"smseagle://{'t' * 20}@127.0.0.1:{other_hook.port}/+919800000000"
    stage.choose({"chat": hook.url(), "phone": phone, "mail": mail.url})
    stage.start()
    story = stage.run()
    story.entered()
    with acting(story.tick()):
        story.run.request_exit("STOP_LOSS", "MTM ₹-2000")

    stage.alert(story, "EXIT_SLOW")

    until(lambda: len(hook.got) == 2 and other_hook.asked)
    assert sorted(hook.titles) == ["ALARM: exit slow", "WARNING: exit"]
    assert other_hook.asked == 1
    assert mail.got == []


def test_who_wants_nothing_is_told_nothing_and_the_inbox_has_it(stage: Stage, hook: Hook) -> None:
    stage.prefers(Notifications(push=False))
    stage.choose({"chat": hook.url()})
    notifier = stage.start()
    stage.alert(stage.run())
    stage.looked_through()
    stage.prefers(Notifications(push=True))

    stage.alert(stage.run(2), "EXIT_SLOW")

    until(lambda: hook.got)
    assert hook.titles == ["ALARM: exit slow"]
    assert notifier.troubles() == ()


# ── once, and whatever stops in between ───────────────────────────────────────────────────


def test_what_happened_while_nobody_told_is_told_after_the_start_and_never_again(
    stage: Stage, hook: Hook
) -> None:
    stage.choose({"chat": hook.url()})
    stage.start()
    story = stage.run()
    stage.alert(story)
    until(lambda: len(hook.got) == 1)
    stage.settled()
    stage.stop()
    stage.alert(story, "EXIT_SLOW")
    stage.caught_up()

    stage.start()
    until(lambda: len(hook.got) == 2)
    stage.settled()
    stage.stop()
    stage.start()
    stage.alert(story, "DRIFT")

    until(lambda: len(hook.got) == 3)
    assert hook.titles == ["ALARM: exit blocked", "ALARM: exit slow", "ALARM: drift"]


def test_what_was_before_the_first_start_is_history(stage: Stage, hook: Hook) -> None:
    stage.choose({"chat": hook.url()})
    story = stage.run()
    stage.alert(story)
    stage.caught_up()

    stage.start()
    stage.alert(story, "EXIT_SLOW")

    until(lambda: hook.got)
    assert hook.titles == ["ALARM: exit slow"]


def test_what_a_target_would_not_take_is_owed_over_a_restart(stage: Stage, hook: Hook) -> None:
    hook.answers = 500
    stage.choose({"chat": hook.url()})
    stage.start()
    story = stage.run()
    stage.alert(story)
    stage.alert(story, "EXIT_SLOW")
    until(lambda: hook.asked >= 1)
    stage.stop()
    stage.caught_up()
    hook.answers = 200

    stage.start()

    until(lambda: hook.got)
    stage.settled()
    assert hook.titles == ["ALARM: 2 notices, 2 of them alarms"]


def test_a_store_that_was_restored_from_a_copy_is_followed_from_its_own_end(
    stage: Stage, hook: Hook
) -> None:
    stage.choose({"chat": hook.url()})
    stage.caught_up()
    stage.reads.tables.remember("notify", "position", "9999")

    stage.start()
    stage.alert(stage.run())

    until(lambda: hook.got)
    assert hook.titles == ["ALARM: exit blocked"]


def test_what_a_parked_view_did_not_say_is_told_when_it_does(stage: Stage, hook: Hook) -> None:
    stage.choose({"chat": hook.url()})
    stage.start()
    story = stage.run()
    stage.keep(story.events())
    stage.caught_up()
    place = f"inbox/{story.run_id}"
    stage.reads.tables.remember(
        "parked",
        place,
        f'{{"table": "inbox", "stream": "{story.run_id}", "version": 4, "fault": "x"}}',
    )
    stage.alert(story)
    other = stage.run(2)
    stage.alert(other, "EXIT_SLOW")
    until(lambda: hook.got)
    told_before = list(hook.titles)

    stage.reads.feed.publish(stage.reads.projector.redrive())

    until(lambda: len(hook.got) == 2)
    assert told_before == ["ALARM: exit slow"]
    assert hook.titles[1] == "ALARM: exit blocked"
    until(lambda: stage.reads.tables.recalled("notify-behind") == {})


# ── not too much ──────────────────────────────────────────────────────────────────────────


def test_a_flood_is_summed_up_and_nothing_of_it_is_left_out(stage: Stage, hook: Hook) -> None:
    stage.choose({"chat": hook.url()})
    stage.start(Rate(burst=3, per_minute=0.001))
    story = stage.run()
    for _ in range(39):
        with acting(story.tick(61)):
            story.run.alert("EXIT_BLOCKED", "no answer")

    stage.keep(story.events())

    until(lambda: len(hook.got) == 3)
    assert hook.titles[:2] == ["ALARM: exit blocked"] * 2
    assert hook.titles[2] == "ALARM: 37 notices, 37 of them alarms"
    assert hook.bodies[2].endswith("(×37)")


def test_what_is_old_is_told_in_one_message(stage: Stage, hook: Hook) -> None:
    stage.choose({"chat": hook.url()})
    stage.start()
    stage.stop()
    story = stage.run()
    for kind in ("EXIT_BLOCKED", "EXIT_SLOW", "DRIFT"):
        stage.alert(story, kind)
    stage.caught_up()
    stage.clock.sleep(3 * 3600)

    stage.start()

    until(lambda: hook.got)
    assert hook.titles == ["ALARM: 3 notices, 3 of them alarms"]
    lines = hook.bodies[0].splitlines()
    assert [line.split()[2] for line in lines] == ["09:21:02", "09:22:03", "09:23:04"]


# ── targets come, go and fail ─────────────────────────────────────────────────────────────


def test_a_target_that_hangs_keeps_no_other_waiting(stage: Stage, hook: Hook) -> None:
    with hanging() as (port, waiting):
        stage.choose({"a-dead-end": f"json://127.0.0.1:{port}", "chat": hook.url()})
        stage.start()

        stage.alert(stage.run())

        until(lambda: hook.got and waiting)
        stage.alert(stage.run(2), "EXIT_SLOW")
        until(lambda: len(hook.got) == 2)
        assert len(waiting) == 1
        before = time.monotonic()
        stage.stop()
        assert time.monotonic() - before < 5
    assert len(stage.reads.tables.recalled("notify-owed")) == 2


def test_a_target_chosen_anew_is_told_from_then_on_and_one_that_is_gone_no_more(
    stage: Stage, hook: Hook, other_hook: Hook
) -> None:
    hook.answers = 500
    stage.choose({"chat": hook.url()})
    stage.start()
    story = stage.run()
    stage.alert(story)
    until(lambda: hook.asked)

    stage.choose({"chat": other_hook.url()})
    until(lambda: other_hook.got)
    stage.choose({})
    stage.alert(story, "EXIT_SLOW")
    stage.caught_up()
    stage.settled()

    assert other_hook.titles == ["ALARM: exit blocked"]


def test_admins_hear_of_troubles_of_the_platform_and_each_only_once(
    stage: Stage, hook: Hook, other_hook: Hook
) -> None:
    stage.choose({"chat": hook.url()}, "USER-9")
    stage.choose({"chat": other_hook.url()})
    notifier = stage.start()

    notifier.alarm("the views stand still: disk full")
    notifier.alarm("the views stand still: disk full")
    notifier.alarm("seal chain broken, access_token=abcdef123456")

    until(lambda: len(hook.got) == 2)
    assert hook.bodies[0].startswith("The platform: the views stand still: disk full")
    assert "abcdef123456" not in hook.bodies[1]
    assert other_hook.got == []


def test_no_secret_is_in_any_message_log_or_file_whatever_goes_wrong(
    stage: Stage, hook: Hook, mail: Mailbox, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    for name in (None, "apprise", "urllib3", "urllib3.connectionpool", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    stage.choose(
        {
            "chat": hook.url("asha:p4ssword@") + "/hooks/h00k-path?+X-Key=h34der",
            "mail": mail.url,
            "dead": "json://someone:n0tthere@127.0.0.1:9/d34d-path",
        }
    )
    notifier = stage.start()
    story = stage.run()
    tag = story.released(Phase.ENTRY_BUY, 0, "11.20")
    with acting(story.tick()):
        story.run.rejected(tag, "Bad session: access_token=t0ken-of-kite is over")
    stage.keep(story.events())
    until(lambda: hook.got and mail.got)
    hook.answers = 500
    stage.alert(story)
    until(lambda: hook.asked > 1)
    shown = stage.targets.shown("USER-1")
    stage.stop()

    said = [caplog.text, str(hook.got), str(mail.got), str(shown), str(notifier.troubles())]
    said += [repr(vars(notifier)), repr(vars(notifier._lines))]
    files = [p.read_bytes().decode(errors="replace") for p in tmp_path.rglob("*") if p.is_file()]
    secrets = ("p4ssword", "h00k-path", "h34der", "s3cretmail", "n0tthere", "d34d-path")
    assert [s for s in secrets if any(s in text for text in [*said, *files])] == []
    assert [text for text in said[:3] if "t0ken-of-kite" in text] == []
    assert hook.paths[0].startswith("/hooks/h00k-path")  # and yet it was told
