package io.sworn.filter.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Copies in one route; its name as it is stored. */
final class RouteCount {

  private final byte[] name;
  long copies;

  RouteCount(byte[] name) {
    this.name = name;
  }

  String text() {
    return new String(name, StandardCharsets.UTF_8);
  }

  int size() {
    return Integer.BYTES + name.length + Long.BYTES;
  }

  void write(ByteBuffer out) {
    out.putInt(name.length).put(name).putLong(copies);
  }

  static RouteCount read(ByteBuffer in) {
    byte[] name = new byte[in.getInt()];
    in.get(name);
    RouteCount count = new RouteCount(name);
    count.copies = in.getLong();
    return count;
  }
}
