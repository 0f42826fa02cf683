package io.sworn.server.demo;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.bson.BsonBinaryReader;
import org.bson.BsonBinaryWriter;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;

/** Speaks to the database without a driver and without manners: one TLS connection per attempt. */
final class Intruder {

  private static final int OP_MSG = 2013;
  private static final int HEADER_BYTES = 16;
  private static final int ANSWER_BYTES_MAX = 1 << 20;
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int BOMB_DEPTH = 5_000;
  private static final int DENIED = 13;
  private static final int UNKNOWN_COMMAND = 59;
  private static final int PROTOCOL_ERROR = 17;

  private final DemoClient.Access access;

  Intruder(DemoClient.Access access) {
    this.access = access;
  }

  /** Every attempt once. */
  void tryEverything() throws IOException {
    command("find", "patients", DENIED);
    command("insert", "patients", DENIED);
    command("dropDatabase", "", DENIED);
    command("openSesame", "", UNKNOWN_COMMAND);
    malformed(frame(2, new byte[0]));
    malformed(frame(Integer.MAX_VALUE, new byte[0]));
    malformed(message(bomb()));
    malformed(message(lyingLength()));
  }

  /** A command without a login: refused, and audited without a namespace. */
  private void command(String name, String target, int code) throws IOException {
    BsonDocument body =
        new BsonDocument(name, target.isEmpty() ? new BsonInt32(1) : new BsonString(target))
            .append("$db", new BsonString("mydb"));
    BasicOutputBuffer out = new BasicOutputBuffer();
    try (BsonBinaryWriter writer = new BsonBinaryWriter(out)) {
      new BsonDocumentCodec().encode(writer, body, EncoderContext.builder().build());
    }
    int answered = send(message(out.toByteArray()));
    if (answered != code) {
      throw new IllegalStateException(
          name + " without a login was answered with " + answered + ", not with " + code);
    }
    access.ledger().due(Caused.check(name, "", "", code));
  }

  private void malformed(byte[] bytes) throws IOException {
    if (send(bytes) == 0) {
      throw new IllegalStateException("a malformed message was accepted");
    }
    access.ledger().due(new Caused("protocolError", "", "", "", PROTOCOL_ERROR));
  }

  /** Sends and returns the code of the answer, 0 if it was a success. */
  private int send(byte[] bytes) throws IOException {
    InetSocketAddress server = access.server();
    SSLContext tls = access.tls();
    try (SSLSocket socket =
        (SSLSocket)
            tls.getSocketFactory()
                .createSocket(server.getAddress().getHostAddress(), server.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      OutputStream out = socket.getOutputStream();
      out.write(bytes);
      out.flush();
      return code(new DataInputStream(socket.getInputStream()));
    }
  }

  private static int code(DataInputStream in) throws IOException {
    int length = Integer.reverseBytes(in.readInt());
    if (length < HEADER_BYTES + 5 || length > ANSWER_BYTES_MAX) {
      throw new IOException("an answer of " + length + " bytes");
    }
    byte[] rest = in.readNBytes(length - 4);
    int body = HEADER_BYTES - 4 + 4 + 1; // the rest of the header, flags, kind of section
    ByteBuffer bson =
        ByteBuffer.wrap(rest, body, rest.length - body).slice().order(ByteOrder.LITTLE_ENDIAN);
    try (BsonBinaryReader reader = new BsonBinaryReader(bson)) {
      BsonDocument answer =
          new BsonDocumentCodec().decode(reader, DecoderContext.builder().build());
      return answer.getNumber("ok").intValue() == 1 ? 0 : answer.getInt32("code").getValue();
    }
  }

  private static byte[] message(byte[] body) {
    ByteBuffer payload = ByteBuffer.allocate(5 + body.length).order(ByteOrder.LITTLE_ENDIAN);
    payload.putInt(0).put((byte) 0).put(body);
    return frame(HEADER_BYTES + payload.capacity(), payload.array());
  }

  private static byte[] frame(int length, byte[] payload) {
    ByteBuffer out =
        ByteBuffer.allocate(HEADER_BYTES + payload.length).order(ByteOrder.LITTLE_ENDIAN);
    return out.putInt(length).putInt(1).putInt(0).putInt(OP_MSG).put(payload).array();
  }

  /** Documents inside of documents, far deeper than any reader's stack. */
  private static byte[] bomb() {
    int size = 5 + BOMB_DEPTH * 8;
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (int left = size; left > 5; left -= 8) {
      out.putInt(left).put((byte) 3).put((byte) 'a').put((byte) 0);
    }
    out.putInt(5).put((byte) 0);
    for (int i = 0; i < BOMB_DEPTH; i++) {
      out.put((byte) 0);
    }
    return out.array();
  }

  /** A string that claims two gigabytes. */
  private static byte[] lyingLength() {
    byte[] name = "ping\0".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out =
        ByteBuffer.allocate(4 + 1 + name.length + 4 + 2).order(ByteOrder.LITTLE_ENDIAN);
    return out.putInt(out.capacity())
        .put((byte) 2)
        .put(name)
        .putInt(Integer.MAX_VALUE)
        .put((byte) 0)
        .put((byte) 0)
        .array();
  }
}
