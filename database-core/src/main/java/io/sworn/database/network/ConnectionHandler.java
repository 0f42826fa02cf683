package io.sworn.database.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.concurrent.ScheduledFuture;
import io.sworn.database.wire.MalformedMessageException;
import io.sworn.database.wire.MessageCodec;
import io.sworn.database.wire.Request;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/**
 * One connection: reads a frame, hands it to a worker, writes the reply, and only then reads the
 * next one. So a connection has at most one command in flight, and commands of a connection are
 * executed in their order.
 */
final class ConnectionHandler extends SimpleChannelInboundHandler<ByteBuf> {

  /** How long a client that was refused may go on sending before the connection is cut. */
  private static final Duration LINGER_MAX = Duration.ofSeconds(2);

  private final Peer peer;
  private final Executor workers;
  private final RefusalLog refusals;

  /** Frames that came while a command was running; only touched on the event loop. */
  private final Queue<byte[]> waiting = new ArrayDeque<>();

  private boolean busy;

  /** Refused: what still comes is thrown away; only touched on the event loop. */
  private boolean ending;

  ConnectionHandler(Peer peer, Executor workers, RefusalLog refusals) {
    this.peer = peer;
    this.workers = workers;
    this.refusals = refusals;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
    if (ending) {
      return;
    }
    byte[] bytes = ByteBufUtil.getBytes(frame);
    if (busy) {
      waiting.add(bytes); // at most what one read of the socket held, because reading is off
    } else {
      busy = true;
      context.channel().config().setAutoRead(false);
      onWorker(context, () -> serve(context, bytes));
    }
  }

  /** On the event loop: takes up the next frame, or reads on. */
  private void next(ChannelHandlerContext context) {
    byte[] bytes = waiting.poll();
    if (bytes != null) {
      onWorker(context, () -> serve(context, bytes));
    } else {
      busy = false;
      context.channel().config().setAutoRead(true);
    }
  }

  private void serve(ChannelHandlerContext context, byte[] frame) {
    Request request;
    try {
      request = MessageCodec.decode(frame, peer.limits());
    } catch (MalformedMessageException fault) {
      refuse(context, MessageCodec.requestId(frame), fault);
      return;
    }
    byte @Nullable [] reply = peer.answer(request);
    if (reply == null) {
      context.close();
    } else if (request.kind() == Request.Kind.UNANSWERED) {
      context.channel().eventLoop().execute(() -> next(context));
    } else {
      ByteBuf out = MessageCodec.encode(context.alloc(), request, reply);
      context
          .writeAndFlush(out)
          .addListener(
              sent -> {
                if (sent.isSuccess()) {
                  next(context);
                } else {
                  context.close();
                }
              });
    }
  }

  /** Records the fault, says what was wrong, hangs up. */
  private void refuse(ChannelHandlerContext context, int id, MalformedMessageException fault) {
    refusals.log("malformed message", remote(context), String.valueOf(fault.getMessage()));
    peer.malformed(fault);
    BsonDocument reply =
        new BsonDocument("ok", new BsonDouble(0))
            .append("errmsg", new BsonString(String.valueOf(fault.getMessage())))
            .append("code", new BsonInt32(fault.code()))
            .append("codeName", new BsonString(fault.codeName()));
    context
        .writeAndFlush(MessageCodec.messageReply(context.alloc(), id, MessageCodec.bytes(reply)))
        .addListener(
            sent -> {
              if (sent.isSuccess()) {
                hangUp(context);
              } else {
                context.close();
              }
            });
  }

  /**
   * Says that nothing more comes, and reads to the client's end. A socket that is closed while
   * bytes wait to be read is reset, and the client would lose the answer that tells what was wrong.
   */
  private void hangUp(ChannelHandlerContext context) {
    ending = true;
    waiting.clear();
    SslHandler tls = context.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    }
    context.channel().config().setAutoRead(true);
    ScheduledFuture<?> cut =
        context
            .executor()
            .schedule(() -> context.close(), LINGER_MAX.toMillis(), TimeUnit.MILLISECONDS);
    context.channel().closeFuture().addListener(closed -> cut.cancel(false));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof IdleStateEvent && !peer.authenticated() && !busy) {
      refusals.log("idle before authentication", remote(context), "closed");
      context.close();
    } else {
      super.userEventTriggered(context, event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    onWorker(context, peer::disconnected);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Throwable root =
        cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
    if (root instanceof MalformedMessageException fault) {
      onWorker(context, () -> refuse(context, 0, fault));
    } else {
      refusals.log("connection failed", remote(context), reason(root));
      context.close();
    }
  }

  /** Netty quotes what it received, and that can be a password that was sent in the clear. */
  private static String reason(Throwable root) {
    return root instanceof NotSslRecordException
        ? "the client does not speak TLS: it needs tls=true"
        : String.valueOf(root.getMessage());
  }

  private void onWorker(ChannelHandlerContext context, Runnable work) {
    try {
      workers.execute(
          () -> {
            try {
              work.run();
            } catch (RejectedExecutionException stopping) {
              context.close();
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
              refusals.failure(remote(context), e);
              context.close();
            }
          });
    } catch (RejectedExecutionException stopping) {
      context.close();
    }
  }

  private static String remote(ChannelHandlerContext context) {
    return context.channel().remoteAddress() instanceof InetSocketAddress address
        ? Listener.text(address)
        : "unknown";
  }
}
