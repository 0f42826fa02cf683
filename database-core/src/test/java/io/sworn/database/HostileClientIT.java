package io.sworn.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.database.testing.RawClient;
import io.sworn.database.testing.TestServer;
import io.sworn.database.wire.Frames;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.bson.BsonDocument;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that do not keep to the protocol: the server says no, hangs up, and serves the next. */
final class HostileClientIT {

  private static final int CONNECTIONS_MAX = 20;

  @TempDir static Path directory;
  private static TestServer server;
  private static SSLSocketFactory tls;

  @BeforeAll
  static void start() throws Exception {
    DatabaseLimits d = DatabaseLimits.DEFAULT;
    DatabaseLimits tight =
        new DatabaseLimits(
            CONNECTIONS_MAX,
            4,
            Duration.ofSeconds(2),
            d.loginFailuresMax(),
            d.loginFailuresWindow(),
            d.journalBytesMax(),
            d.auditArgumentBytesMax(),
            d.drainMax());
    server = new TestServer(directory, config -> config.withLimits(tight));
    tls = server.certificate().trusting().getSocketFactory();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void malformedMessageIsAnsweredAuditedAndTheConnectionClosed() throws Exception {
    String reply = exchange(Frames.message(0, "{ping: 1}"));
    assertThat(reply).contains("OP_MSG without $db").contains("ProtocolError");
    assertThat(server.events().first(e -> e.type().equals("protocolError")).result()).isEqualTo(17);
    nextClientWorks();
  }

  @Test
  void bombsOfDepthAndSizeAreRefused() throws Exception {
    assertThat(exchange(Frames.message(0, Frames.nested(7_000)))).contains("InvalidBSON");
    assertThat(exchange(Frames.message(0, Frames.nested(50_000)))).contains("65536 expected");
    for (int i = 0; i < 20; i++) {
      assertThat(exchange(Frames.frame(2013, new byte[2_000_000])))
          .as("the answer comes though most of the frame was never read")
          .contains("65536 expected");
    }
    assertThat(exchange(Frames.int32(48_000_000))).contains("frame of 48000000 bytes");
    assertThat(exchange(Frames.int32(-1))).contains("frame of -1 bytes");
    byte[] big = Frames.frame(2013, new byte[30_000_000]);
    assertThat(exchange(Frames.compressed(big, 30_000_000))).contains("uncompressed size");
    nextClientWorks();
  }

  @Test
  void randomAndMutatedFramesDoNotHarmTheServer() throws Exception {
    Random random = new Random(20_260_101);
    byte[] valid = Frames.message(0, "{hello: 1, client: {driver: {name: 'x'}}, $db: 'admin'}");
    for (int i = 0; i < 60; i++) {
      byte[] frame = valid.clone();
      if (i % 2 == 0) {
        frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
      } else {
        random.nextBytes(frame);
      }
      try (SSLSocket socket = connect()) {
        socket.getOutputStream().write(frame);
        socket.getOutputStream().flush();
      }
    }
    nextClientWorks();
  }

  @Test
  void plainTextIsNotSpoken() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(Frames.message(0, "{hello: 1, $db: 'admin'}"));
      socket.getOutputStream().flush();
      assertThat(new String(readAll(socket.getInputStream()), "ISO-8859-1"))
          .doesNotContain("isWritablePrimary");
    }
    nextClientWorks();
  }

  @Test
  void everyMutatedMessageIsAnsweredAndAFaultEndsTheConnection() throws Exception {
    Random random = new Random(20_260_102);
    byte[] valid = Frames.message(0, "{ping: 1, a: {b: [1, 2, {c: 'text'}]}, $db: 'admin'}");
    int faults = 0;
    for (int i = 0; i < 120; i++) {
      byte[] frame = valid.clone();
      // Behind the length: a wrong one only makes the server wait for the rest.
      frame[4 + random.nextInt(frame.length - 4)] = (byte) random.nextInt(256);
      try (RawClient client = new RawClient(tls, server.port())) {
        client.send(frame);
        if (frame[16] != 2 && (frame[16] & 2) != 0) {
          continue; // moreToCome asks for no reply
        }
        BsonDocument reply = client.reply();
        if (reply.getDouble("ok").getValue() == 0) {
          assertThat(reply.getString("errmsg").getValue()).isNotBlank();
          String code = reply.getString("codeName").getValue();
          if (code.equals("ProtocolError") || code.equals("InvalidBSON")) {
            faults++;
            assertThat(client.hungUp()).as("after %s", reply).isTrue();
          }
        }
      }
    }
    assertThat(faults).isGreaterThan(20);
    nextClientWorks();
  }

  @Test
  void strangerWhoDripsBytesIsHungUpOn() throws Exception {
    byte[] hello = Frames.message(0, "{hello: 1, $db: 'admin'}");
    try (RawClient client = new RawClient(tls, server.port())) {
      long begin = System.nanoTime();
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  client.send(new byte[] {hello[i % 8]}); // a length, and then ever so little
                  Thread.sleep(50); // the attack itself: alive, but never a whole message
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
    }
    nextClientWorks();
  }

  @Test
  void strangerWhoNeverShakesHandsIsHungUpOn() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(15_000);
      assertThat(readAll(socket.getInputStream())).isEmpty();
    }
  }

  @Test
  void strangerWhoSaysNothingIsHungUpOn() throws Exception {
    try (SSLSocket socket = connect()) {
      assertThat(readAll(socket.getInputStream())).isEmpty();
    }
  }

  @Test
  void connectionsAreBounded() throws Exception {
    List<SSLSocket> sockets = new ArrayList<>();
    try {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i <= CONNECTIONS_MAX; i++) {
                  sockets.add(connect());
                }
              })
          .isInstanceOf(IOException.class);
    } finally {
      for (SSLSocket socket : sockets) {
        socket.close();
      }
    }
    nextClientWorks();
  }

  @Test
  void pipelinedMessagesAreAnsweredInTheirOrder() throws Exception {
    byte[] ping = Frames.message(0, "{ping: 1, $db: 'admin'}");
    try (SSLSocket socket = connect()) {
      socket.getOutputStream().write(Frames.concat(ping, ping, ping));
      socket.getOutputStream().flush();
      for (int i = 0; i < 3; i++) {
        byte[] reply = socket.getInputStream().readNBytes(38);
        assertThat(reply).hasSize(38);
      }
    }
  }

  @Test
  void messagesInPiecesAreReadWhole() throws Exception {
    byte[] ping = Frames.message(0, "{ping: 1, $db: 'admin'}");
    try (SSLSocket socket = connect()) {
      for (byte b : ping) {
        socket.getOutputStream().write(b);
        socket.getOutputStream().flush();
      }
      assertThat(socket.getInputStream().readNBytes(38)).hasSize(38);
    }
  }

  @Test
  void accessListIsAskedBeforeTls(@TempDir Path other) throws Exception {
    try (TestServer closed =
        new TestServer(other, config -> config.withAccessList(List.of("192.0.2.0/24")))) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), closed.port())) {
        socket.setSoTimeout(10_000);
        assertThat(readAll(socket.getInputStream())).isEmpty();
      }
    }
  }

  private static void nextClientWorks() throws Exception {
    // Closed connections of a test before may still be counted for a moment.
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!exchange(Frames.message(0, "{ping: 1, $db: 'admin'}")).contains("ok")) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
    server.closeClients();
    assertThat(server.admin().getDatabase("admin").runCommand(new Document("ping", 1)))
        .containsEntry("ok", 1.0);
    server.closeClients();
  }

  /** Sends bytes and reads what comes within a moment. */
  private static String exchange(byte[] frame) {
    try (SSLSocket socket = connect()) {
      socket.getOutputStream().write(frame);
      socket.getOutputStream().flush();
      byte[] head = socket.getInputStream().readNBytes(4);
      if (head.length < 4) {
        return "";
      }
      int length = java.nio.ByteBuffer.wrap(head).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt();
      return new String(
          socket.getInputStream().readNBytes(length - 4),
          java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static SSLSocket connect() throws IOException {
    SSLSocket socket =
        (SSLSocket) tls.createSocket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(10_000);
    socket.startHandshake();
    return socket;
  }

  private static byte[] readAll(InputStream in) {
    try {
      return in.readAllBytes();
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("the connection stays open", e);
    } catch (IOException reset) {
      return new byte[0];
    }
  }
}
