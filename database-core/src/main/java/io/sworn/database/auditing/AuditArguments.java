package io.sworn.database.auditing;

import io.sworn.event.BsonBytes;
import io.sworn.event.Sha256;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;

/**
 * What of a command may stand in the audit trail: all of it, but no secret, and not so much that
 * Kafka would refuse the event.
 */
public final class AuditArguments {

  /** What stands in place of a secret, as MongoDB writes it. */
  private static final BsonString MASK = new BsonString("xxx");

  /** Commands over documents of users, where a member called {@code pwd} is just data. */
  private static final Set<String> DATA =
      Set.of(
          "find",
          "count",
          "distinct",
          "aggregate",
          "getMore",
          "insert",
          "update",
          "delete",
          "findAndModify",
          "findandmodify",
          "create",
          "createIndexes",
          "explain");

  /** Secret in every command: wrapped keys of a client-side encryption key vault. */
  private static final Set<String> KEYS = Set.of("keyMaterial");

  /** Secret in every command that is not over data, also in one that does not exist. */
  private static final Set<String> SECRETS =
      Set.of(
          "keymaterial",
          "pwd",
          "password",
          "payload",
          "speculativeauthenticate",
          "key",
          "nonce",
          "token",
          "secret",
          "jwt");

  private static final int DEPTH_MAX = 220;

  private AuditArguments() {}

  /**
   * A command without secrets, in encoded form or as itself, of at most about {@code bytesMax}
   * bytes. Of a longer one the arrays of the first level are cut, and a member {@code $cut} tells
   * the whole size, the SHA-256 of the whole masked command, and how many items each array had.
   */
  public static BsonDocument of(BsonDocument command, int bytesMax) {
    boolean data = DATA.contains(command.getFirstKey());
    BsonDocument masked = mask(command, data, 0);
    BsonBytes whole = BsonBytes.of(masked);
    return whole.size() <= bytesMax
        ? new RawBsonDocument(whole.array())
        : cut(masked, whole, bytesMax);
  }

  /** The same instance where there is no secret, which is usual; nothing is ever changed. */
  private static BsonDocument mask(BsonDocument document, boolean data, int depth) {
    BsonDocument copy = null;
    for (Map.Entry<String, BsonValue> member : document.entrySet()) {
      String key = member.getKey();
      boolean secret = data ? KEYS.contains(key) : SECRETS.contains(lower(key));
      BsonValue value = secret ? MASK : mask(member.getValue(), data, depth + 1);
      if (copy == null && value != member.getValue()) {
        copy = new BsonDocument();
        copy.putAll(document); // keeps the order of the members that are masked below
      }
      if (copy != null) {
        copy.put(key, value);
      }
    }
    return copy == null ? document : copy;
  }

  private static BsonValue mask(BsonValue value, boolean data, int depth) {
    if (depth > DEPTH_MAX) {
      return MASK;
    }
    if (value.isDocument()) {
      return mask(value.asDocument(), data, depth);
    }
    return value.isArray() ? mask(value.asArray(), data, depth) : value;
  }

  private static BsonArray mask(BsonArray array, boolean data, int depth) {
    BsonArray copy = null;
    for (int i = 0; i < array.size(); i++) {
      BsonValue value = mask(array.get(i), data, depth + 1);
      if (copy == null && value != array.get(i)) {
        copy = new BsonArray(new ArrayList<>(array));
      }
      if (copy != null) {
        copy.set(i, value);
      }
    }
    return copy == null ? array : copy;
  }

  private static String lower(String key) {
    return key.toLowerCase(java.util.Locale.ROOT);
  }

  private static BsonDocument cut(BsonDocument masked, BsonBytes whole, int bytesMax) {
    BsonDocument shortened = new BsonDocument();
    BsonDocument items = new BsonDocument();
    int left = bytesMax;
    for (var member : masked.entrySet()) {
      BsonValue value = member.getValue();
      int size = size(value);
      if (size > left && value.isArray()) {
        BsonArray head = head(value.asArray(), left);
        items.append(member.getKey(), new BsonInt32(value.asArray().size()));
        value = head;
        size = size(head);
      } else if (size > left) {
        value = new BsonString("cut");
        size = size(value);
      }
      left -= size;
      shortened.append(member.getKey(), value);
    }
    return shortened.append(
        "$cut",
        new BsonDocument("bytes", new BsonInt32(whole.size()))
            .append("sha256", new BsonString(Sha256.hex(whole.array())))
            .append("items", items));
  }

  private static BsonArray head(BsonArray array, int bytesMax) {
    BsonArray head = new BsonArray();
    int left = bytesMax;
    for (BsonValue item : array) {
      left -= size(item) + 8;
      if (left < 0) {
        break;
      }
      head.add(item);
    }
    return head;
  }

  private static int size(BsonValue value) {
    return BsonBytes.of(new BsonDocument("", value)).size();
  }
}
