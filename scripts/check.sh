#!/usr/bin/env bash
# Everything a change must pass; the arguments go to pytest. Its summary is the last line printed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/system.sh
need_command chromium chromium "the desk is tested in it"
readonly python=.venv/bin/python
readonly trees=(domain commands projections adapters infra bench scripts tests)

# A coverage figure of one run must not contain leftovers of another.
rm -f .coverage .coverage.*

# Stores sync what they write. Nothing of a test outlives it, so it is written to memory where there
# is plenty: on a disk, tests of stores take twice as long.
readonly plenty_kib=$((8 * 1024 * 1024))
free_kib() { df --output=avail "$1" 2>/dev/null | tail -n 1; }
place=${TMPDIR:-/tmp}
[[ $(free_kib /dev/shm) -lt $plenty_kib ]] || place=/dev/shm
scratch=$(mktemp --directory --tmpdir="$place" atp-test.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch
readonly summary=$scratch/summary beside=$scratch/beside

say "ruff"
.venv/bin/ruff check .
.venv/bin/ruff format --check .

typed() {
    local tree sources=()
    for tree in "${trees[@]}"; do
        [[ -z $(git ls-files -co --exclude-standard -- "$tree/*.py") ]] || sources+=("$tree")
    done
    .venv/bin/mypy --strict "${sources[@]}"
}

looked_over() {
    say "the web client: types, rules, its own tests"
    npm --prefix web --loglevel=error run --silent check
    npm --prefix web --loglevel=error run --silent test
    say "known vulnerabilities"
    "$python" scripts/audit.py requirements/test.lock
    say "secrets, in the tree and its history"
    "$python" scripts/secret_scan.py
}

# Types take one core for longer than all the rest takes the other.
(set -e; looked_over) >"$beside" 2>&1 &
say "mypy --strict"
typed || { wait; cat "$beside"; exit 1; }
wait $! || { cat "$beside"; fail "what was looked at beside mypy is not in order"; }
cat "$beside"

say "pytest"
"$python" -m pytest -n "${TEST_WORKERS:-2}" --dist worksteal --cov --cov-report= "$@" | tee "$summary"

say "branch coverage: at least 80 %, in domain/ at least 90 %"
"$python" -m coverage report --fail-under=80
"$python" -m coverage report --include='domain/*' --fail-under=90
tail -n 1 "$summary"
