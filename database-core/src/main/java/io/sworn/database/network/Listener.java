package io.sworn.database.network;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.sworn.database.wire.FrameDecoder;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The listening socket and its connections. In front of every byte stand, in this order: the access
 * list, the limit of connections, TLS, the frame limit. Commands run on worker threads, never on an
 * event loop, so a slow one holds up nobody else.
 */
public final class Listener implements AutoCloseable {

  /**
   * How to listen.
   *
   * @param address where; port 0 takes a free one
   * @param connectionsMax open connections at the same time
   * @param workers threads that execute commands
   * @param strangerIdleMax a connection that is not authenticated is closed after so long without a
   *     whole message
   */
  public record Settings(
      InetSocketAddress address,
      Path certificateChain,
      Path privateKey,
      AccessList accessList,
      int connectionsMax,
      int workers,
      Duration strangerIdleMax) {}

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final AtomicInteger open = new AtomicInteger();
  private final RefusalLog refusals = new RefusalLog();
  private final ExecutorService workers;
  private final Channel server;

  private Listener(Settings settings, PeerFactory peers) {
    SslContext tls = Tls.context(settings.certificateChain(), settings.privateKey());
    AtomicInteger number = new AtomicInteger();
    workers =
        Executors.newFixedThreadPool(
            settings.workers(),
            task -> new Thread(task, "database-worker-" + number.incrementAndGet()));
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 128)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    admit(channel, settings, tls, peers);
                  }
                });
    server = bind(bootstrap, settings.address());
  }

  /**
   * Listens.
   *
   * @throws SwornException if certificate or key cannot be used or the address is taken
   */
  public static Listener open(Settings settings, PeerFactory peers) {
    return new Listener(settings, peers);
  }

  /** Where it listens, with the real port. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  private Channel bind(ServerBootstrap bootstrap, InetSocketAddress address) {
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      workers.shutdownNow();
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "cannot listen on " + text(address) + ": " + bound.cause().getMessage(),
          bound.cause());
    }
    return bound.channel();
  }

  private void admit(SocketChannel channel, Settings settings, SslContext tls, PeerFactory peers) {
    InetSocketAddress remote = channel.remoteAddress();
    if (remote == null || !settings.accessList().allows(remote.getAddress())) {
      refusals.log(
          "connection", remote == null ? "unknown" : text(remote), "not in the access list");
      channel.close();
      return;
    }
    channel.closeFuture().addListener(closed -> open.decrementAndGet());
    if (open.incrementAndGet() > settings.connectionsMax()) {
      refusals.log("connection", text(remote), "too many connections");
      channel.close();
      return;
    }
    connections.add(channel);
    Peer peer = peers.connected(channel.localAddress(), remote);
    channel
        .pipeline()
        .addLast(tls.newHandler(channel.alloc(), workers))
        .addLast(new FrameDecoder(peer::limits))
        .addLast(
            new IdleStateHandler(
                settings.strangerIdleMax().toMillis(), 0, 0, TimeUnit.MILLISECONDS))
        .addLast(new ConnectionHandler(peer, workers, refusals));
  }

  /** {@code ip:port}, IPv6 in brackets, never a looked-up name. */
  static String text(InetSocketAddress address) {
    String ip =
        address.getAddress() == null
            ? address.getHostString()
            : address.getAddress().getHostAddress();
    return (ip.indexOf(':') < 0 ? ip : "[" + ip + "]") + ":" + address.getPort();
  }

  /** Stops listening, closes every connection, lets running commands end. Idempotent. */
  @Override
  public void close() {
    server.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
    // The event loops first: each closed connection hands its farewell to a worker before they end.
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    workers.shutdown();
    try {
      if (!workers.awaitTermination(30, TimeUnit.SECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      workers.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
