#!/bin/bash
# no-skips.sh FOLDER: fails, and names them, if tests below FOLDER's modules were skipped or a module
# with integration tests ran none.
set -euo pipefail
cd "$1"
skipped=$(grep -El '<testsuite [^>]* skipped="[1-9]' ./*/target/{surefire,failsafe}-reports/TEST-*.xml || true)
if [ -n "$skipped" ]; then
  echo "tests were skipped:" >&2
  for report in $skipped; do
    echo "  $report" >&2
    grep -B 1 -E '<skipped' "$report" | grep -oE '(testcase name|message)="[^"]*"' >&2 || true
  done
  exit 1
fi
for module in */pom.xml; do
  module=$(dirname "$module")
  sources=$(find "$module/src/test" -name '*IT.java' ! -name '*ContainerIT.java' 2>/dev/null || true)
  for source in $sources; do
    name=$(basename "$source" .java)
    if ! ls "$module"/target/failsafe-reports/TEST-*."$name".xml >/dev/null 2>&1; then
      echo "integration test $name was not run" >&2
      exit 1
    fi
  done
done
