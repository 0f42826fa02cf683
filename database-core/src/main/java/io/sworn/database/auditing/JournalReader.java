package io.sworn.database.auditing;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Reads events back in order; remembers where it stopped. For one thread. */
final class JournalReader {

  private static final int READ_BYTES = 1 << 20;

  private long nextSequence;
  private long nextOffset;

  /** Events of a segment from {@code sequence} to {@code end}, at most about a mebibyte. */
  List<byte[]> read(JournalSegment segment, long sequence, long end) {
    try {
      return readFrom(segment, sequence, end);
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE,
          segment.path + ": cannot be read: " + LocalFiles.reason(e, segment.path),
          e);
    }
  }

  private List<byte[]> readFrom(JournalSegment segment, long sequence, long end)
      throws IOException {
    List<byte[]> events = new ArrayList<>();
    boolean continues = nextSequence == sequence && sequence > segment.first;
    long next = continues ? sequence : segment.first;
    long offset = continues ? nextOffset : JournalSegment.HEADER_BYTES;
    try (FileChannel file = FileChannel.open(segment.path, StandardOpenOption.READ)) {
      long size = file.size();
      long read = 0;
      while (next <= end && offset < size && read < READ_BYTES) {
        ByteBuffer head = readAt(file, offset, JournalSegment.FRAME_HEADER_BYTES);
        int length = JournalSegment.FRAME_HEADER_BYTES + head.getInt(0);
        if (next >= sequence) {
          ByteBuffer frame = readAt(file, offset, length);
          if (JournalSegment.soundFrame(frame, next) < 0) {
            throw new SwornException(
                ErrorCode.INTEGRITY, segment.path + ": event " + next + " is damaged");
          }
          events.add(segment.open(frame, 0));
          read += length;
        }
        offset += length;
        next++;
      }
    }
    nextSequence = next;
    nextOffset = offset;
    return events;
  }

  private static ByteBuffer readAt(FileChannel file, long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && file.read(buffer, offset + buffer.position()) >= 0) {
      // until complete or the file ends
    }
    if (buffer.hasRemaining()) {
      throw new IOException("ends at " + offset + " inside an event");
    }
    return buffer.flip();
  }
}
