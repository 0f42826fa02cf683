#!/bin/bash
# kafka-image.sh BASE NAME CONTEXT: builds a broker image from the same jars that Sworn runs.
set -euo pipefail
base=$1 name=$2 context=$3
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/../pom.xml")
mkdir -p "$context"
cat >"$context/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>io.sworn.ci</groupId>
  <artifactId>broker-image</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -ntp -f "$context/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
  -DoutputDirectory="$context/lib"
install -m 755 "$here/kafka-start.sh" "$context/run"
cat >"$context/Dockerfile" <<DOCKER
FROM $base
COPY lib/ /opt/kafka/lib/
COPY run /etc/kafka/docker/run
EXPOSE 9092
CMD ["/etc/kafka/docker/run"]
DOCKER
docker build -q -t "$name" "$context" >/dev/null
docker image inspect "$name" >/dev/null
