#!/bin/sh
# Make .venv from uv.lock, with nothing but a Python (3.11 to 3.13) and package registries.
# uv is installed into .venv with pip, at the version of the lock file. Safe to run again.
set -eu
cd "$(dirname "$0")/.."

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
        if supported "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

make_venv() {
    python=$(find_python)
    [ -n "$python" ] || fail \
        "no Python 3.11, 3.12 or 3.13 on PATH" \
        "install one, or name it: make setup PYTHON=/path/to/python3.12"
    echo "setup: .venv with $("$python" --version)"
    "$python" -m venv --clear .venv || fail \
        "$python cannot make a virtual environment: its venv module is missing or incomplete" \
        "on Debian and Ubuntu: apt install python3-venv; or name another Python: make setup PYTHON=..."
}

works() {
    [ -x "$1" ] && "$@" >/dev/null 2>&1
}

supported .venv/bin/python || make_venv
if ! works .venv/bin/uv --version; then
    version=$(awk '/^name = "uv"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' uv.lock)
    works .venv/bin/python -m pip --version || make_venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$version" || fail \
        "pip could not install uv $version: see above; this needs a package index (PIP_INDEX_URL names another)"
fi

# uv trusts what it was built with; a machine that has certificates of its own means them.
has_certificates='
import os, ssl, sys
at = ssl.get_default_verify_paths()
sys.exit(not (at.cafile or at.capath and os.listdir(at.capath)))'
if .venv/bin/python -c "$has_certificates"; then
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
fi

echo "setup: installing what uv.lock names"
unset VIRTUAL_ENV UV_PROJECT_ENVIRONMENT UV_PYTHON
[ -t 2 ] && loud= || loud=--quiet
UV_PYTHON_DOWNLOADS=never .venv/bin/uv sync --frozen $loud --python .venv/bin/python || fail \
    "uv could not install what uv.lock names: see above"
