#!/bin/bash
# demo.sh SCRATCH: a stranger's way: a fresh clone of the commit, ./sworn demo twice on one data
# directory, numbers and files checked, its bundle verified as it is and with one byte changed.
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
  bundle=$(tail -n 1 "$scratch/$round.txt" | node -p 'JSON.parse(require("fs").readFileSync(0)).bundle')
  ./sworn verify "$bundle"
  changed="$scratch/$round-changed.zip"
  id=$(java "$here/ChangeOneByte.java" "$bundle" "$changed")
  code=0
  verdict=$(./sworn verify "$changed") || code=$?
  echo "$verdict"
  if [ "$code" != 1 ] || [[ $verdict != *"$id"* ]]; then
    echo "a bundle with a changed event $id was answered with exit $code" >&2
    exit 1
  fi
done
