#!/bin/sh
# Installs this checkout into a folder of its own and points /opt/estimator/current at it; the one before stays
# as /opt/estimator/previous. What runs goes on with the old one until it is restarted.
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
home=/opt/estimator
release=$home/releases/$(git -C "$source" rev-parse --short=12 HEAD)

if [ ! -e "$release/complete" ]; then
    rm -rf "$release"
    mkdir -p "$home/releases"
    python3 -m venv "$release"
    "$release/bin/pip" install --quiet --no-deps --require-hashes -r "$source/deploy/requirements.txt"
    "$release/bin/pip" install --quiet --no-deps "$source"
    touch "$release/complete"
fi
current=$(readlink -f "$home/current" || true)
if [ -n "$current" ] && [ -e "$current" ] && [ "$current" != "$release" ]; then
    ln -sfn "$current" "$home/previous"
fi
ln -sfn "$release" "$home/current"
echo "$release"
