#!/usr/bin/env bash
# See to what tests need beyond Python packages: a Chromium to browse with, Node with npm for
# Azurite, and Prometheus, which is unpacked here and not installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

has() { command -v "$1" >/dev/null; }

has_browser() {
    local browser
    for browser in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
        if [ -n "$browser" ] && has "$browser"; then
            return 0
        fi
    done
    return 1
}

unpacked=.peers-deb
wanted=()
has_browser || wanted+=(chromium fonts-liberation)
has node && has npm || wanted+=(nodejs npm)
[ -x "$unpacked/usr/bin/prometheus" ] && has_prometheus=yes || has_prometheus=

if [ ${#wanted[@]} -eq 0 ] && [ "$has_prometheus" ]; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && has apt-get; then
    apt-get update -qq </dev/null
    if [ ${#wanted[@]} -gt 0 ]; then
        echo "Installing for the tests: ${wanted[*]}."
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "${wanted[@]}" </dev/null >/dev/null
    fi
    if [ ! "$has_prometheus" ]; then
        echo "Unpacking Prometheus for the tests."
        fetched=$(mktemp -d)
        (cd "$fetched" && apt-get download -qq prometheus 2>/dev/null)
        dpkg-deb -x "$fetched"/prometheus_*.deb "$unpacked"
        rm -rf "$fetched"
    fi
    exit 0
fi
echo "Some tests need more. As root: apt-get install chromium nodejs npm, and" \
    "apt-get download prometheus, then dpkg-deb -x prometheus_*.deb $unpacked" >&2
if ! has_browser; then
    echo "Or name a browser: make test CHROMIUM=/path/to/chromium" >&2
    exit 1
fi
