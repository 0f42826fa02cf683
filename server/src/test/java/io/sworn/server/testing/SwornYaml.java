package io.sworn.server.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/** Configuration files for instances in tests. */
public final class SwornYaml {

  private SwornYaml() {}

  /**
   * Writes {@code sworn.yaml} into {@code directory}, which is made if need be.
   *
   * @param databasePort where the database listens on loopback
   * @param more lines of YAML
   */
  public static void write(Path directory, int databasePort, String... more) throws IOException {
    Files.writeString(
        Files.createDirectories(directory).resolve("sworn.yaml"),
        "database: {listen: '127.0.0.1:" + databasePort + "'}\n" + String.join("\n", more) + "\n");
  }

  /** As above, on a free port; that port. */
  public static int write(Path directory, String... more) throws IOException {
    int port = freePort();
    write(directory, port, more);
    return port;
  }

  /** A port of loopback that was free a moment ago. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
