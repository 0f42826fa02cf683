package io.sworn.server.cli;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import io.sworn.server.identity.OwnerOnly;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** {@code logs/sworn.log} below the data directory: five files of 10 MB at most. */
public final class LogFile {

  private LogFile() {}

  /** From now on a person at the terminal sees errors alone, no warnings. */
  public static void quieten() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    Appender<ILoggingEvent> terminal =
        context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("ERR");
    if (terminal != null) {
      ThresholdFilter errors = new ThresholdFilter();
      errors.setLevel("ERROR");
      errors.start();
      terminal.clearAllFilters();
      terminal.addFilter(errors);
    }
  }

  /** Adds the file to what is logged. Only for who holds the directory: two would mix. */
  public static void open(Path data) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    Path file = OwnerOnly.directory(data.resolve("logs")).resolve("sworn.log");
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(context);
    appender.setFile(file.toString());
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level [%thread] %logger - %msg%n");
    encoder.start();
    appender.setEncoder(encoder);
    FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(appender);
    rolling.setFileNamePattern(file + ".%i");
    rolling.setMinIndex(1);
    rolling.setMaxIndex(4);
    rolling.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
    size.setContext(context);
    size.setMaxFileSize(FileSize.valueOf("10MB"));
    size.start();
    appender.setRollingPolicy(rolling);
    appender.setTriggeringPolicy(size);
    appender.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    context.getLogger("org.apache.kafka").addAppender(appender);
  }
}
