package io.sworn.report.schedule;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which day of which framework was reported on. Quartz reports one misfire however many were
 * missed, so what is owed follows from this table alone.
 */
final class RunLedger {

  static final String DONE = "DONE";
  static final String FAILED = "FAILED";
  static final String TRYING = "TRYING";
  static final String GIVEN_UP = "GIVEN_UP";
  static final String BEGAN = "BEGAN";

  private final String url;

  RunLedger(String url) {
    this.url = url;
  }

  /** Creates the tables of Quartz and our own if they are absent. */
  void create() {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      try (ResultSet tables =
          connection.getMetaData().getTables(null, null, "QRTZ_JOB_DETAILS", null)) {
        if (!tables.next()) {
          for (String sql : quartzTables().split(";")) {
            if (!sql.isBlank()) {
              statement.execute(sql);
            }
          }
        }
      }
      statement.execute(
          "CREATE TABLE IF NOT EXISTS report_run (framework VARCHAR(64), period_day DATE,"
              + " status VARCHAR(16), detail VARCHAR(2000), PRIMARY KEY (framework, period_day))");
      statement.execute(
          "ALTER TABLE report_run ADD COLUMN IF NOT EXISTS attempts INTEGER DEFAULT 0 NOT NULL");
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static String quartzTables() {
    String name = "/org/quartz/impl/jdbcjobstore/tables_h2.sql";
    try (InputStream in = org.quartz.Scheduler.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not in the jar of Quartz");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new SwornException(ErrorCode.INTERNAL, name + ": " + LocalFiles.reason(e), e);
    }
  }

  /** First day on record. */
  Optional<LocalDate> began(String framework) {
    try (Connection connection = connect();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT min(period_day) FROM report_run WHERE framework = ?")) {
      query.setString(1, framework);
      try (ResultSet rows = query.executeQuery()) {
        rows.next();
        return Optional.ofNullable(rows.getObject(1, LocalDate.class));
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Days that need no run any more. */
  Set<LocalDate> settled(String framework) {
    try (Connection connection = connect();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT period_day FROM report_run WHERE framework = ?"
                    + " AND status NOT IN ('FAILED', 'TRYING')")) {
      query.setString(1, framework);
      Set<LocalDate> days = new HashSet<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          days.add(rows.getObject(1, LocalDate.class));
        }
      }
      return days;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** How often a run of the day was begun. */
  int attempts(String framework, LocalDate day) {
    try (Connection connection = connect();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT attempts FROM report_run WHERE framework = ? AND period_day = ?")) {
      query.setString(1, framework);
      query.setObject(2, day);
      try (ResultSet rows = query.executeQuery()) {
        return rows.next() ? rows.getInt(1) : 0;
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Sets the number of attempts, on disk when this returns: a run may end the process. */
  void attempts(String framework, LocalDate day, int attempts) {
    try (Connection connection = connect();
        PreparedStatement merge =
            connection.prepareStatement(
                "MERGE INTO report_run (framework, period_day, status, detail, attempts)"
                    + " KEY (framework, period_day) VALUES (?, ?, ?, ?, ?)");
        Statement sync = connection.createStatement()) {
      merge.setString(1, framework);
      merge.setObject(2, day);
      merge.setString(3, TRYING);
      merge.setString(4, "attempt " + attempts + " did not end");
      merge.setInt(5, attempts);
      merge.executeUpdate();
      sync.execute("CHECKPOINT SYNC");
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** What was said last of each day that is not tried any more. */
  SortedMap<LocalDate, String> givenUp(String framework) {
    try (Connection connection = connect();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT period_day, detail FROM report_run WHERE framework = ?"
                    + " AND status = 'GIVEN_UP'")) {
      query.setString(1, framework);
      SortedMap<LocalDate, String> days = new TreeMap<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          days.put(rows.getObject(1, LocalDate.class), rows.getString(2));
        }
      }
      return days;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  void record(String framework, LocalDate day, String status, String detail) {
    try (Connection connection = connect();
        PreparedStatement merge =
            connection.prepareStatement(
                "MERGE INTO report_run (framework, period_day, status, detail)"
                    + " KEY (framework, period_day) VALUES (?, ?, ?, ?)")) {
      merge.setString(1, framework);
      merge.setObject(2, day);
      merge.setString(3, status);
      merge.setString(4, detail.substring(0, Math.min(detail.length(), 2000)));
      merge.executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url, "sworn", "");
  }

  private static SwornException failed(SQLException e) {
    return new SwornException(ErrorCode.STORAGE, "report schedule: " + LocalFiles.reason(e), e);
  }
}
