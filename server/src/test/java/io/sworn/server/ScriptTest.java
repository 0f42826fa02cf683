package io.sworn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code sworn} itself, with a build that takes no time and a program that waits. */
class ScriptTest {

  private static final String MVN =
      """
      #!/bin/sh
      mkdir -p server/target/app
      cat Version.java >server/target/sworn-server-1.jar
      cat Version.java >server/target/app/sworn-schemas-1.jar
      echo library >server/target/app/library.jar
      """;

  /** Tells its version, or waits with its arguments in the list of processes until it is killed. */
  private static final String JAVA =
      """
      #!/bin/sh
      [ "$1" != -version ] || { echo 'openjdk version "17.0.1"' >&2; exit 0; }
      echo "$@"
      for last; do :; done
      [ "$last" != up ] || while :; do sleep 1; done
      """;

  @TempDir Path root;

  @BeforeEach
  void layOut() throws IOException {
    Files.copy(Path.of("..", "sworn"), root.resolve("sworn"));
    program(root.resolve("bin/mvn"), MVN);
    program(root.resolve("jdk/bin/java"), JAVA);
    Files.writeString(root.resolve("pom.xml"), "");
    Files.createDirectories(root.resolve("server/src/main"));
    Files.writeString(root.resolve("server/pom.xml"), "");
    version(1);
  }

  @Test
  void aBuildLeavesWhatRunsAloneAndSweepsWhatNobodyRuns() throws Exception {
    Process instance = start("up");
    try {
      Path first = directory(firstLine(instance));
      assertThat(first.resolve("sworn-server.jar")).hasContent("1");
      assertThat(run("status")).as("nothing has changed").contains(first.toString());

      version(2);
      Path second = directory(run("status"));
      assertThat(second).isNotEqualTo(first);
      assertThat(second.resolve("sworn-server.jar")).hasContent("2");
      version(3);
      Path third = directory(run("status"));
      version(4);
      Path fourth = directory(run("status"));
      assertThat(builds()).as("running, last, new").containsExactlyInAnyOrder(first, third, fourth);
      assertThat(first.resolve("sworn-server.jar")).hasContent("1");
      assertThat(first.resolve("lib/sworn-schemas-1.jar")).hasContent("1");
      assertThat(first.resolve("lib/library.jar")).hasContent("library");
    } finally {
      instance.descendants().forEach(ProcessHandle::destroyForcibly);
      instance.destroyForcibly().waitFor();
    }
    version(5);
    Path fifth = directory(run("status"));
    assertThat(builds()).hasSize(2).contains(fifth);
  }

  private List<Path> builds() throws IOException {
    try (Stream<Path> all = Files.list(root.resolve("server/target/run"))) {
      return all.collect(Collectors.toList());
    }
  }

  /** The directory of the class path with which the program was started. */
  private static Path directory(String arguments) {
    String path = arguments.substring(arguments.indexOf("-cp ") + 4);
    return Path.of(path.substring(0, path.indexOf("/sworn-server.jar:")));
  }

  private Process start(String command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(root.resolve("sworn").toString(), command);
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_HOME", root.resolve("jdk").toString());
    environment.put("PATH", root.resolve("bin") + ":" + environment.get("PATH"));
    return builder.redirectError(root.resolve("err").toFile()).start();
  }

  private String run(String command) throws Exception {
    Process process = start(command);
    String line = firstLine(process);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return line;
  }

  private String firstLine(Process process) throws IOException {
    String line = process.inputReader(StandardCharsets.UTF_8).readLine();
    assertThat(line).as(Files.readString(root.resolve("err"))).isNotNull();
    return line;
  }

  /** A source that is newer than every build before. */
  private void version(int number) throws IOException {
    Path source = root.resolve("server/src/main/Version.java");
    Files.writeString(source, String.valueOf(number));
    Files.writeString(root.resolve("Version.java"), String.valueOf(number));
    Path stamp = root.resolve("server/target/.built");
    if (Files.exists(stamp)) {
      Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().minusSeconds(10)));
    }
  }

  private static void program(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}
