#!/bin/bash
# Runs the container tests for real, with an engine and an image of its own, and fails if a test
# was skipped or none was run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
stop() {
  if [ -f "$scratch/engine/dockerd.pid" ]; then
    pid=$(cat "$scratch/engine/dockerd.pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
  fi
  rm -rf "$scratch" 2>/dev/null || true
}
trap stop EXIT
"$here/engine.sh" "$scratch/engine"
export DOCKER_HOST="unix://$scratch/engine/docker.sock"
export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
"$here/base-image.sh" local/jre:1
"$here/kafka-image.sh" local/jre:1 local/kafka:1 "$scratch/image"
# A missing image makes Testcontainers retry a pull for minutes: ask first.
docker image inspect local/kafka:1 >/dev/null
reports="$here/../server/target/failsafe-reports"
rm -f "$reports"/TEST-*ContainerIT.xml
cd "$here/.."
mvn -B -ntp verify -P containers -pl server -am -Dsworn.kafka.image=local/kafka:1 \
  -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
  '-Dit.test=*ContainerIT' -Dfailsafe.failIfNoSpecifiedTests=false
counts=$(cat "$reports"/TEST-*ContainerIT.xml | grep -o '<testsuite [^>]*>')
echo "$counts" | grep -q ' tests="[1-9]' || { echo "no container test was run" >&2; exit 1; }
if echo "$counts" | grep -q ' skipped="[1-9]'; then
  echo "container tests were skipped" >&2
  exit 1
fi
