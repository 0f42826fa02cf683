package io.sworn.event;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Walks over an encoded BSON document without making objects of it. What it accepts can be decoded:
 * every length lies inside its parent, every type is known (BSON specification, version 1.1), and
 * the nesting is bounded, because decoders and writers descend on the stack.
 */
final class BsonShape {

  private final byte[] bytes;
  private final ByteBuffer in;
  private final int depthMax;
  private int at;

  private BsonShape(byte[] bytes, int from, int depthMax) {
    this.bytes = bytes;
    this.at = from;
    this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.depthMax = depthMax;
  }

  /** What is wrong with {@code bytes} as one document, and where; null if nothing is. */
  static @Nullable String problem(byte[] bytes, int depthMax) {
    return problem(bytes, 0, bytes.length, depthMax);
  }

  /** The same of the part of {@code bytes} between two positions. */
  static @Nullable String problem(byte[] bytes, int from, int to, int depthMax) {
    BsonShape shape = new BsonShape(bytes, from, depthMax);
    try {
      shape.document(to, 1);
      return shape.at == to ? null : "bytes follow the end of the document";
    } catch (Broken e) {
      return e.getMessage() + " at byte " + (shape.at - from);
    }
  }

  private void document(int limit, int depth) {
    if (depth > depthMax) {
      throw new Broken("nested deeper than " + depthMax + " levels");
    }
    int size = length(limit);
    if (size < 5 || size > limit - at || bytes[at + size - 1] != 0) {
      throw new Broken("a document of " + size + " bytes that does not fit");
    }
    int end = at + size - 1;
    at += 4;
    while (at < end) {
      byte type = bytes[at++];
      text(end);
      value(type, end, depth);
    }
    if (at != end) {
      throw new Broken("a document that ends elsewhere than it says");
    }
    at++;
  }

  private void value(byte type, int end, int depth) {
    switch (type) {
      case 0x01, 0x09, 0x11, 0x12 -> skip(8, end);
      case 0x02, 0x0D, 0x0E -> string(end);
      case 0x03, 0x04 -> document(end, depth + 1);
      case 0x05 -> binary(end);
      case 0x06, 0x0A, 0x7F, (byte) 0xFF -> skip(0, end);
      case 0x07 -> skip(12, end);
      case 0x08 -> {
        skip(1, end);
        if (bytes[at - 1] != 0 && bytes[at - 1] != 1) {
          throw new Broken("a boolean that is neither 0 nor 1");
        }
      }
      case 0x0B -> {
        text(end);
        text(end);
      }
      case 0x0C -> {
        string(end);
        skip(12, end);
      }
      case 0x0F -> {
        int start = at;
        int size = length(end);
        at += 4;
        string(end);
        document(end, depth + 1);
        if (at - start != size) {
          throw new Broken("code with scope that ends elsewhere than it says");
        }
      }
      case 0x10 -> skip(4, end);
      case 0x13 -> skip(16, end);
      default -> throw new Broken("unknown type " + (type & 0xFF));
    }
  }

  private void string(int end) {
    int size = length(end);
    at += 4;
    if (size < 1 || size > end - at || bytes[at + size - 1] != 0) {
      throw new Broken("a string of " + size + " bytes that does not fit");
    }
    at += size;
  }

  private void binary(int end) {
    int size = length(end);
    at += 4;
    if (size < 0 || size > end - at - 1) {
      throw new Broken("binary data of " + size + " bytes that do not fit");
    }
    boolean old = bytes[at++] == 2;
    if (old && (size < 4 || in.getInt(at) != size - 4)) {
      throw new Broken("binary data of subtype 2 with a wrong second length");
    }
    at += size;
  }

  /** A text that ends with a zero byte. */
  private void text(int end) {
    while (at < end && bytes[at] != 0) {
      at++;
    }
    skip(1, end);
  }

  private int length(int end) {
    if (end - at < 4) {
      throw new Broken("a length that is cut off");
    }
    return in.getInt(at);
  }

  private void skip(int count, int end) {
    if (count > end - at) {
      throw new Broken("a value that is cut off");
    }
    at += count;
  }

  private static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1;

    Broken(String message) {
      super(message, null, false, false);
    }
  }
}
