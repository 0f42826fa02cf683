package io.sworn.database.testing;

import io.sworn.database.DatabaseConfig;
import io.sworn.database.DatabaseServer;
import io.sworn.database.InitialAdministrator;
import io.sworn.event.Topics;
import io.sworn.testing.KafkaBroker;
import io.sworn.testing.TestCertificates;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server in a JVM of its own, which can be killed. */
public final class ServerProcess implements AutoCloseable {

  private final Process process;
  private final int port;
  private final String password;

  private ServerProcess(Process process, int port, String password) {
    this.process = process;
    this.port = port;
    this.password = password;
  }

  /** Starts it, with a Java that is quick to start, and waits until it listens. */
  public static ServerProcess start(Path directory, TestCertificates certificate, Topics topics)
      throws Exception {
    return start(directory, certificate, topics, List.of("-XX:TieredStopAtLevel=1"));
  }

  /** Starts it with more options for its Java and waits until it listens. */
  public static ServerProcess start(
      Path directory, TestCertificates certificate, Topics topics, List<String> options)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            ServerProcess.class.getName(),
            directory.resolve("killed-data").toString(),
            certificate.serverCertificate().toString(),
            certificate.serverKey().toString(),
            KafkaBroker.shared().bootstrap(),
            topics.prefix()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader output =
        new BufferedReader(
            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith("READY ")) {
        String[] parts = line.split(" ");
        return new ServerProcess(process, Integer.parseInt(parts[1]), parts[2]);
      }
    }
    throw new AssertionError("the server did not start, exit " + process.waitFor());
  }

  /** Runs until standard input ends. */
  public static void main(String[] args) throws IOException {
    DatabaseConfig config =
        DatabaseConfig.of(
            "db-killed",
            Path.of(args[0]),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            Path.of(args[1]),
            Path.of(args[2]));
    try (DatabaseServer server =
        DatabaseServer.start(config, Map.of("bootstrap.servers", args[3]), new Topics(args[4]))) {
      System.out.println(
          "READY "
              + server.address().getPort()
              + " "
              + server.initialAdministrator().map(InitialAdministrator::password).orElse("-"));
      while (System.in.read() >= 0) {
        // waits for the parent to close the pipe
      }
    }
  }

  /** Port on loopback. */
  public int port() {
    return port;
  }

  /** Password of the first administrator, {@code -} if this start did not create it. */
  public String password() {
    return password;
  }

  /** CPU time that it has used, in nanoseconds; 0 where the system does not tell. */
  public long cpuNanos() {
    return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }

  /** SIGKILL; returns when the process is gone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Lets it stop in order; kills it if that takes too long. */
  @Override
  public void close() throws Exception {
    if (process.isAlive()) {
      process.getOutputStream().close();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        kill();
      }
    }
  }
}
