package io.sworn.database.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonBinaryReader;
import org.bson.BsonDocument;
import org.bson.BsonSerializationException;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.DecoderContext;
import org.jspecify.annotations.Nullable;

/** Reads the body of one message. */
final class MessageReader {

  private static final int MORE_TO_COME = 2;
  private static final int CHECKSUM_PRESENT = 1;
  private static final int DOCUMENT_BYTES_MAX = 16 * 1024 * 1024 + 16 * 1024;
  private static final int DB_NAME_LENGTH_MAX = 63;
  private static final BsonDocumentCodec DOCUMENTS = new BsonDocumentCodec();

  private final byte[] bytes;
  private final ByteBuffer numbers;
  private final BsonGuard guard;
  private int at;

  MessageReader(byte[] bytes, int offset, WireLimits limits) {
    this.bytes = bytes;
    this.numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.guard = new BsonGuard(bytes, limits);
    this.at = offset;
  }

  /** OP_MSG: flags, then one body and any number of document sequences in any order. */
  Request message(int id, boolean compressed) {
    int flags = int32(bytes.length);
    if ((flags & 0xFFFF & ~(CHECKSUM_PRESENT | MORE_TO_COME)) != 0) {
      throw MalformedMessageException.protocol("unknown required flag bits in " + flags);
    }
    int end = bytes.length - ((flags & CHECKSUM_PRESENT) != 0 ? 4 : 0);
    BsonDocument body = null;
    Map<String, BsonArray> sequences = new LinkedHashMap<>();
    while (at < end) {
      int kind = bytes[at++];
      if (kind == 0 && body == null) {
        body = document(end);
      } else if (kind == 1) {
        sequence(end, sequences);
      } else {
        throw MalformedMessageException.protocol(
            kind == 0 ? "two bodies in one message" : "section of unknown kind " + kind);
      }
    }
    if (body == null || body.isEmpty()) {
      throw MalformedMessageException.protocol("a message without a command");
    }
    for (Map.Entry<String, BsonArray> sequence : sequences.entrySet()) {
      if (body.put(sequence.getKey(), sequence.getValue()) != null) {
        throw MalformedMessageException.protocol("a document sequence repeats a member");
      }
    }
    Request.Kind kind =
        (flags & MORE_TO_COME) != 0
            ? Request.Kind.UNANSWERED
            : compressed ? Request.Kind.COMPRESSED : Request.Kind.MESSAGE;
    return new Request(id, database(body), body, kind);
  }

  /** OP_QUERY on {@code <db>.$cmd}: flags, namespace, skip, limit, command. */
  Request legacyHello(int id) {
    int32(bytes.length);
    String namespace = cstring(bytes.length);
    int32(bytes.length);
    int32(bytes.length);
    BsonDocument body = document(bytes.length);
    if (body.isDocument("$query")) {
      body = body.getDocument("$query");
    }
    String command = body.isEmpty() ? "" : body.getFirstKey();
    boolean hello =
        command.equals("hello") || command.equals("isMaster") || command.equals("ismaster");
    if (!hello || !namespace.endsWith(".$cmd")) {
      throw MalformedMessageException.protocol(
          "OP_QUERY is only answered for hello and isMaster; use OP_MSG");
    }
    String db = namespace.substring(0, namespace.length() - ".$cmd".length());
    return new Request(id, checked(db), body, Request.Kind.LEGACY_HELLO);
  }

  private void sequence(int end, Map<String, BsonArray> sequences) {
    int start = at;
    int size = int32(end);
    if (size < 5 || size > end - start) {
      throw MalformedMessageException.protocol("a document sequence of " + size + " bytes");
    }
    int sequenceEnd = start + size;
    String name = cstring(sequenceEnd);
    BsonArray documents = new BsonArray();
    while (at < sequenceEnd) {
      documents.add(document(sequenceEnd));
    }
    if (sequences.put(name, documents) != null) {
      throw MalformedMessageException.protocol("two document sequences of one name");
    }
  }

  private BsonDocument document(int end) {
    int start = at;
    at = guard.check(start, end);
    if (at - start > DOCUMENT_BYTES_MAX) {
      throw MalformedMessageException.bson("a document of " + (at - start) + " bytes");
    }
    ByteBuffer slice = ByteBuffer.wrap(bytes, start, at - start).slice();
    try (BsonBinaryReader reader = new BsonBinaryReader(slice.order(ByteOrder.LITTLE_ENDIAN))) {
      return DOCUMENTS.decode(reader, DecoderContext.builder().build());
    } catch (BsonSerializationException | IllegalArgumentException e) {
      throw MalformedMessageException.bson("a document that cannot be decoded");
    }
  }

  private static String database(BsonDocument body) {
    @Nullable String db = body.isString("$db") ? body.getString("$db").getValue() : null;
    if (db == null) {
      throw MalformedMessageException.protocol("OP_MSG without $db");
    }
    return checked(db);
  }

  private static String checked(String db) {
    if (db.isEmpty()
        || db.length() > DB_NAME_LENGTH_MAX
        || db.chars()
            .anyMatch(c -> c < 32 || "/\\. \"$".indexOf(c) >= 0 && !db.equals("$external"))) {
      throw MalformedMessageException.protocol("the name of the database is not valid");
    }
    return db;
  }

  private String cstring(int end) {
    int start = at;
    while (at < end && bytes[at] != 0) {
      at++;
    }
    if (at >= end) {
      throw MalformedMessageException.protocol("a name without an end");
    }
    return new String(bytes, start, at++ - start, StandardCharsets.UTF_8);
  }

  private int int32(int end) {
    if (end - at < 4) {
      throw MalformedMessageException.protocol("a message that is cut short");
    }
    at += 4;
    return numbers.getInt(at - 4);
  }
}
