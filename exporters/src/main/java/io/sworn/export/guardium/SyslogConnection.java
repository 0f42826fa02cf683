package io.sworn.export.guardium;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a syslog receiver, with its reading side watched.
 *
 * <p>A receiver never answers, so all that can come is the end of the connection or a TLS alert.
 * Under TLS 1.3 a refused client certificate shows only there: the handshake succeeds on our side,
 * and so do the first writes (RFC 8446, section 4.6 and appendix C.1 on late alerts).
 */
final class SyslogConnection implements AutoCloseable {

  private static final byte LF = '\n';

  private final Socket socket;
  private final OutputStream out;
  private final boolean octetCounting;
  private final Duration timeout;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile String end = "";
  private volatile long writeDeadline = Long.MAX_VALUE;

  private SyslogConnection(Socket socket, boolean octetCounting, Duration timeout)
      throws IOException {
    this.socket = socket;
    this.out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    this.octetCounting = octetCounting;
    this.timeout = timeout;
  }

  /**
   * Connects, shakes hands, and waits whether the receiver stays.
   *
   * @throws IOException if it is not there, is not whom we trust, or does not want us
   */
  static SyslogConnection open(GuardiumSettings settings) throws IOException, InterruptedException {
    int millis = Math.toIntExact(settings.timeout().toMillis());
    Socket plain = new Socket();
    try {
      plain.connect(new InetSocketAddress(settings.host(), settings.port()), millis);
      plain.setTcpNoDelay(true);
      plain.setKeepAlive(true);
      Socket socket = plain;
      if (settings.encrypted()) {
        plain.setSoTimeout(millis);
        SSLSocket tls =
            (SSLSocket)
                settings
                    .tls()
                    .context()
                    .getSocketFactory()
                    .createSocket(plain, settings.host(), settings.port(), true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        tls.setSoTimeout(0);
        socket = tls;
      }
      SyslogConnection connection =
          new SyslogConnection(socket, settings.octetCounting(), settings.timeout());
      connection.watch();
      if (connection.endsWithin(settings.confirm())) {
        connection.close();
        throw new IOException("the receiver hung up on us: " + connection.end());
      }
      return connection;
    } catch (IOException | InterruptedException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  /** Writes messages and hands them to the network. */
  void write(List<byte[]> messages) throws IOException {
    writeDeadline = System.nanoTime() + timeout.toNanos();
    try {
      for (byte[] message : messages) {
        if (octetCounting) {
          out.write((message.length + " ").getBytes(StandardCharsets.US_ASCII));
          out.write(message);
        } else {
          out.write(message);
          out.write(LF);
        }
      }
      out.flush();
    } finally {
      writeDeadline = Long.MAX_VALUE;
    }
  }

  /** Waits for the connection to end, at most {@code wait}. */
  boolean endsWithin(Duration wait) throws InterruptedException {
    return ended.await(wait.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** How the connection ended, in words; empty while it lives. */
  String end() {
    return end;
  }

  private void watch() {
    daemon("syslog-read", this::readUntilEnd);
    daemon("syslog-watchdog", this::stopStuckWrites);
  }

  private void readUntilEnd() {
    byte[] ignored = new byte[512];
    try {
      InputStream in = socket.getInputStream();
      int read = in.read(ignored);
      while (read >= 0) {
        read = in.read(ignored);
      }
      finish("closed by the receiver");
    } catch (IOException e) {
      finish(String.valueOf(e.getMessage()));
    }
  }

  /** A blocked write knows no timeout of its own; closing the socket ends it. */
  private void stopStuckWrites() {
    try {
      while (!ended.await(200, TimeUnit.MILLISECONDS)) {
        if (System.nanoTime() - writeDeadline > 0 && writeDeadline != Long.MAX_VALUE) {
          finish("the receiver takes no bytes");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void finish(String how) {
    if (end.isEmpty()) {
      end = how;
    }
    ended.countDown();
    closeSocket(socket);
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private static @Nullable IOException closeSocket(Socket socket) {
    try {
      socket.close();
      return null;
    } catch (IOException e) {
      // The connection is over either way, and there is nobody left to tell.
      return e;
    }
  }

  @Override
  public void close() {
    finish("closed by us");
  }
}
