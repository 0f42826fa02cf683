package io.sworn.database.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.Supplier;

/**
 * Cuts the byte stream into whole frames. A frame whose announced length is impossible is reported
 * before a byte of its body is buffered; afterwards the stream is not read any more.
 */
public final class FrameDecoder extends ByteToMessageDecoder {

  /** Length of the message header. */
  static final int HEADER_BYTES = 16;

  private final Supplier<WireLimits> limits;
  private boolean broken;

  /** Decodes with the limits that hold at the moment when a frame begins. */
  public FrameDecoder(Supplier<WireLimits> limits) {
    this.limits = limits;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (broken) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (in.readableBytes() < 4) {
      return;
    }
    int length = in.getIntLE(in.readerIndex());
    int max = limits.get().frameBytesMax();
    if (length < HEADER_BYTES || length > max) {
      broken = true;
      throw MalformedMessageException.protocol(
          "frame of " + length + " bytes: " + HEADER_BYTES + " to " + max + " expected");
    }
    if (in.readableBytes() >= length) {
      out.add(in.readRetainedSlice(length));
    }
  }
}
