# What the scripts ask of the machine; to be sourced. Debian's packages are installed when root, else named.

say() { printf '== %s\n' "$*"; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# need_package PACKAGE WHY: install from Debian, or say what to install.
need_package() {
    command -v apt-get >/dev/null || fail "the package $1 is missing ($2), and there is no apt-get to install it with"
    [[ $(id -u) == 0 ]] || fail "the package $1 is missing ($2); as root: apt-get install $1"
    say "installing $1 ($2)"
    apt-get -qq update </dev/null || fail "the package lists cannot be read, so $1 cannot be installed ($2)"
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$1" </dev/null >/dev/null ||
        fail "$1 cannot be installed ($2)"
}

# need_command COMMAND PACKAGE WHY
need_command() {
    command -v "$1" >/dev/null || need_package "$2" "$3"
    command -v "$1" >/dev/null || fail "$1 is still missing after installing $2 ($3)"
}

is_recent_python() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# Sets `python` to an interpreter of at least 3.11; PYTHON names another than the usual ones.
find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if is_recent_python "$candidate"; then
            python=$candidate
            return
        fi
    done
    need_package python3 "Python 3.11 or later is needed"
    is_recent_python /usr/bin/python3 || fail "Python 3.11 or later is needed; Debian's is $(/usr/bin/python3 --version)"
    python=/usr/bin/python3
}

# Debian ships venv and ensurepip apart, in a package named after the interpreter's version.
need_module_venv() {
    local version
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    need_package "python$version-venv" "$python cannot create virtual environments"
    "$python" -c 'import ensurepip, venv' || fail "$python still cannot create virtual environments"
}

need_node() {
    command -v node >/dev/null || need_package nodejs "Node 20 or later is needed"
    local version
    version=$(node --version)
    version=${version#v}
    ((${version%%.*} >= 20)) || fail "Node 20 or later is needed; this is $version"
    need_command npm npm "the web client is built with it"
}
