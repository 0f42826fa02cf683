package io.sworn.filter.redact;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sworn.event.UnreadableEventException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Writes a BSON document anew with the values of some paths replaced (bsonspec.org, version 1.1).
 * What no rule touches is copied as bytes and keeps its exact type. One walk; not thread-safe.
 */
final class BsonRewriter {

  static final byte STRING = 0x02;
  private static final byte DOCUMENT = 0x03;
  private static final byte ARRAY = 0x04;
  private static final byte NULL = 0x0A;
  private static final byte REGEX = 0x0B;

  /** What lies deeper is masked whole rather than followed. */
  static final int DEPTH_MAX = 200;

  private static final String MASK = "***";

  private final byte[] in;
  private final ByteBuffer view;
  private final @Nullable TokenKeys keys;
  private final Set<String> hits = new TreeSet<>();
  private byte[] out;
  private int size;

  private BsonRewriter(byte[] in, @Nullable TokenKeys keys) {
    this.in = in;
    this.view = ByteBuffer.wrap(in).order(ByteOrder.LITTLE_ENDIAN);
    this.keys = keys;
    this.out = new byte[in.length + 64];
  }

  /** The document after the rules, and the paths of those that found something. */
  record Rewritten(byte[] bytes, Set<String> hits) {}

  /**
   * Applies the rules.
   *
   * @throws UnreadableEventException if the bytes are no BSON document
   */
  static Rewritten rewrite(byte[] document, RedactionTree rules, @Nullable TokenKeys keys) {
    BsonRewriter rewriter = new BsonRewriter(document, keys);
    try {
      int end = rewriter.document(0, false, List.of(rules), null, 0);
      if (end != document.length) {
        throw new UnreadableEventException("BSON of " + document.length + " bytes ends at " + end);
      }
    } catch (IndexOutOfBoundsException e) {
      throw new UnreadableEventException("BSON ends in the middle of a value");
    }
    return new Rewritten(Arrays.copyOf(rewriter.out, rewriter.size), rewriter.hits);
  }

  /** A string's value part: length, text, NUL. */
  static byte[] stringValue(String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    return ByteBuffer.allocate(utf8.length + 5)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(utf8.length + 1)
        .put(utf8)
        .array();
  }

