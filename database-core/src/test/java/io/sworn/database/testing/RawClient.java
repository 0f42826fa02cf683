package io.sworn.database.testing;

import io.sworn.database.wire.Frames;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;

/** A client that sends what it is told, without a driver's good manners. */
public final class RawClient implements AutoCloseable {

  private static final int REPLY_OFFSET = 21;

  private final SSLSocket socket;

  /** Connects and shakes hands. */
  public RawClient(SSLSocketFactory tls, int port) throws IOException {
    socket = (SSLSocket) tls.createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(15_000);
    socket.startHandshake();
  }

  /** Sends bytes. */
  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Sends a command and reads its reply. */
  public BsonDocument command(String json) throws IOException {
    send(Frames.message(0, json));
    return reply();
  }

  /** The document of the next OP_MSG. */
  public BsonDocument reply() throws IOException {
    byte[] head = socket.getInputStream().readNBytes(4);
    if (head.length < 4) {
      throw new EOFException("the server has hung up");
    }
    int length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
    byte[] rest = socket.getInputStream().readNBytes(length - 4);
    int offset = REPLY_OFFSET - 4;
    return new RawBsonDocument(rest, offset, rest.length - offset);
  }

  /** Whether the server hangs up within the patience of the socket, without another byte. */
  public boolean hungUp() throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
