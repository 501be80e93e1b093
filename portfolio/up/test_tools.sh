#!/usr/bin/env bash
# See to what tests need beyond Python packages: a Chromium to browse with.
set -euo pipefail

for browser in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$browser" ] && command -v "$browser" >/dev/null; then
        exit 0
    fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests."
    apt-get update -qq </dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fonts-liberation </dev/null >/dev/null
else
    echo "The browser tests need Chromium. As root: apt-get install chromium" >&2
    echo "Or name a browser: make test CHROMIUM=/path/to/chromium" >&2
    exit 1
fi
