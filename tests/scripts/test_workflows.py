"""The pipeline holds no more than its scripts do, and may do no more than it must."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts import pipeline, release

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
#: What a step may run: a script of ours, or a module of scripts/ that is named beside it.
RUNS = {".ci/run", "bash scripts/setup.sh test", ".venv/bin/python -m $COMMAND"}
MAINS = {"scripts.pipeline": pipeline.main, "scripts.release": release.main}


def lines(pattern: str) -> list[str]:
    """The first group of every line of a workflow that is like this."""
    told = "\n".join(path.read_text() for path in WORKFLOWS)
    return re.findall(pattern, told, re.MULTILINE)


def test_every_step_is_a_script_that_people_can_run() -> None:
    assert set(lines(r"^ *- run: (.*)$")) == RUNS
    for command in RUNS - {".venv/bin/python -m $COMMAND"}:
        assert (ROOT / command.removeprefix("bash ").split()[0]).is_file()


@pytest.mark.parametrize("command", lines(r"^ *command: (scripts\..*)$"))
def test_a_command_of_the_pipeline_is_one_of_scripts(command: str) -> None:
    module, *arguments = re.sub(r"\$\{\{.*?\}\}", "dev", command).split()

    with pytest.raises(SystemExit) as ended:
        MAINS[module]([*arguments, "--help"])

    assert ended.value.code == 0


def test_what_others_wrote_is_named_by_its_commit() -> None:
    theirs = [each for each in lines(r"uses: (\S+)") if not each.startswith("./")]

    assert theirs
    assert [each for each in theirs if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each)] == []


def test_nothing_that_somebody_types_is_part_of_a_shell_s_text() -> None:
    assert [each for each in lines(r"run: (.*)$") if "${{" in each] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_reads_the_code_and_else_has_what_it_names(workflow: Path) -> None:
    told = workflow.read_text()

    assert "\npermissions:\n  contents: read\n" in told
    assert set(re.findall(r"^ +([\w-]+): write", told, re.MULTILINE)) <= {"id-token"}
    assert "pull_request_target" not in told
    assert "AWS_ACCESS_KEY" not in told
    assert told.count("actions/checkout@") == told.count("persist-credentials: false")


def test_prod_gets_what_is_released_at_dev_and_nothing_else() -> None:
    told = (ROOT / ".github" / "workflows" / "deploy.yml").read_text()

    order = [told.index(f"\n  {job}:\n") for job in ("check", "dev", "prod")]
    assert order == sorted(order)
    assert re.findall(r"needs: (\w+)", told) == ["check", "dev"]
    assert re.findall(r"command: (.*)", told) == [
        "scripts.pipeline deploy --stage dev",
        "scripts.pipeline promote --from dev --to prod",
    ]


def test_the_scan_for_secrets_is_given_the_whole_history() -> None:
    assert "fetch-depth: 0" in (ROOT / ".github" / "workflows" / "check.yml").read_text()
