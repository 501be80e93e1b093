#!/usr/bin/env bash
# Bring Lighthouse and the Node it wants into var/lighthouse, once.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ ! -x var/lighthouse/node_modules/node/bin/node ]; then
    mkdir -p var/lighthouse
    npm install --silent --no-audit --no-fund --prefix var/lighthouse lighthouse@13 node@22
fi
