#!/bin/bash
# Start script of the broker image: KAFKA_* variables become properties, then format and start.
# "___" stands for "-", "__" for "_" and "_" for ".", as in the public image.
set -e
properties=/opt/kafka/server.properties
: >$properties
: "${CLUSTER_ID:=4L6g3nShT-eMCtK--X86sw}"
: "${KAFKA_LOG_DIRS:=/tmp/kraft-combined-logs}"
export KAFKA_LOG_DIRS
while IFS='=' read -r -d '' key value; do
  case $key in
    KAFKA_HEAP_OPTS | KAFKA_OPTS | KAFKA_JVM_* | KAFKA_GC_*) ;;
    KAFKA_*)
      name=${key#KAFKA_}
      name=${name,,}
      name=${name//___/@}
      name=${name//__/%}
      name=${name//_/.}
      name=${name//@/-}
      name=${name//%/_}
      echo "$name=$value" >>$properties
      ;;
  esac
done < <(env -0)
# An array, because an unquoted star would be expanded by the shell.
java=(java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1
  -Dorg.slf4j.simpleLogger.logFile=System.out -cp '/opt/kafka/lib/*')
"${java[@]}" kafka.tools.StorageTool format --cluster-id "$CLUSTER_ID" --config $properties --ignore-formatted
exec "${java[@]}" kafka.Kafka $properties
