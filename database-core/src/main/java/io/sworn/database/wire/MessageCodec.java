package io.sworn.database.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.bson.BsonBinaryWriter;
import org.bson.BsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;

/**
 * Turns whole frames into requests and replies into frames: OP_MSG, OP_COMPRESSED with zlib, and
 * OP_QUERY for the first {@code hello} of old handshakes. Every other operation is refused.
 */
public final class MessageCodec {

  private static final int OP_REPLY = 1;
  private static final int OP_QUERY = 2004;
  private static final int OP_COMPRESSED = 2012;
  private static final int OP_MSG = 2013;
  private static final int COMPRESSOR_NONE = 0;
  private static final int COMPRESSOR_ZLIB = 2;
  private static final int CHECKSUM_PRESENT = 1;

  private static final BsonDocumentCodec DOCUMENTS = new BsonDocumentCodec();
  private static final AtomicInteger REPLY_IDS = new AtomicInteger();

  private MessageCodec() {}

  /**
   * Reads one frame.
   *
   * @throws MalformedMessageException if it is not a valid message
   */
  public static Request decode(byte[] frame, WireLimits limits) {
    ByteBuffer header = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    int id = header.getInt(4);
    int operation = header.getInt(12);
    return switch (operation) {
      case OP_MSG -> {
        verifyChecksum(frame);
        yield new MessageReader(frame, FrameDecoder.HEADER_BYTES, limits).message(id, false);
      }
      case OP_QUERY -> new MessageReader(frame, FrameDecoder.HEADER_BYTES, limits).legacyHello(id);
      case OP_COMPRESSED -> compressed(frame, id, limits);
      default ->
          throw MalformedMessageException.protocol(
              "operation " + operation + " is not supported, only OP_MSG and OP_COMPRESSED");
    };
  }

  /** Id of a frame that could not be read, for the answer. */
  public static int requestId(byte[] frame) {
    return ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
  }

  /** The frame that answers {@code request} with an encoded document. */
  public static ByteBuf encode(ByteBufAllocator allocator, Request request, byte[] reply) {
    return switch (request.kind()) {
      case LEGACY_HELLO -> legacyReply(allocator, request.id(), reply);
      case COMPRESSED -> compressedReply(allocator, request.id(), reply);
      case MESSAGE, UNANSWERED -> messageReply(allocator, request.id(), reply);
    };
  }

  /** Encodes a document. */
  public static byte[] bytes(BsonDocument document) {
    BasicOutputBuffer out = new BasicOutputBuffer(512);
    try (BsonBinaryWriter writer = new BsonBinaryWriter(out)) {
      DOCUMENTS.encode(writer, document, EncoderContext.builder().build());
    }
    return out.toByteArray();
  }

  /** An uncompressed OP_MSG frame. */
  public static ByteBuf messageReply(ByteBufAllocator allocator, int responseTo, byte[] reply) {
    ByteBuf out = allocator.buffer(21 + reply.length);
    header(out, 21 + reply.length, responseTo, OP_MSG);
    return out.writeIntLE(0).writeByte(0).writeBytes(reply);
  }

  /** CRC-32C over everything before it, in the last four bytes (OP_MSG, flag bit 0). */
  private static void verifyChecksum(byte[] frame) {
    ByteBuffer buffer = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    if (frame.length < FrameDecoder.HEADER_BYTES + 4
        || (buffer.getInt(FrameDecoder.HEADER_BYTES) & CHECKSUM_PRESENT) == 0) {
      return;
    }
    CRC32C crc = new CRC32C();
    crc.update(frame, 0, frame.length - 4);
    if ((int) crc.getValue() != buffer.getInt(frame.length - 4)) {
      throw MalformedMessageException.protocol("the checksum of the message is wrong");
    }
  }

  /** Original operation, size and compressor stand before the compressed body. */
  private static Request compressed(byte[] frame, int id, WireLimits limits) {
    if (frame.length < 25) {
      throw MalformedMessageException.protocol("a compressed message of " + frame.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    int operation = buffer.getInt(16);
    int size = buffer.getInt(20);
    int compressor = frame[24];
    if (operation != OP_MSG) {
      throw MalformedMessageException.protocol("operation " + operation + " inside OP_COMPRESSED");
    }
    if (size < 5 || size > limits.frameBytesMax() - FrameDecoder.HEADER_BYTES) {
      throw MalformedMessageException.protocol("an uncompressed size of " + size);
    }
    byte[] body =
        switch (compressor) {
          case COMPRESSOR_NONE -> java.util.Arrays.copyOfRange(frame, 25, frame.length);
          case COMPRESSOR_ZLIB -> inflate(frame, 25, size);
          default -> throw MalformedMessageException.protocol("compressor " + compressor);
        };
    return new MessageReader(body, 0, limits).message(id, true);
  }

  /** Inflates exactly {@code size} bytes, never more. */
  private static byte[] inflate(byte[] frame, int offset, int size) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(frame, offset, frame.length - offset);
      byte[] body = new byte[size];
      int done = 0;
      while (done < size) {
        int count = inflater.inflate(body, done, size - done);
        if (count == 0) {
          throw MalformedMessageException.protocol("a compressed message is cut short");
        }
        done += count;
      }
      if (!inflater.finished() && inflater.inflate(new byte[1]) != 0) {
        throw MalformedMessageException.protocol("a compressed message is longer than announced");
      }
      return body;
    } catch (DataFormatException e) {
      throw MalformedMessageException.protocol("a compressed message is not zlib");
    } finally {
      inflater.end();
    }
  }

  private static ByteBuf legacyReply(ByteBufAllocator allocator, int responseTo, byte[] reply) {
    ByteBuf out = allocator.buffer(36 + reply.length);
    header(out, 36 + reply.length, responseTo, OP_REPLY);
    // Flags (awaitCapable), cursor 0, starting from 0, one document.
    return out.writeIntLE(8).writeLongLE(0).writeIntLE(0).writeIntLE(1).writeBytes(reply);
  }

  private static ByteBuf compressedReply(ByteBufAllocator allocator, int responseTo, byte[] reply) {
    byte[] body = new byte[5 + reply.length]; // flags and section kind are zero
    System.arraycopy(reply, 0, body, 5, reply.length);
    ByteBuf out = allocator.buffer(64 + reply.length / 2);
    header(out, 0, responseTo, OP_COMPRESSED);
    out.writeIntLE(OP_MSG).writeIntLE(body.length).writeByte(COMPRESSOR_ZLIB);
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try {
      deflater.setInput(body);
      deflater.finish();
      byte[] chunk = new byte[8192];
      while (!deflater.finished()) {
        out.writeBytes(chunk, 0, deflater.deflate(chunk));
      }
    } finally {
      deflater.end();
    }
    return out.setIntLE(out.readerIndex(), out.readableBytes());
  }

  private static void header(ByteBuf out, int length, int responseTo, int operation) {
    out.writeIntLE(length)
        .writeIntLE(REPLY_IDS.incrementAndGet())
        .writeIntLE(responseTo)
        .writeIntLE(operation);
  }
}
