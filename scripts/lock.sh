#!/usr/bin/env bash
# Resolve anew what pyproject.toml asks for, for every supported Python: names, versions and hashes only.
# `lock.sh --upgrade` takes the newest releases; without it versions stay where they still fit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export UV_CUSTOM_COMPILE_COMMAND="make lock"
readonly compile=(.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes
    --no-emit-index-url --no-emit-find-links --no-annotate pyproject.toml)

"${compile[@]}" --extra infra --group build --group test "$@" --output-file requirements/test.lock
"${compile[@]}" --group build --constraints requirements/test.lock "$@" --output-file requirements/run.lock
