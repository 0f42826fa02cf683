package io.sworn.event;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryData;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Audit events as bytes: Avro single-object encoding ({@code C3 01}, 8-byte fingerprint of the
 * writer's schema, binary body; Avro 1.12 specification, "Single object encoding"). Stateless and
 * safe for any thread.
 *
 * <p>The body is written and read field by field, in the order of {@code audit-event-1.avsc},
 * without intermediate objects; a test holds both against Avro's generic reader and writer. Equal
 * events have equal bytes, so the bytes can be hashed. What was decoded is whole: its BSON parts
 * are well formed, so no reader behind this one can stumble over them.
 */
public final class AuditEventCodec {

  /** Longest frame that is accepted: a BSON document of 16 MiB plus room for the envelope. */
  public static final int FRAME_BYTES_MAX = 20 * 1024 * 1024;

  /**
   * Deepest nesting of what is archived. Earlier builds admitted 250 levels of a part of the
   * message and counted code with a scope as one level, which now counts as two.
   */
  private static final int ARCHIVED_DEPTH_MAX = 2 * BsonBytes.DEPTH_MAX + 1;

  private static final int HEADER_BYTES = 10;
  private static final int NUMBER_BYTES_MAX = 10;
  private static final int LIST_ITEMS_MAX = 100_000;
  private static final Schema SCHEMA = load();
  private static final long FINGERPRINT = SchemaNormalization.parsingFingerprint64(SCHEMA);
  private static final EventKind[] KINDS = EventKind.values();

  private AuditEventCodec() {}

  /** The schema that {@link #encode} writes. */
  public static Schema schema() {
    return SCHEMA;
  }

  /** Encodes one event. */
  public static byte[] encode(AuditEvent event) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512 + event.param().size());
    try {
      out.write(0xC3);
      out.write(0x01);
      out.write(
          ByteBuffer.allocate(Long.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(FINGERPRINT)
              .array());
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
      writeBody(event, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("a byte array took no byte", e);
    }
    return out.toByteArray();
  }

  /**
   * Moves an encoded event to another place of its trail: the same bytes as if it had been encoded
   * there. So an event can be encoded before its place is known.
   *
   * @param frame as {@link #encode} wrote it; not changed
   * @param position in the same trail
   */
  public static byte[] moved(byte[] frame, SourcePosition position) {
    byte[] trail = position.trail().getBytes(StandardCharsets.UTF_8);
    int begin = numberEnd(frame, HEADER_BYTES + EventId.SIZE);
    int sequence = begin + trail.length;
    if (sequence > frame.length || !Arrays.equals(frame, begin, sequence, trail, 0, trail.length)) {
      throw new IllegalArgumentException("the event is of another trail than " + position.trail());
    }
    int rest = numberEnd(frame, numberEnd(frame, sequence));
    byte[] numbers = new byte[2 * NUMBER_BYTES_MAX];
    int size = BinaryData.encodeLong(position.sequence(), numbers, 0);
    size += BinaryData.encodeLong(position.previous(), numbers, size);
    byte[] moved = new byte[sequence + size + frame.length - rest];
    System.arraycopy(frame, 0, moved, 0, sequence);
    System.arraycopy(
        EventId.of(position.trail(), position.sequence()).toBytes(),
        0,
        moved,
        HEADER_BYTES,
        EventId.SIZE);
    System.arraycopy(numbers, 0, moved, sequence, size);
    System.arraycopy(frame, rest, moved, sequence + size, frame.length - rest);
    return moved;
  }

  /** Where a number of variable length ends. */
  private static int numberEnd(byte[] frame, int from) {
    int at = from;
    while (frame[at] < 0) {
      at++;
    }
    return at + 1;
  }

  /**
   * Decodes one frame; the whole array must be one event.
   *
   * @throws UnreadableEventException if it is not, with the reason
   */
  public static AuditEvent decode(byte[] frame) {
    return decode(frame, BsonBytes.DEPTH_MAX);
  }

  /**
   * Decodes a frame that was admitted already, perhaps by an earlier build: what is archived stays
   * readable although it nests deeper than is admitted today.
   *
   * @throws UnreadableEventException if it is no event, with the reason
   */
  public static AuditEvent decodeArchived(byte[] frame) {
    return decode(frame, ARCHIVED_DEPTH_MAX);
  }

  private static AuditEvent decode(byte[] frame, int depthMax) {
    if (frame.length < HEADER_BYTES || frame[0] != (byte) 0xC3 || frame[1] != 0x01) {
      throw new UnreadableEventException(
          "record of " + frame.length + " bytes: does not begin with an Avro frame (c301)");
    }
    if (frame.length > FRAME_BYTES_MAX) {
      throw new UnreadableEventException(
          "record of " + frame.length + " bytes: more than " + FRAME_BYTES_MAX);
    }
    long fingerprint = ByteBuffer.wrap(frame, 2, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (fingerprint != FINGERPRINT) {
      throw new UnreadableEventException(
          "schema fingerprint " + Long.toHexString(fingerprint) + " is unknown to this version");
    }
    BinaryDecoder decoder =
        DecoderFactory.get().binaryDecoder(frame, HEADER_BYTES, frame.length - HEADER_BYTES, null);
    try {
      AuditEvent event = readBody(decoder, depthMax);
      if (!decoder.isEnd()) {
        throw new UnreadableEventException("bytes follow the end of the event");
      }
      return event;
    } catch (IOException
        | AvroRuntimeException
        | IllegalArgumentException
        | IndexOutOfBoundsException
        | UnsupportedOperationException e) { // Avro's decoder throws each of them on damage
      throw new UnreadableEventException("damaged event: " + e.getMessage(), e);
    }
  }

  private static void writeBody(AuditEvent event, BinaryEncoder out) throws IOException {
    out.writeFixed(event.id().toBytes());
    out.writeString(event.trail());
    out.writeLong(event.sequence());
    out.writeLong(event.previous());
    out.writeEnum(event.kind().ordinal());
    out.writeString(event.type());
    out.writeLong(micros(event.time()));
    out.writeLong(micros(event.observed()));
    writeSession(event.session(), out);
    writeOptionalEndpoint(event.local(), out);
    writeOptionalEndpoint(event.remote(), out);
    startArray(event.intermediates().size(), out);
    for (Endpoint endpoint : event.intermediates()) {
      out.startItem();
      writeEndpoint(endpoint, out);
    }
    out.writeArrayEnd();
    startArray(event.users().size(), out);
    for (UserName user : event.users()) {
      out.startItem();
      out.writeString(user.user());
      out.writeString(user.db());
    }
    out.writeArrayEnd();
    startArray(event.roles().size(), out);
    for (RoleName role : event.roles()) {
      out.startItem();
      out.writeString(role.role());
      out.writeString(role.db());
    }
    out.writeArrayEnd();
    writeOptionalString(event.command(), out);
    writeOptionalString(event.namespace(), out);
    out.writeBytes(event.param().array());
    out.writeInt(event.result());
    writeClient(event.client(), out);
    BsonBytes extra = event.extra();
    out.writeIndex(extra == null ? 0 : 1);
    if (extra != null) {
      out.writeBytes(extra.array());
    }
  }

  private static AuditEvent readBody(BinaryDecoder in, int depthMax) throws IOException {
    byte[] sixteen = new byte[EventId.SIZE];
    in.readFixed(sixteen);
    EventId id = EventId.fromBytes(sixteen);
    String trail = text(in);
    long sequence = in.readLong();
    long previous = in.readLong();
    int kind = in.readEnum();
    String type = text(in);
    Instant time = instant(in.readLong());
    Instant observed = instant(in.readLong());
    UUID session = readSession(in, sixteen);
    Endpoint local = isPresent(in) ? readEndpoint(in) : null;
    Endpoint remote = isPresent(in) ? readEndpoint(in) : null;
    List<Endpoint> intermediates = new ArrayList<>();
    for (long n = in.readArrayStart(); n > 0; n = in.arrayNext()) {
      for (long i = 0; i < bounded(intermediates.size(), n); i++) {
        intermediates.add(readEndpoint(in));
      }
    }
    List<UserName> users = new ArrayList<>();
    for (long n = in.readArrayStart(); n > 0; n = in.arrayNext()) {
      for (long i = 0; i < bounded(users.size(), n); i++) {
        users.add(new UserName(text(in), text(in)));
      }
    }
    List<RoleName> roles = new ArrayList<>();
    for (long n = in.readArrayStart(); n > 0; n = in.arrayNext()) {
      for (long i = 0; i < bounded(roles.size(), n); i++) {
        roles.add(new RoleName(text(in), text(in)));
      }
    }
    String command = readOptionalString(in);
    String namespace = readOptionalString(in);
    BsonBytes param = readBson(in, depthMax - 1); // a member of the message
    int result = in.readInt();
    Client client = readClient(in);
    BsonBytes extra = isPresent(in) ? readBson(in, depthMax) : null;
    return new AuditEvent(
        id,
        trail,
        sequence,
        previous,
        kind < KINDS.length ? KINDS[kind] : EventKind.UNKNOWN,
        type,
        time,
        observed,
        session,
        local,
        remote,
        intermediates,
        users,
        roles,
        command,
        namespace,
        param,
        result,
        client,
        extra);
  }

  private static void startArray(int size, BinaryEncoder out) throws IOException {
    out.writeArrayStart();
    out.setItemCount(size);
  }

  private static long bounded(int read, long block) {
    if (read > LIST_ITEMS_MAX || block > LIST_ITEMS_MAX) {
      throw new UnreadableEventException("a list of more than " + LIST_ITEMS_MAX + " items");
    }
    return block;
  }

  private static void writeSession(@Nullable UUID session, BinaryEncoder out) throws IOException {
    out.writeIndex(session == null ? 0 : 1);
    if (session != null) {
      out.writeFixed(
          ByteBuffer.allocate(16)
              .putLong(session.getMostSignificantBits())
              .putLong(session.getLeastSignificantBits())
              .array());
    }
  }

  private static @Nullable UUID readSession(BinaryDecoder in, byte[] scratch) throws IOException {
    if (!isPresent(in)) {
      return null;
    }
    in.readFixed(scratch);
    ByteBuffer buffer = ByteBuffer.wrap(scratch);
    return new UUID(buffer.getLong(), buffer.getLong());
  }

  private static void writeOptionalEndpoint(@Nullable Endpoint endpoint, BinaryEncoder out)
      throws IOException {
    out.writeIndex(endpoint == null ? 0 : 1);
    if (endpoint != null) {
      writeEndpoint(endpoint, out);
    }
  }

  private static void writeEndpoint(Endpoint endpoint, BinaryEncoder out) throws IOException {
    writeOptionalString(endpoint.ip(), out);
    out.writeInt(endpoint.port());
    writeOptionalString(endpoint.unix(), out);
    out.writeBoolean(endpoint.systemUser());
  }

  private static Endpoint readEndpoint(BinaryDecoder in) throws IOException {
    return new Endpoint(
        readOptionalString(in), in.readInt(), readOptionalString(in), in.readBoolean());
  }

  private static void writeClient(@Nullable Client client, BinaryEncoder out) throws IOException {
    out.writeIndex(client == null ? 0 : 1);
    if (client != null) {
      writeOptionalString(client.application(), out);
      writeOptionalString(client.driver(), out);
      writeOptionalString(client.driverVersion(), out);
      writeOptionalString(client.mechanism(), out);
    }
  }

  private static @Nullable Client readClient(BinaryDecoder in) throws IOException {
    if (!isPresent(in)) {
      return null;
    }
    return new Client(
        readOptionalString(in),
        readOptionalString(in),
        readOptionalString(in),
        readOptionalString(in));
  }

  private static void writeOptionalString(@Nullable String text, BinaryEncoder out)
      throws IOException {
    out.writeIndex(text == null ? 0 : 1);
    if (text != null) {
      out.writeString(text);
    }
  }

  private static @Nullable String readOptionalString(BinaryDecoder in) throws IOException {
    return isPresent(in) ? text(in) : null;
  }

  /** Every union of the schema is of null and one type. */
  private static boolean isPresent(BinaryDecoder in) throws IOException {
    int branch = in.readIndex();
    if (branch < 0 || branch > 1) {
      throw new UnreadableEventException("damaged event: union branch " + branch);
    }
    return branch == 1;
  }

  private static BsonBytes readBson(BinaryDecoder in, int depthMax) throws IOException {
    byte[] bytes = bytes(in);
    BsonBytes.checkWithin(bytes, 0, bytes.length, depthMax);
    return BsonBytes.wrap(bytes);
  }

  private static String text(BinaryDecoder in) throws IOException {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }

  /** Avro's own decoder would reserve whatever length a damaged record claims. */
  private static byte[] bytes(BinaryDecoder in) throws IOException {
    long length = in.readLong();
    if (length < 0 || length > FRAME_BYTES_MAX) {
      throw new UnreadableEventException("damaged event: a member of " + length + " bytes");
    }
    byte[] bytes = new byte[(int) length];
    in.readFixed(bytes);
    return bytes;
  }

  private static long micros(Instant time) {
    return Math.addExact(
        Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000);
  }

  private static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
  }

  private static Schema load() {
    try (InputStream in = AuditEventCodec.class.getResourceAsStream("audit-event-1.avsc")) {
      if (in == null) {
        throw new IllegalStateException("audit-event-1.avsc is not in the jar");
      }
      return new Schema.Parser().parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException("audit-event-1.avsc", e);
    }
  }
}
