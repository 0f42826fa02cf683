package io.sworn.filter.stream;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** The first byte of what a store holds: which form the rest has. */
final class StoredForm {

  private StoredForm() {}

  /**
   * Takes the form from {@code in}.
   *
   * @param what the bytes are, for the message
   * @param known the form that is written now
   * @param older forms that are read, too
   * @throws SwornException if it is neither, as after a return to an earlier version
   * @throws BufferUnderflowException if there is no byte
   */
  static byte read(ByteBuffer in, String what, byte known, byte... older) {
    byte form = in.get();
    boolean readable = form == known;
    for (byte each : older) {
      readable |= form == each;
    }
    if (!readable) {
      throw new SwornException(
          ErrorCode.STORAGE, what + " has form " + form + ", known is " + known);
    }
    return form;
  }
}
