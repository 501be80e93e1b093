#!/usr/bin/env bash
# Make the environment in .venv from a hashed lock: setup.sh PYTHON LOCK
set -euo pipefail
python=$1 lock=$2

if ! command -v "$python" >/dev/null; then
    echo "There is no $python. Install Python 3.11 or newer: apt-get install python3" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$("$python" --version) is too old: 3.11 or newer is needed. Choose one: make setup PYTHON=python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing Debian's python3-venv."
        apt-get update -qq </dev/null
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv </dev/null >/dev/null
    else
        echo "Python cannot make environments here. As root: apt-get install python3-venv" >&2
        exit 1
    fi
fi

echo "Making the environment in .venv."
if ! .venv/bin/python -c '' 2>/dev/null; then
    "$python" -m venv --clear .venv
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
.venv/bin/uv pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes "$lock"
.venv/bin/python -m compileall -q governance_app portfolio
