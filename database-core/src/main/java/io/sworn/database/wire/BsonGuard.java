package io.sworn.database.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Checks encoded BSON without decoding it and without recursion: lengths agree, types exist, text
 * is UTF-8, nesting and number of elements stay within limits. What passes here can be decoded
 * safely. Layout and type numbers: bsonspec.org, version 1.1.
 */
final class BsonGuard {

  private static final int SMALLEST_DOCUMENT = 5;

  private final byte[] bytes;
  private final ByteBuffer numbers;
  private final int depthMax;
  private int elementsLeft;

  /** Guards documents inside {@code bytes}, which share one allowance of elements. */
  BsonGuard(byte[] bytes, WireLimits limits) {
    this.bytes = bytes;
    this.numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.depthMax = limits.depthMax();
    this.elementsLeft = limits.elementsMax();
  }

  /**
   * Checks the document at {@code offset}, which must end at or before {@code limit}.
   *
   * @return offset behind it
   * @throws MalformedMessageException naming the first fault
   */
  int check(int offset, int limit) {
    int[] ends = new int[depthMax + 1];
    int depth = 0;
    ends[0] = documentEnd(offset, limit);
    int at = offset + 4;
    while (true) {
      int end = ends[depth];
      int type = bytes[at++];
      if (type == 0) {
        if (at != end) {
          throw fault(at, "a document ends before its announced length");
        }
        if (depth == 0) {
          return at;
        }
        depth--;
      } else {
        if (--elementsLeft < 0) {
          throw fault(at, "more elements than a message may have");
        }
        at = cstring(at, end);
        if (type == 0x03 || type == 0x04) {
          if (++depth > depthMax) {
            throw fault(at, "nested deeper than " + depthMax + " levels");
          }
          ends[depth] = documentEnd(at, end - 1);
          at += 4;
        } else {
          at = value(type, at, end);
        }
      }
      if (at >= ends[depth]) {
        throw fault(at, "a document runs past its end");
      }
    }
  }

  private int documentEnd(int at, int limit) {
    int length = int32(at, limit);
    if (length < SMALLEST_DOCUMENT || length > limit - at || bytes[at + length - 1] != 0) {
      throw fault(at, "a document announces " + length + " bytes");
    }
    return at + length;
  }

  private int value(int type, int at, int end) {
    return switch (type) {
      case 0x06, 0x0A, 0x7F, -1 -> at; // undefined, null, max key, min key
      case 0x08 -> bool(at, end);
      case 0x10 -> skip(at, 4, end);
      case 0x01, 0x09, 0x11, 0x12 -> skip(at, 8, end);
      case 0x07 -> skip(at, 12, end);
      case 0x13 -> skip(at, 16, end);
      case 0x02, 0x0D, 0x0E -> string(at, end);
      case 0x0C -> skip(string(at, end), 12, end); // DBPointer
      case 0x0B -> cstring(cstring(at, end), end); // regular expression
      case 0x05 -> binary(at, end);
      case 0x0F -> throw fault(at, "code with scope is not supported");
      default -> throw fault(at, "unknown type " + type);
    };
  }

  private int bool(int at, int end) {
    int next = skip(at, 1, end);
    if (bytes[at] != 0 && bytes[at] != 1) {
      throw fault(at, "a boolean is neither 0 nor 1");
    }
    return next;
  }

  private int binary(int at, int end) {
    int length = int32(at, end);
    if (length < 0) {
      throw fault(at, "a binary announces " + length + " bytes");
    }
    int data = skip(at, 5, end);
    boolean nested = bytes[at + 4] == 2; // old generic binary: a second length inside
    if (nested && (length < 4 || int32(data, end) != length - 4)) {
      throw fault(at, "the two lengths of a binary of subtype 2 disagree");
    }
    return skip(data, length, end);
  }

  private int string(int at, int end) {
    int length = int32(at, end);
    if (length < 1) {
      throw fault(at, "a string announces " + length + " bytes");
    }
    int next = skip(skip(at, 4, end), length, end);
    if (bytes[next - 1] != 0) {
      throw fault(at, "a string does not end where it announces");
    }
    text(at + 4, next - 1);
    return next;
  }

  private int cstring(int at, int end) {
    int zero = at;
    while (zero < end && bytes[zero] != 0) {
      zero++;
    }
    if (zero >= end) {
      throw fault(at, "a name has no end");
    }
    text(at, zero);
    return zero + 1;
  }

  /** Checks UTF-8; pure ASCII, which nearly everything is, costs one pass without allocation. */
  private void text(int from, int to) {
    for (int at = from; at < to; at++) {
      if (bytes[at] < 0) {
        try {
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, at, to - at));
        } catch (CharacterCodingException e) {
          throw fault(at, "text is not UTF-8");
        }
        return;
      }
    }
  }

  private int int32(int at, int end) {
    skip(at, 4, end);
    return numbers.getInt(at);
  }

  private int skip(int at, int count, int end) {
    if (count > end - at) {
      throw fault(at, "a value runs past the end of its document");
    }
    return at + count;
  }

  private static MalformedMessageException fault(int at, String what) {
    return MalformedMessageException.bson("BSON at byte " + at + ": " + what);
  }
}
