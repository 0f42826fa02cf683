package io.sworn.benchmark.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Child processes of this Java with this class path. */
final class Java {

  private static final double TICKS_PER_SECOND = 100;

  private Java() {}

  /** Starts {@code main}; its standard error goes to {@code stderr.log} in the directory. */
  static Process start(List<String> options, Class<?> main, List<String> arguments, Path directory)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-XX:+UseSerialGC");
    command.add("-Dlogback.configurationFile=logback-broker.xml");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .redirectError(directory.resolve("stderr.log").toFile())
        .start();
  }

  /** CPU seconds, user and system, that a process has used (Linux, proc(5), fields 14 and 15). */
  static double cpuSeconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }
}
