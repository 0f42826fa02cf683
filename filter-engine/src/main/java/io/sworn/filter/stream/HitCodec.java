package io.sworn.filter.stream;

import io.sworn.event.ErrorCode;
import io.sworn.event.EventId;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.filter.alert.Hit;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What travels between the two halves of the alert topology: hits, and marks of time. */
final class HitCodec {

  private static final int HIT = 1;
  private static final int MARK = 2;
  private static final int LIST_MAX = 1_000;

  /**
   * Nothing older is to come from a partition of the events.
   *
   * @param partition of the topic of events
   * @param time microseconds since 1970; {@link Long#MIN_VALUE} if nothing is known
   * @param generation of the rules that judge there; hits of older rules come before this
   */
  record Mark(int partition, long time, long generation) {}

  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  private HitCodec() {}

  static byte[] encode(Hit hit) {
    return bytes(
        out -> {
          out.writeByte(HIT);
          out.writeUTF(hit.rule());
          out.writeInt(hit.step());
          out.writeLong(hit.time());
          out.write(hit.id().toBytes());
          out.writeInt(hit.group().size());
          for (String part : hit.group()) {
            out.writeBoolean(part != null);
            out.writeUTF(part == null ? "" : part);
          }
          out.writeInt(hit.values().size());
          for (String value : hit.values()) {
            out.writeUTF(value);
          }
        });
  }

  static byte[] encode(Mark mark) {
    return bytes(
        out -> {
          out.writeByte(MARK);
          out.writeInt(mark.partition);
          out.writeLong(mark.time);
          out.writeLong(mark.generation);
        });
  }

  static boolean isMark(byte[] bytes) {
    return bytes.length > 0 && bytes[0] == MARK;
  }

  /**
   * A {@link Hit} or a {@link Mark}.
   *
   * @throws SwornException if it is neither
   */
  static Object decode(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int form = in.readByte();
      if (form == MARK) {
        int partition = in.readInt();
        long time = in.readLong();
        // Marks had no generation once, and a topic may still hold such ones.
        return new Mark(partition, time, in.available() == 0 ? 0 : in.readLong());
      }
      if (form != HIT) {
        throw new IOException("form " + form);
      }
      String rule = in.readUTF();
      int step = in.readInt();
      long time = in.readLong();
      EventId id = EventId.fromBytes(in.readNBytes(EventId.SIZE));
      List<@Nullable String> group = new ArrayList<>();
      for (int n = count(in); n > 0; n--) {
        boolean present = in.readBoolean();
        String part = in.readUTF();
        group.add(present ? part : null);
      }
      List<String> values = new ArrayList<>();
      for (int n = count(in); n > 0; n--) {
        values.add(in.readUTF());
      }
      return new Hit(rule, step, group, time, id, values);
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "a hit of the alert engine: " + LocalFiles.reason(e), e);
    }
  }

  private static int count(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > LIST_MAX) {
      throw new IOException(count + " items");
    }
    return count;
  }

  private static byte[] bytes(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      body.write(out);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory", e);
    }
    return bytes.toByteArray();
  }
}
