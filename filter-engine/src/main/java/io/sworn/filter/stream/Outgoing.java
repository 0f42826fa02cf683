package io.sworn.filter.stream;

/** A value on its way to a topic. Bytes are not copied and must not be changed. */
final class Outgoing {
  private final String topic;
  private final byte[] bytes;

  Outgoing(String topic, byte[] bytes) {
    this.topic = topic;
    this.bytes = bytes;
  }

  String topic() {
    return topic;
  }

  byte[] bytes() {
    return bytes;
  }

  @Override
  public String toString() {
    return topic + ": " + bytes.length + " bytes";
  }
}
