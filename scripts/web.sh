#!/usr/bin/env bash
# Build the web client into web/dist, when anything it is made of has changed; `web.sh packages` only
# installs what it is built with.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/system.sh
need_node

readonly packages=web/node_modules/.prepared stamp=web/dist/.prepared

# npm looks for newer versions of itself unless told not to.
npm() { NPM_CONFIG_UPDATE_NOTIFIER=false command npm --prefix web --loglevel=error "$@"; }

summed() { sha256sum | cut -d' ' -f1; }

of_packages() { { node --version && cat web/package.json web/package-lock.json; } | summed; }

of_sources() {
    {
        cat "$packages" web/openapi.json
        find web -maxdepth 1 -type f | LC_ALL=C sort | xargs cat
        find web/src -type f ! -name schema.d.ts ! -name '*.test.ts' | LC_ALL=C sort | xargs cat
    } | summed
}

if [[ $(of_packages) != $(cat "$packages" 2>/dev/null || true) ]]; then
    say "installing the web client's packages, as its lock file has them"
    npm ci --no-audit --no-fund >/dev/null
    of_packages >"$packages"
fi
[[ ${1:-} != packages ]] || exit 0
.venv/bin/python -m scripts.openapi web/openapi.json
if [[ ! -f web/src/api/schema.d.ts || $(of_sources) != $(cat "$stamp" 2>/dev/null || true) ]]; then
    say "building the web client"
    npm run --silent types >/dev/null
    npm run --silent build -- --logLevel error
    of_sources >"$stamp"
fi
