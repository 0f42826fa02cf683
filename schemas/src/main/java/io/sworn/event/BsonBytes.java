package io.sworn.event;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.bson.BsonBinaryReader;
import org.bson.BsonBinaryWriter;
import org.bson.BsonDocument;
import org.bson.BsonSerializationException;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;
import org.jspecify.annotations.Nullable;

/** An encoded BSON document: exact types, exact order, compared byte by byte. Immutable. */
public final class BsonBytes {

  /** The empty document. */
  public static final BsonBytes EMPTY = new BsonBytes(new byte[] {5, 0, 0, 0, 0});

  /**
   * Deepest nesting of a whole audit message, the message itself being the first level, in BSON and
   * in JSON alike: servers allow 200, audit messages add some.
   */
  public static final int DEPTH_MAX = 250;

  private static final BsonDocumentCodec CODEC = new BsonDocumentCodec();

  private final byte[] bytes;

  private BsonBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Encodes {@code document}. */
  public static BsonBytes of(BsonDocument document) {
    if (document.isEmpty()) {
      return EMPTY;
    }
    BasicOutputBuffer out = new BasicOutputBuffer(256);
    try (BsonBinaryWriter writer = new BsonBinaryWriter(out)) {
      CODEC.encode(writer, document, EncoderContext.builder().build());
    }
    return new BsonBytes(out.toByteArray());
  }

  /**
   * Takes {@code bytes} (not copied) as one encoded document.
   *
   * @throws UnreadableEventException if the length prefix and the array disagree
   */
  public static BsonBytes wrap(byte[] bytes) {
    if (bytes.length < 5
        || ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt() != bytes.length
        || bytes[bytes.length - 1] != 0) {
      throw new UnreadableEventException(
          "BSON document of " + bytes.length + " bytes: its length prefix or its end is wrong");
    }
    return new BsonBytes(bytes);
  }

  /**
   * Takes {@code bytes} (not copied) as one encoded document whose every length, type and nesting
   * was looked at, so that {@link #toDocument} and whoever writes the document cannot fail later.
   *
   * @throws UnreadableEventException if they are no BSON or nested deeper than {@link #DEPTH_MAX}
   */
  public static BsonBytes checked(byte[] bytes) {
    check(bytes, 0, bytes.length, 0);
    return new BsonBytes(bytes);
  }

  /**
   * As {@link #checked}, and nothing is changed by {@link #toDocument}: no key stands twice in one
   * document, and all text is UTF-8.
   *
   * @throws UnreadableEventException with the reason and the position of the byte
   */
  public static BsonBytes faithful(byte[] bytes) {
    refuse(bytes.length, BsonShape.problem(bytes, 0, bytes.length, DEPTH_MAX, true));
    return new BsonBytes(bytes);
  }

  /**
   * Looks at every length, type and nesting of a document that lies inside other bytes.
   *
   * @param from where it begins
   * @param to where it must end
   * @param above levels of the message that it is part of, above it
   * @throws UnreadableEventException as {@link #checked}
   */
  public static void check(byte[] bytes, int from, int to, int above) {
    checkWithin(bytes, from, to, DEPTH_MAX - above);
  }

  /** As {@link #check}, with a bound of the caller's own. */
  static void checkWithin(byte[] bytes, int from, int to, int depthMax) {
    refuse(to - from, BsonShape.problem(bytes, from, to, depthMax, false));
  }

  private static void refuse(int size, @Nullable String problem) {
    if (problem != null) {
      throw new UnreadableEventException("BSON document of " + size + " bytes: " + problem);
    }
  }

  /**
   * Decodes the document, a fresh one at each call.
   *
   * @throws UnreadableEventException if the bytes are not valid BSON
   */
  public BsonDocument toDocument() {
    try (BsonBinaryReader reader =
        new BsonBinaryReader(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN))) {
      return CODEC.decode(reader, DecoderContext.builder().build());
    } catch (BsonSerializationException | IllegalArgumentException e) {
      throw new UnreadableEventException("not valid BSON: " + e.getMessage(), e);
    }
  }

  /** Size in bytes. */
  public int size() {
    return bytes.length;
  }

  /** The encoded bytes, not copied: the caller must not change them. */
  public byte[] array() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BsonBytes that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "BsonBytes[" + HexFormat.of().formatHex(bytes) + "]";
  }
}