  /** Writes the document or array at {@code start}; returns where it ends. */
  private int document(
      int start,
      boolean array,
      List<RedactionTree> nodes,
      @Nullable RedactionAction inherited,
      int depth) {
    int end = start + view.getInt(start);
    int begin = size;
    room(4);
    size += 4;
    int at = start + 4;
    while (in[at] != 0) {
      at = member(at, array, nodes, inherited, depth);
    }
    if (at + 1 != end) {
      throw new UnreadableEventException("BSON document at byte " + start + " has a wrong length");
    }
    put((byte) 0);
    ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).putInt(begin, size - begin);
    return end;
  }

  private int member(
      int start,
      boolean array,
      List<RedactionTree> nodes,
      @Nullable RedactionAction inherited,
      int depth) {
    byte type = in[start];
    int name = start + 1;
    int nameEnd = cstringEnd(name) - 1;
    int value = nameEnd + 1;
    int next = valueEnd(type, value);
    boolean nested = type == DOCUMENT || type == ARRAY;
    List<RedactionTree> here = new ArrayList<>(2);
    for (RedactionTree node : nodes) {
      node.follow(in, name, nameEnd, here);
    }
    RedactionAction action = action(here, inherited, nested);
    if (action == RedactionAction.DROP) {
      if (array) {
        copyName(NULL, name, value); // the others keep their index
      }
      return next;
    }
    if (array && nested) {
      here.addAll(nodes); // a path goes through the elements of an array
    }
    if (nested && (action != null || !here.isEmpty())) {
      if (depth >= DEPTH_MAX) {
        copyName(STRING, name, value);
        put(stringValue(MASK));
      } else {
        copyName(type, name, value);
        document(value, type == ARRAY, here, action, depth + 1);
      }
    } else if (action != null) {
      copyName(STRING, name, value);
      put(stringValue(replacement(action, type, value, next)));
    } else {
      put(in, start, next);
    }
    return next;
  }

  private @Nullable RedactionAction action(
      List<RedactionTree> here, @Nullable RedactionAction inherited, boolean nested) {
    RedactionAction own = null;
    for (RedactionTree node : here) {
      RedactionAction one = node.action();
      if (one != null) {
        own = RedactionTree.stricter(own, one);
        if (one != RedactionAction.KEEP) {
          hits.add(node.path());
        }
      }
    }
    if (own == RedactionAction.KEEP) {
      return nested ? inherited : null;
    }
    return RedactionTree.stricter(own, inherited);
  }

  private String replacement(RedactionAction action, byte type, int from, int to) {
    if (action == RedactionAction.TYPE) {
      return "<" + typeName(type) + ">";
    }
    TokenKeys tokens = keys;
    if (action == RedactionAction.TOKEN && tokens != null) {
      return tokens.token(type, in, from, to);
    }
    return MASK;
  }

  private int cstringEnd(int from) {
    int at = from;
    while (in[at] != 0) {
      at++;
    }
    return at + 1;
  }

  private int valueEnd(byte type, int at) {
    long end =
        switch (type) {
          case 0x01, 0x09, 0x11, 0x12 -> at + 8L;
          case STRING, 0x0D, 0x0E -> at + 4L + length(at);
          case DOCUMENT, ARRAY, 0x0F -> at + (long) length(at);
          case 0x05 -> at + 5L + length(at);
          case 0x06, NULL, (byte) 0xFF, 0x7F -> at;
          case 0x07 -> at + 12L;
          case 0x08 -> at + 1L;
          case REGEX -> cstringEnd(cstringEnd(at));
          case 0x0C -> at + 4L + length(at) + 12;
          case 0x10 -> at + 4L;
          case 0x13 -> at + 16L;
          default ->
              throw new UnreadableEventException(
                  "BSON type 0x" + Integer.toHexString(type & 0xFF) + " at byte " + at);
        };
    if (end > in.length) {
      throw new UnreadableEventException("BSON value at byte " + at + " is longer than the whole");
    }
    return (int) end;
  }

  private int length(int at) {
    int length = view.getInt(at);
    if (length < 0) {
      throw new UnreadableEventException("BSON length " + length + " at byte " + at);
    }
    return length;
  }

  /** BSON type names as {@code $type} knows them. */
  private static String typeName(byte type) {
    return switch (type) {
      case 0x01 -> "double";
      case STRING -> "string";
      case DOCUMENT -> "object";
      case ARRAY -> "array";
      case 0x05 -> "binData";
      case 0x06 -> "undefined";
      case 0x07 -> "objectId";
      case 0x08 -> "bool";
      case 0x09 -> "date";
      case NULL -> "null";
      case REGEX -> "regex";
      case 0x0C -> "dbPointer";
      case 0x0D -> "javascript";
      case 0x0E -> "symbol";
      case 0x0F -> "javascriptWithScope";
      case 0x10 -> "int";
      case 0x11 -> "timestamp";
      case 0x12 -> "long";
      case 0x13 -> "decimal";
      default -> type == (byte) 0xFF ? "minKey" : "maxKey";
    };
  }

  private void copyName(byte type, int name, int value) {
    put(type);
    put(in, name, value);
  }

  private void put(byte one) {
    room(1);
    out[size++] = one;
  }

  private void put(byte[] bytes) {
    put(bytes, 0, bytes.length);
  }

  private void put(byte[] bytes, int from, int to) {
    room(to - from);
    System.arraycopy(bytes, from, out, size, to - from);
    size += to - from;
  }

  private void room(int more) {
    if (size + more > out.length) {
      out = Arrays.copyOf(out, Math.max(size + more, out.length * 2));
    }
  }
}
