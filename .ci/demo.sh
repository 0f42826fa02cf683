#!/bin/bash
# demo.sh SCRATCH: a stranger's way: a fresh clone of the commit, ./sworn demo twice on one data
# directory, its numbers checked.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
scratch=$1
rm -rf "$scratch"
mkdir -p "$scratch"
git clone -q "$here/.." "$scratch/sworn"
cd "$scratch/sworn"
for round in first second; do
  if ! timeout 600 ./sworn demo --once --out "$scratch/$round" --data "$scratch/data" \
    >"$scratch/$round.txt" 2>"$scratch/$round.err"; then
    echo "the $round demonstration failed" >&2
    tail -n 30 "$scratch/$round.txt" "$scratch/$round.err" "$scratch/data/logs/sworn.log" >&2 || true
    exit 1
  fi
  node "$here/balance.mjs" "$scratch/$round.txt"
done
