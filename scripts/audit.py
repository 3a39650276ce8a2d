"""Look the locked packages up among the known vulnerabilities.

Exit codes: 0 nothing found, or the advisories cannot be had (then it says so);
1 a vulnerable package, or an audit that failed for a reason of ours.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from pydantic import BaseModel

PATIENCE_S = 300

#: How pip-audit sounds when the advisory service, and not our request, is at fault.
UNREACHABLE = (
    "requests.exceptions.",
    "pip_audit._service.interface.ServiceError",
    "network may be blocking this service",
)


class Unreachable(Exception):
    """The advisories cannot be had; nothing is known about any package."""


class Advisory(BaseModel):
    """One published vulnerability of a version."""

    id: str
    fix_versions: tuple[str, ...] = ()


class Package(BaseModel):
    """A locked package, and what is known of it; without a version it was not looked up."""

    name: str
    version: str | None = None
    vulns: tuple[Advisory, ...] = ()
    skip_reason: str | None = None


class Audit(BaseModel):
    """What pip-audit answers with `--format json`."""

    dependencies: tuple[Package, ...]


def verdict(audit: Audit) -> tuple[int, list[str]]:
    """The exit code, and the lines that explain it."""
    unknown = [package for package in audit.dependencies if package.skip_reason]
    lines = [
        f"{package.name} {package.version}: {advisory.id}, "
        f"fixed in {', '.join(advisory.fix_versions) or 'no release yet'}"
        for package in audit.dependencies
        for advisory in package.vulns
    ]
    found = bool(lines)
    looked_up = len(audit.dependencies) - len(unknown)
    if looked_up == 0:
        lines.append(impossible("the index serves no advisories for any of the packages"))
    else:
        lines.append(f"{looked_up} of {len(audit.dependencies)} packages were audited")
        lines += [f"not audited: {package.name}: {package.skip_reason}" for package in unknown]
    return int(found), lines


def impossible(why: str) -> str:
    """The sentence that keeps a missing audit from looking like a clean one."""
    return f"the audit was NOT possible here, nothing is known about vulnerabilities: {why}"


def ask(locks: Sequence[str]) -> Audit:
    """What pip-audit knows about these lock files; raises Unreachable."""
    requirements = [argument for lock in locks for argument in ("--requirement", lock)]
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off",
               "--require-hashes", "--disable-pip", *requirements]  # fmt: skip
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise Unreachable(f"no answer within {PATIENCE_S} s") from late
    if any(sign in answer.stderr for sign in UNREACHABLE):
        raise Unreachable(answer.stderr.strip().splitlines()[-1])
    if not answer.stdout.strip():
        sys.exit(f"pip-audit failed:\n{answer.stderr}")
    return Audit.model_validate_json(answer.stdout)


def main(locks: Sequence[str]) -> int:
    """Audit, print what was found, and answer the exit code."""
    try:
        code, lines = verdict(ask(locks))
    except Unreachable as reason:
        code, lines = 0, [impossible(str(reason))]
    print(*lines, sep="\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
