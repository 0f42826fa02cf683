package io.sworn.export.loopback;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A syslog receiver over TCP or TLS on 127.0.0.1. It tells octet counting (first byte a digit) from
 * a line feed behind each message by itself, message by message (RFC 6587, section 3.4).
 */
public final class SyslogReceiver implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SyslogReceiver.class);
  private static final int MESSAGE_BYTES_MAX = 64 * 1024 * 1024;
  private static final Pattern ID = Pattern.compile("\"swornId\"\\s*:\\s*\"([0-9a-f]{32})\"");

  private final ServerSocket server;
  private final Consumer<String> onMessage;
  private final ReceivedEvents received = new ReceivedEvents();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger damaged = new AtomicInteger();
  private volatile boolean refusing;

  private SyslogReceiver(ServerSocket server, Consumer<String> onMessage) {
    this.server = server;
    this.onMessage = onMessage;
    daemon("syslog-accept", this::accept);
  }

  /**
   * Starts a receiver without TLS.
   *
   * @param port 0 = any free one
   */
  public static SyslogReceiver start(int port) throws IOException {
    return start(port, null, false, text -> {});
  }

  /**
   * Starts a receiver.
   *
   * @param port 0 = any free one
   * @param tls null = plain TCP
   * @param clientCertificate whether clients must show a certificate
   * @param onMessage gets each message, one at a time
   */
  public static SyslogReceiver start(
      int port, @Nullable SSLContext tls, boolean clientCertificate, Consumer<String> onMessage)
      throws IOException {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    if (tls == null) {
      return new SyslogReceiver(new ServerSocket(port, 50, loopback), onMessage);
    }
    SSLServerSocket server =
        (SSLServerSocket) tls.getServerSocketFactory().createServerSocket(port, 50, loopback);
    server.setNeedClientAuth(clientCertificate);
    return new SyslogReceiver(server, onMessage);
  }

  /** Port that it listens at. */
  public int port() {
    return server.getLocalPort();
  }

  /** Distinct event ids. */
  public Set<String> receivedIds() {
    return received.ids();
  }

  /** How many distinct events arrived. */
  public int distinct() {
    return received.distinct();
  }

  /** How many messages arrived, repetitions included. */
  public long total() {
    return received.total();
  }

  /** The newest messages, at most 10,000. */
  public List<String> messages() {
    return received.texts();
  }

  /** Connections that ended in the middle of a message or sent what is no syslog. */
  public int damaged() {
    return damaged.get();
  }

  /** Fault: hangs up on everybody, now and when they connect, until switched off. */
  public void refuse(boolean on) {
    refusing = on;
    if (on) {
      hangUp();
    }
  }

  /** Fault: closes all connections once. */
  public void hangUp() {
    open.forEach(SyslogReceiver::end);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        if (refusing) {
          end(socket);
        } else {
          open.add(socket);
          daemon("syslog-receive", () -> receive(socket));
        }
      } catch (IOException e) {
        if (!server.isClosed()) {
          LOG.warn("syslog receiver cannot accept", e);
        }
      }
    }
  }

  private void receive(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      for (byte[] message = next(in); message != null; message = next(in)) {
        take(new String(message, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      damaged.incrementAndGet();
      LOG.debug("syslog connection ended: {}", e.getMessage());
    } finally {
      open.remove(socket);
    }
  }

  private void take(String message) {
    Matcher id = ID.matcher(message);
    received.add(id.find() ? id.group(1) : "", message);
    synchronized (onMessage) {
      onMessage.accept(message);
    }
  }

  private static byte @Nullable [] next(InputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      return null;
    }
    return first >= '1' && first <= '9' ? counted(first, in) : line(first, in);
  }

  private static byte[] counted(int first, InputStream in) throws IOException {
    long length = first - '0';
    for (int b = in.read(); b != ' '; b = in.read()) {
      if (b < '0' || b > '9' || length > MESSAGE_BYTES_MAX) {
        throw new IOException("octet count expected");
      }
      length = length * 10 + b - '0';
    }
    byte[] message = in.readNBytes(Math.toIntExact(length));
    if (message.length < length) {
      throw new IOException("the last message is cut off");
    }
    return message;
  }

  private static byte[] line(int first, InputStream in) throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream(512);
    for (int b = first; b != '\n'; b = in.read()) {
      if (b < 0 || message.size() > MESSAGE_BYTES_MAX) {
        throw new IOException("the last line is cut off");
      }
      message.write(b);
    }
    return message.toByteArray();
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void end(java.io.Closeable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("closing", e);
    }
  }

  @Override
  public void close() {
    end(server);
    hangUp();
  }
}
