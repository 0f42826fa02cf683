package io.sworn.event;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks over an encoded BSON document without making objects of it. What it accepts can be decoded:
 * every length lies inside its parent, every type is known (BSON specification, version 1.1), and
 * the nesting is bounded, because decoders and writers descend on the stack. On request it also
 * refuses what a decoder would change without a word: a key that stands twice in one document, of
 * which the first value would vanish, and text that is not UTF-8.
 */
final class BsonShape {

  private final byte[] bytes;
  private final ByteBuffer in;
  private final int depthMax;
  private final @Nullable CharsetDecoder utf8;
  private int at;

  private BsonShape(byte[] bytes, int from, int depthMax, boolean faithful) {
    this.bytes = bytes;
    this.at = from;
    this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.depthMax = depthMax;
    this.utf8 = faithful ? StandardCharsets.UTF_8.newDecoder() : null; // reports by default
  }

  /**
   * What is wrong with a document between two positions of {@code bytes}, and where; null if
   * nothing is.
   *
   * @param faithful whether a document is refused that a decoder would change
   */
  static @Nullable String problem(byte[] bytes, int from, int to, int depthMax, boolean faithful) {
    BsonShape shape = new BsonShape(bytes, from, depthMax, faithful);
    try {
      shape.document(to, 1, false);
      return shape.at == to ? null : "bytes follow the end of the document";
    } catch (Broken e) {
      return e.getMessage() + " at byte " + (shape.at - from);
    }
  }

  private void document(int limit, int depth, boolean array) {
    if (depth > depthMax) {
      throw new Broken("nested deeper than " + depthMax + " levels");
    }
    int size = length(limit);
    if (size < 5 || size > limit - at || bytes[at + size - 1] != 0) {
      throw new Broken("a document of " + size + " bytes that does not fit");
    }
    int end = at + size - 1;
    at += 4;
    // A decoder asks nobody for the keys of an array.
    Set<String> names = utf8 == null || array ? null : new HashSet<>();
    while (at < end) {
      byte type = bytes[at++];
      int name = at;
      text(end);
      if (names != null
          && !names.add(new String(bytes, name, at - 1 - name, StandardCharsets.UTF_8))) {
        at = name;
        throw new Broken("a key for the second time in one document");
      }
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
      case 0x03, 0x04 -> document(end, depth + 1, type == 0x04);
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
        document(end, depth + 2, false); // JSON has an object around the scope
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
    characters(at, at + size - 1);
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
    int start = at;
    while (at < end && bytes[at] != 0) {
      at++;
    }
    skip(1, end);
    characters(start, at - 1);
  }

  private void characters(int from, int to) {
    if (utf8 == null) {
      return;
    }
    int plain = from;
    while (plain < to && bytes[plain] >= 0) {
      plain++;
    }
    if (plain < to) {
      try {
        utf8.decode(ByteBuffer.wrap(bytes, plain, to - plain));
      } catch (CharacterCodingException e) {
        at = plain;
        throw new Broken("text that is not UTF-8");
      }
    }
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
