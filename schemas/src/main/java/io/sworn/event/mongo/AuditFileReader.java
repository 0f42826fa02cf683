package io.sworn.event.mongo;

import io.sworn.event.BsonBytes;
import io.sworn.event.UnreadableEventException;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Reads an audit file, JSON lines or concatenated BSON documents, message by message. The format is
 * recognised from the first byte. What cannot be read comes out as an {@link Entry} with its reason
 * and its bytes, and reading goes on behind it; only a broken BSON length ends the file, because
 * nothing behind it can be located. A byte order mark before the first line is passed over.
 *
 * <p>Not thread-safe.
 */
public final class AuditFileReader implements Closeable {

  /** Longest message that is read: 16 MiB of BSON as JSON with escapes and base64. */
  public static final int MESSAGE_BYTES_MAX = ExtendedJson.TEXT_CHARS_MAX;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private static final int BSON_BYTES_MAX = 17 * 1024 * 1024;

  /**
   * One message, or what stood in its place.
   *
   * @param number line of a JSON file, document of a BSON file, from 1
   * @param message null if unreadable
   * @param error null if readable
   * @param original the bytes as they were in the file, without the line's end; of a line that is
   *     too long the first {@value #MESSAGE_BYTES_MAX}
   */
  public record Entry(
      long number, @Nullable BsonDocument message, @Nullable String error, Original original) {}

  /** Bytes that must not be altered. */
  public static final class Original {
    private final byte[] bytes;

    Original(byte[] bytes) {
      this.bytes = bytes;
    }

    /** A copy of the bytes. */
    public byte[] toBytes() {
      return bytes.clone();
    }
  }

  private final InputStream in;
  private long number;
  private int format = -1;
  private boolean ended;

  /** Reads from {@code in}, which {@link #close} closes. */
  public AuditFileReader(InputStream in) {
    this.in = new BufferedInputStream(in, 1 << 16);
  }

  /**
   * The next message; null at the end of the file. Empty lines are passed over but counted.
   *
   * @throws IOException if the file itself cannot be read
   */
  public @Nullable Entry next() throws IOException {
    if (ended) {
      return null;
    }
    if (format < 0) {
      in.mark(8);
      byte[] head = in.readNBytes(5);
      in.reset();
      format = looksLikeBson(head) ? 1 : 0;
    }
    return format == 1 ? nextBson() : nextLine();
  }

  /** A BSON length is below 17 MiB, so its fourth byte is 0 or 1; JSON text never has that. */
  private static boolean looksLikeBson(byte[] head) {
    return head.length == 5 && (head[3] == 0 || head[3] == 1);
  }

  private @Nullable Entry nextLine() throws IOException {
    while (true) {
      byte[] line = readLine();
      if (line == null) {
        ended = true;
        return null;
      }
      number++;
      int from = number == 1 && marked(line) ? BYTE_ORDER_MARK.length : 0;
      if (line.length == from) {
        continue;
      }
      Original original = new Original(line);
      if (line.length >= MESSAGE_BYTES_MAX) {
        return new Entry(
            number,
            null,
            "longer than " + MESSAGE_BYTES_MAX + " bytes, only the first of them are kept",
            original);
      }
      try {
        String text =
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(line, from, line.length - from))
                .toString();
        return new Entry(number, ExtendedJson.parse(text), null, original);
      } catch (CharacterCodingException e) {
        return new Entry(number, null, "not valid UTF-8", original);
      } catch (UnreadableEventException e) {
        return new Entry(number, null, e.getMessage(), original);
      }
    }
  }

  private static boolean marked(byte[] line) {
    int size = BYTE_ORDER_MARK.length;
    return line.length >= size && Arrays.equals(line, 0, size, BYTE_ORDER_MARK, 0, size);
  }

  /** Bytes up to the line's end; what exceeds the limit is read and cut off. */
  private byte @Nullable [] readLine() throws IOException {
    byte[] buffer = new byte[1024];
    int length = 0;
    int b = in.read();
    if (b < 0) {
      return null;
    }
    while (b >= 0 && b != '\n') {
      if (length < MESSAGE_BYTES_MAX) {
        if (length == buffer.length) {
          buffer = Arrays.copyOf(buffer, Math.min(2 * length, MESSAGE_BYTES_MAX));
        }
        buffer[length++] = (byte) b;
      }
      b = in.read();
    }
    if (length > 0 && buffer[length - 1] == '\r') {
      length--;
    }
    return Arrays.copyOf(buffer, length);
  }

  private @Nullable Entry nextBson() throws IOException {
    byte[] head = in.readNBytes(4);
    if (head.length == 0) {
      ended = true;
      return null;
    }
    number++;
    int size = head.length < 4 ? -1 : ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (size < 5 || size > BSON_BYTES_MAX) {
      ended = true;
      return new Entry(
          number,
          null,
          "BSON length " + size + ": nothing behind it can be read",
          new Original(head));
    }
    byte[] document = Arrays.copyOf(head, size);
    int read = in.readNBytes(document, 4, size - 4);
    if (read < size - 4) {
      ended = true;
      return new Entry(
          number,
          null,
          "BSON document of " + size + " bytes is cut off after " + (read + 4),
          new Original(Arrays.copyOf(document, read + 4)));
    }
    try {
      return new Entry(
          number, BsonBytes.faithful(document).toDocument(), null, new Original(document));
    } catch (UnreadableEventException e) {
      return new Entry(number, null, e.getMessage(), new Original(document));
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
