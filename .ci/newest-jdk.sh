#!/bin/bash
# newest-jdk.sh SCRATCH [MAVEN ARGUMENT...]: builds and tests a fresh clone on the newest JDK of the
# usual directory. Exit code 3: none is newer than the one in use, nothing was checked.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
scratch=$1
shift

feature() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null; }

newest= newest_feature=0
for home in /usr/lib/jvm/*; do
  [ -x "$home/bin/javac" ] || continue
  version=$(feature "$home")
  if [ "${version:-0}" -gt "$newest_feature" ]; then
    newest=$home newest_feature=$version
  fi
done
used=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/ *java.specification.version = //p')
if [ "$newest_feature" -le "$used" ]; then
  echo "NOT CHECKED on a newer JDK: none newer than $used in /usr/lib/jvm"
  exit 3
fi
echo "JDK $newest_feature"
rm -rf "$scratch"
git clone -q "$here/.." "$scratch"
cd "$scratch"
JAVA_HOME=$newest mvn -B -ntp verify "$@"
"$here/no-skips.sh" "$scratch"
