package io.sworn.filter.stream;

import org.jspecify.annotations.Nullable;

/** A value on its way to a topic. Bytes are not copied and must not be changed. */
final class Outgoing {
  private final String topic;
  private final byte @Nullable [] bytes;

  Outgoing(String topic, byte @Nullable [] bytes) {
    this.topic = topic;
    this.bytes = bytes;
  }

  String topic() {
    return topic;
  }

  /** Null takes back what was told under the key. */
  byte @Nullable [] bytes() {
    return bytes;
  }

  @Override
  public String toString() {
    return topic + ": " + (bytes == null ? 0 : bytes.length) + " bytes";
  }
}
