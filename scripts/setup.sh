#!/usr/bin/env bash
# Prepare this folder to run (`setup.sh run`) or to be tested (`setup.sh test`).
# A second run finds its stamp and does nothing. Whatever cannot be had is an error that says so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/system.sh

readonly purpose=${1:?say what to prepare for: run or test}
readonly lock=requirements/$purpose.lock
[[ -f $lock ]] || fail "there is no $lock: prepare for run or test"

usable_venv() { is_recent_python .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }

make_venv() {
    find_python
    "$python" -c 'import ensurepip, venv' 2>/dev/null || need_module_venv
    say "creating .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
}

# What .venv was last filled from: the interpreter, the locks and the project's own entry points.
fingerprint() {
    {
        .venv/bin/python -c 'import sys; print(sys.version, sys.prefix)'
        cat "requirements/$1.lock" pyproject.toml
    } | sha256sum
}

install_locked() {
    say "installing $(grep -c '^[a-zA-Z0-9]' "$lock") locked packages, every one checked against its hash"
    # Bytecode is made of what is imported, when it is: of all there is, it takes half of the time.
    .venv/bin/python -m pip install --quiet --quiet --no-input --disable-pip-version-check \
        --no-compile --require-hashes --only-binary=:all: --requirement "$lock"
    .venv/bin/python -m pip install --quiet --quiet --no-input --disable-pip-version-check \
        --no-index --no-deps --no-build-isolation --editable .
}

# What is installed for tests contains, in the same versions, all that a run needs.
stamp() {
    fingerprint run >.venv/.prepared-run
    [[ $purpose == run ]] || fingerprint test >.venv/.prepared-test
}

if [[ $purpose == test ]]; then
    need_command java default-jre-headless "DynamoDB Local runs on it"
fi
need_node
# One core is enough for Python's packages.
bash scripts/web.sh packages &
readonly web=$!
usable_venv || make_venv
if [[ $(fingerprint "$purpose") != $(cat ".venv/.prepared-$purpose" 2>/dev/null || true) ]]; then
    rm -f .venv/.prepared-run .venv/.prepared-test
    install_locked
    stamp
fi
if [[ $purpose == test && ! -f .tools/dynamodb-local/DynamoDBLocal.jar ]]; then
    say "fetching DynamoDB Local"
    .venv/bin/python -m tests.tools.dynamodb_local
fi
wait "$web" || fail "the web client's packages cannot be installed"
bash scripts/web.sh
