package io.sworn.report.sql;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A query that an auditor can read, in the dialect that DuckDB and Trino share. */
public final class Metric {

  private static final Pattern NAME = Pattern.compile("[a-z_]{1,40}");

  private Metric() {}

  /** Whether there is a metric of this name. */
  public static boolean exists(String name) {
    return NAME.matcher(name).matches() && Metric.class.getResource(resource(name)) != null;
  }

  /** Text of the query. */
  public static String sql(String name) {
    if (!exists(name)) {
      throw new SwornException(ErrorCode.CONFIGURATION, "metric '" + name + "': no such .sql file");
    }
    try (InputStream in = Metric.class.getResourceAsStream(resource(name))) {
      if (in == null) {
        throw new IllegalStateException(name + " vanished from the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new SwornException(ErrorCode.INTERNAL, "metric " + name + ": " + e, e);
    }
  }

  private static String resource(String name) {
    return "/io/sworn/report/metrics/" + name + ".sql";
  }
}
