package io.sworn.export.format;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonJavaScriptWithScope;
import org.bson.BsonRegularExpression;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * An audit message cut to a size, still one whole document of JSON: first the longest values lose
 * their ends, the bound for them lowered until all fits; then long arrays and documents below
 * {@code param} lose their last members; then what is nested deep. Each place says what is missing.
 * The members of the message and types that Guardium's parsers ask for stay.
 */
final class Shortened {

  /** Smallest size to which every message can be cut. */
  static final int BYTES_MIN = 16 * 1024;

  private static final String MARK = "$swornCut";
  private static final String SHORT_ESCAPES = "\"\\\n\r\t\b\f";

  /** Parameters that Guardium's parsers fail without, each of some types. */
  private static final List<String> ASKED_FOR =
      List.of(
          "command",
          "args",
          "ns",
          "user",
          "db",
          "initialUsers",
          "msg",
          "role",
          "indexName",
          "old",
          "new",
          "shard",
          "connectionString",
          "maxSize");

  private static final int VALUE_BYTES_MIN = 64;
  private static final int MEMBERS_MIN = 4;
  private static final int LAST_PARAMETERS = 8;
  private static final int LAST_MEMBERS = 2;
  private static final int LAST_LEVELS = 2;

  private final int valueBytes;
  private final int members;
  private final int levels;

  private Shortened(int valueBytes, int members, int levels) {
    this.valueBytes = valueBytes;
    this.members = members;
    this.levels = levels;
  }

  /**
   * JSON of {@code message} in UTF-8.
   *
   * @param bytesMax at least {@link #BYTES_MIN} less a header of a few hundred bytes
   * @return empty if not even the last step is short enough, which takes a smaller {@code bytesMax}
   */
  static Optional<byte[]> json(BsonDocument message, int bytesMax) {
    for (int value = bytesMax / 2; value > VALUE_BYTES_MIN; value /= 4) {
      byte[] json = new Shortened(value, Integer.MAX_VALUE, Integer.MAX_VALUE).write(message);
      if (json.length <= bytesMax) {
        return Optional.of(json);
      }
    }
    for (int members = 256; members >= MEMBERS_MIN; members /= 8) {
      byte[] json = new Shortened(VALUE_BYTES_MIN, members, Integer.MAX_VALUE).write(message);
      if (json.length <= bytesMax) {
        return Optional.of(json);
      }
    }
    byte[] json = new Shortened(VALUE_BYTES_MIN, LAST_MEMBERS, LAST_LEVELS).write(message);
    return json.length <= bytesMax ? Optional.of(json) : Optional.empty();
  }

  private byte[] write(BsonDocument message) {
    BsonDocument result = new BsonDocument();
    message.forEach(
        (key, value) ->
            result.put(
                key,
                key.equals("param")
                    ? parameters(value.asDocument())
                    : value(value, Integer.MAX_VALUE)));
    return FiniteNumbers.json(result).getBytes(StandardCharsets.UTF_8);
  }

  private BsonDocument parameters(BsonDocument param) {
    if (members > LAST_MEMBERS) {
      return document(param, Integer.MAX_VALUE, levels);
    }
    BsonDocument ordered = new BsonDocument();
    for (String name : ASKED_FOR) {
      BsonValue value = param.get(name);
      if (value != null) {
        ordered.put(name, value);
      }
    }
    param.forEach(ordered::putIfAbsent);
    return document(ordered, LAST_PARAMETERS, levels);
  }

  private BsonValue value(BsonValue value, int left) {
    return switch (value.getBsonType()) {
      case DOCUMENT ->
          left == 0
              ? new BsonDocument(MARK, missing(value.asDocument().size() + " members"))
              : document(value.asDocument(), members, left);
      case ARRAY ->
          left == 0
              ? new BsonArray(List.of(missing(value.asArray().size() + " items")))
              : array(value.asArray(), left);
      case STRING -> new BsonString(cut(value.asString().getValue()));
      case BINARY ->
          value.asBinary().getData().length <= valueBytes
              ? value
              : missing(value.asBinary().getData().length + " bytes of binary data");
      case SYMBOL -> text(value, value.asSymbol().getSymbol());
      case JAVASCRIPT -> text(value, value.asJavaScript().getCode());
      case REGULAR_EXPRESSION -> {
        // A client may send options of any length, too.
        BsonRegularExpression regex = value.asRegularExpression();
        yield text(value, "/" + regex.getPattern() + "/" + regex.getOptions());
      }
      case DB_POINTER -> text(value, value.asDBPointer().getNamespace());
      case JAVASCRIPT_WITH_SCOPE -> {
        BsonJavaScriptWithScope code = value.asJavaScriptWithScope();
        yield left == 0 || size(code.getCode()) > valueBytes
            ? new BsonString(cut(code.getCode()))
            : new BsonJavaScriptWithScope(code.getCode(), document(code.getScope(), members, left));
      }
      default -> value; // of a fixed, small size
    };
  }

  private BsonDocument document(BsonDocument document, int most, int left) {
    BsonDocument result = new BsonDocument();
    int number = 0;
    for (Map.Entry<String, BsonValue> member : document.entrySet()) {
      if (number == most) {
        result.put(MARK, missing((document.size() - most) + " more members"));
        break;
      }
      String key = cut(member.getKey());
      result.put(
          result.containsKey(key) ? key + "#" + number : key, value(member.getValue(), left - 1));
      number++;
    }
    return result;
  }

  private BsonArray array(BsonArray array, int left) {
    BsonArray result = new BsonArray();
    for (BsonValue item : array) {
      if (result.size() == members) {
        BsonString missing = missing((array.size() - members) + " more");
        result.add(array.get(0).isDocument() ? like(array.get(0).asDocument(), missing) : missing);
        break;
      }
      // An item is no level of its own: users and roles are arrays of small documents.
      result.add(value(item, item.isDocument() && left > 0 ? left : left - 1));
    }
    return result;
  }

  /** A document with the texts that a reader of the others expects in each. */
  private BsonDocument like(BsonDocument item, BsonString text) {
    BsonDocument result = new BsonDocument();
    item.forEach(
        (key, value) -> {
          if (value.isString() && result.size() < LAST_MEMBERS) {
            result.put(cut(key), text);
          }
        });
    return result;
  }

  private BsonValue text(BsonValue value, String text) {
    return size(text) <= valueBytes ? value : new BsonString(cut(text));
  }

  private static BsonString missing(String what) {
    return new BsonString("[Sworn cut " + what + "]");
  }

  /** The beginning of {@code text}, never half of a character. */
  private String cut(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int character = text.codePointAt(i);
      bytes += size(character);
      if (bytes > valueBytes) {
        return text.substring(0, i) + "...[Sworn cut, " + size(text) + " bytes in all]";
      }
      i += Character.charCount(character);
    }
    return text;
  }

  private static long size(String text) {
    return text.codePoints().mapToLong(Shortened::size).sum();
  }

  /** Bytes of a character in the text of a JSON string. */
  private static int size(int character) {
    if (SHORT_ESCAPES.indexOf(character) >= 0) {
      return 2;
    }
    if (character < 0x20 || character == 0x7F) {
      return 6;
    }
    if (character < 0x80) {
      return 1;
    }
    return character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  }
}
