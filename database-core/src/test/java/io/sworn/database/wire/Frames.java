package io.sworn.database.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import org.bson.BsonDocument;

/** Builds frames byte by byte, right ones and wrong ones. */
public final class Frames {

  private Frames() {}

  /** OP_MSG with one body section. */
  public static byte[] message(int flags, String json) {
    return message(flags, MessageCodec.bytes(BsonDocument.parse(json)));
  }

  /** OP_MSG with one body section. */
  public static byte[] message(int flags, byte[] bson) {
    return frame(2013, concat(int32(flags), new byte[] {0}, bson));
  }

  /** A section with a sequence of documents. */
  public static byte[] sequence(String name, String... documents) {
    byte[] body = concat(name.getBytes(StandardCharsets.UTF_8), new byte[] {0});
    for (String document : documents) {
      body = concat(body, MessageCodec.bytes(BsonDocument.parse(document)));
    }
    return concat(new byte[] {1}, int32(body.length + 4), body);
  }

  /** A whole frame. */
  public static byte[] frame(int operation, byte[] body) {
    return concat(int32(16 + body.length), int32(7), int32(0), int32(operation), body);
  }

  /** The same message with flag and checksum. */
  public static byte[] withChecksum(String json) {
    byte[] frame = frame(2013, concat(int32(1), new byte[] {0}, bson(json), new byte[4]));
    CRC32C crc = new CRC32C();
    crc.update(frame, 0, frame.length - 4);
    ByteBuffer.wrap(frame)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(frame.length - 4, (int) crc.getValue());
    return frame;
  }

  /** OP_COMPRESSED around OP_MSG, with a free choice of the announced size. */
  public static byte[] compressed(byte[] message, int announced) {
    Deflater deflater = new Deflater();
    deflater.setInput(message, 16, message.length - 16);
    deflater.finish();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] chunk = new byte[4096];
    while (!deflater.finished()) {
      out.write(chunk, 0, deflater.deflate(chunk));
    }
    deflater.end();
    return frame(2012, concat(int32(2013), int32(announced), new byte[] {2}, out.toByteArray()));
  }

  /** OP_QUERY. */
  public static byte[] query(String namespace, String json) {
    return frame(
        2004,
        concat(
            int32(4),
            namespace.getBytes(StandardCharsets.UTF_8),
            new byte[] {0},
            int32(0),
            int32(-1),
            bson(json)));
  }

  /** Documents inside documents. */
  public static byte[] nested(int levels) {
    byte[] document = {5, 0, 0, 0, 0};
    for (int i = 0; i < levels; i++) {
      document =
          concat(int32(document.length + 8), new byte[] {3, 'a', 0}, document, new byte[] {0});
    }
    return document;
  }

  /** Encoded BSON. */
  public static byte[] bson(String json) {
    return MessageCodec.bytes(BsonDocument.parse(json));
  }

  /** Four bytes, little-endian. */
  public static byte[] int32(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  /** One after the other. */
  public static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
