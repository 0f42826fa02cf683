package io.sworn.filter.matcher;

import io.sworn.filter.matcher.Path.Root;
import java.nio.charset.StandardCharsets;

/**
 * Writes a member that the event holds in typed fields as the BSON that the message had, into the
 * scratch buffer. Only for paths that ask for the member as a whole or in an unusual way.
 */
final class MemberWriter {

  private static final byte[] USER = name("user");
  private static final byte[] ROLE = name("role");
  private static final byte[] DB = name("db");
  private static final byte[] IP = name("ip");
  private static final byte[] PORT = name("port");
  private static final byte[] UNIX = name("unix");
  private static final byte[] SYSTEM = name("isSystemUser");
  private static final int UUID_BYTES = 16;
  private static final int UUID_SUBTYPE = 4;

  private final EncodedEvent event;
  private final Values values;

  MemberWriter(EncodedEvent event, Values values) {
    this.event = event;
    this.values = values;
  }

  private static byte[] name(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  /** Where the value of {@code member} begins in the scratch buffer, or -1 if there is none. */
  int write(Root member) {
    return switch (member) {
      case USERS -> pairs(event.users, USER);
      case ROLES -> pairs(event.roles, ROLE);
      case LOCAL -> event.local == 0 ? -1 : oneEndpoint(event.local);
      case REMOTE -> event.remote == 0 ? -1 : oneEndpoint(event.remote);
      case INTERMEDIATES -> intermediates();
      case UUID -> uuid();
      default -> throw new AssertionError(member + " is never written");
    };
  }

  private int uuid() {
    if (event.session == 0) {
      return -1;
    }
    int at = integer(UUID_BYTES);
    one(UUID_SUBTYPE);
    copy(event.bytes, event.session, UUID_BYTES);
    return at;
  }

  private int pairs(int list, byte[] first) {
    int begin = integer(0);
    event.open(list);
    int index = 0;
    for (int n = event.items(); n > 0; n = event.items()) {
      for (int i = 0; i < n; i++) {
        element(index++);
        int document = integer(0);
        int text = event.text();
        text(first, text, event.textLength);
        text = event.text();
        text(DB, text, event.textLength);
        end(document);
      }
    }
    return end(begin);
  }

  private int intermediates() {
    int begin = integer(0);
    event.open(event.intermediates);
    int index = 0;
    for (int n = event.items(); n > 0; n = event.items()) {
      for (int i = 0; i < n; i++) {
        element(index++);
        endpoint();
      }
    }
    if (index == 0) { // MongoDB leaves the member out
      values.release(begin);
      return -1;
    }
    return end(begin);
  }

  private int oneEndpoint(int at) {
    event.open(at);
    return endpoint();
  }

  private int endpoint() {
    int begin = integer(0);
    int ip = event.maybeText();
    if (ip >= 0) {
      text(IP, ip, event.textLength);
    }
    int port = event.integer();
    if (port >= 0) {
      member(EncodedBson.INT32, PORT);
      integer(port);
    }
    int unix = event.maybeText();
    if (unix >= 0) {
      text(UNIX, unix, event.textLength);
    }
    if (event.flag()) {
      member(EncodedBson.BOOLEAN, SYSTEM);
      one(1);
    }
    return end(begin);
  }

  /** Type and name of the array's next element, a document. */
  private void element(int index) {
    one(EncodedBson.DOCUMENT);
    int digits = index < 10 ? 1 : index < 100 ? 2 : index < 1_000 ? 3 : index < 10_000 ? 4 : 5;
    digits = index >= 100_000 ? 6 : digits;
    int at = values.reserve(digits + 1);
    byte[] out = values.buffer(true);
    out[at + digits] = 0;
    for (int i = digits - 1, rest = index; i >= 0; i--, rest /= 10) {
      out[at + i] = (byte) ('0' + rest % 10);
    }
  }

  private void text(byte[] name, int start, int length) {
    member(EncodedBson.STRING, name);
    integer(length + 1);
    copy(event.bytes, start, length);
    one(0);
  }

  private void member(int type, byte[] name) {
    one(type);
    copy(name, 0, name.length);
    one(0);
  }

  private void one(int value) {
    int at = values.reserve(1);
    values.buffer(true)[at] = (byte) value;
  }

  private int integer(int value) {
    int at = values.reserve(Integer.BYTES);
    EncodedBson.putInt32(values.buffer(true), at, value);
    return at;
  }

  private void copy(byte[] from, int start, int length) {
    int at = values.reserve(length);
    System.arraycopy(from, start, values.buffer(true), at, length);
  }

  /** Closes a document and fills in its length. */
  private int end(int begin) {
    int last = values.reserve(1);
    byte[] out = values.buffer(true);
    out[last] = 0;
    EncodedBson.putInt32(out, begin, last + 1 - begin);
    return begin;
  }
}
