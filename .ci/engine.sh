#!/bin/bash
# engine.sh FOLDER: starts a container engine of its own, on a private socket in FOLDER.
# FOLDER must lie outside every build context.
set -euo pipefail
folder=$1
mkdir -p "$folder"
setsid dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/dockerd.pid" \
  -H "unix://$folder/docker.sock" --storage-driver overlay2 >"$folder/dockerd.log" 2>&1 </dev/null &
for _ in $(seq 120); do
  docker -H "unix://$folder/docker.sock" version >/dev/null 2>&1 && exit 0
  sleep 0.5
done
tail -n 10 "$folder/dockerd.log" >&2
exit 1
