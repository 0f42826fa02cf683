package io.sworn.server.cli;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code sworn} command. */
@Command(
    name = "sworn",
    description = "Audit pipeline for document databases.",
    mixinStandardHelpOptions = true,
    version = "sworn 0.1.0",
    footer = {"", "Example: sworn up"},
    subcommands = {
      UpCommand.class,
      RunCommand.class,
      StatusCommand.class,
      TailCommand.class,
      FilterCommand.class,
      AlertCommand.class,
      ReportCommand.class,
      VerifyCommand.class,
      DeadLettersCommand.class,
      LossesCommand.class,
      io.sworn.server.demo.DemoCommand.class
    })
public final class Main implements Runnable {

  /** Everything went as asked. */
  static final int OK = 0;

  /** It could not be done. */
  static final int FAILED = 1;

  /** What was asked for makes no sense. */
  static final int BAD_INPUT = 2;

  @Spec private CommandSpec spec;

  /** For picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets it
  public Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, thrown) ->
            LoggerFactory.getLogger(Main.class)
                .error("thread {} ended: {}", thread.getName(), thrown.toString(), thrown));
    int code =
        run(
            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8),
            args);
    Runtime.getRuntime().exit(code);
  }

  /** Runs one command; results to {@code out}, messages to {@code err}. */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    CommandLine line = new CommandLine(new Main());
    line.setOut(out);
    line.setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    CommandLine.IParameterExceptionHandler usual = line.getParameterExceptionHandler();
    line.setParameterExceptionHandler(
        (wrong, given) ->
            unknownCommand(wrong, err) ? BAD_INPUT : usual.handleParseException(wrong, given));
    line.setExecutionExceptionHandler((thrown, command, parsed) -> failed(thrown, err));
    int code = line.execute(args);
    out.flush();
    err.flush();
    return code;
  }

  /** Names a command that does not exist, and the nearest; false if something else is wrong. */
  private static boolean unknownCommand(ParameterException wrong, PrintWriter err) {
    CommandLine group = wrong.getCommandLine();
    if (!(wrong instanceof UnmatchedArgumentException unmatched)
        || group.getSubcommands().isEmpty()
        || unmatched.isUnknownOption()) {
      return false;
    }
    String path = group.getCommandSpec().qualifiedName();
    String near =
        unmatched.getSuggestions().stream()
            .filter(group.getSubcommands()::containsKey)
            .findFirst()
            .map(name -> "did you mean '" + path + " " + name + "'? ")
            .orElse("");
    String unknown = unmatched.getUnmatched().get(0);
    err.println("unknown command '" + unknown + "': " + near + "'" + path + " --help' lists all");
    return true;
  }

  /**
   * A person gets the message. The stack trace goes to the log file if there is one, but not of
   * what the person can put right: there the message says all.
   */
  private static int failed(Exception thrown, PrintWriter err) {
    if (thrown instanceof SwornException sworn) {
      err.println(sworn.getMessage());
      if (sworn.code() == ErrorCode.CONFIGURATION || sworn.code() == ErrorCode.INPUT) {
        return BAD_INPUT;
      }
      LoggerFactory.getLogger(Main.class).info("a command failed", thrown);
      return FAILED;
    }
    if (thrown instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      err.println("interrupted");
      return FAILED;
    }
    err.println("This is a mistake of Sworn's: " + thrown);
    LoggerFactory.getLogger(Main.class).info("a command failed", thrown);
    return FAILED;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command, or ask with --help.");
  }
}
