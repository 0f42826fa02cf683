package io.sworn.report.sql;

import io.sworn.event.AuditEvent;
import io.sworn.event.Client;
import io.sworn.event.ErrorCode;
import io.sworn.event.EventId;
import io.sworn.event.RoleName;
import io.sworn.event.SwornException;
import io.sworn.event.UserName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;

/**
 * The events of one period as the view {@code ev}, in a database in memory that can reach neither
 * network nor files, but for a directory of its own that takes what memory does not. For one
 * thread.
 */
public final class EventDatabase implements AutoCloseable {

  private static final List<String> SETUP =
      List.of(
          "SET memory_limit = '256MB'",
          "SET max_temp_directory_size = '64GB'",
          "SET threads = 2",
          "SET autoinstall_known_extensions = false",
          "SET autoload_known_extensions = false",
          "SET allow_community_extensions = false",
          "CREATE TABLE event (idx BIGINT, id VARCHAR, trail VARCHAR, seq BIGINT, kind VARCHAR,"
              + " atype VARCHAR, ts TIMESTAMP, observed TIMESTAMP, session VARCHAR,"
              + " remote_ip VARCHAR, system_user BOOLEAN, user_name VARCHAR, user_db VARCHAR,"
              + " roles VARCHAR, command VARCHAR, ns VARCHAR, result INTEGER,"
              + " application VARCHAR, mechanism VARCHAR, subject_user VARCHAR,"
              + " subject_db VARCHAR)",
          "CREATE VIEW ev AS SELECT * FROM event",
          "CREATE TABLE earlier (trail VARCHAR, atype VARCHAR, id VARCHAR)",
          "CREATE TABLE parameter (name VARCHAR, value VARCHAR)",
          "CREATE MACRO regexp_like(s, p) AS regexp_matches(s, p)",
          "CREATE MACRO array_join(l, d) AS array_to_string(l, d)",
          "CREATE MACRO cardinality(l) AS len(l)",
          "SET enable_external_access = false",
          "SET lock_configuration = true");

  private static final long CANCEL_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);
  private static final long CANCEL_PAUSE_MILLIS = 10;

  private final DuckDBConnection connection;
  private @Nullable DuckDBAppender appender;
  private final Object turn = new Object();

  /** Both under {@link #turn}: the query that the engine may be in, and whether to begin one. */
  private @Nullable Statement running;

  private volatile boolean cancelled;

  private EventDatabase(DuckDBConnection connection) {
    this.connection = connection;
  }

  /**
   * An empty database.
   *
   * @param scratch an empty directory that takes what memory does not
   */
  public static EventDatabase open(Path scratch) {
    Properties streamed = new Properties();
    // Otherwise the driver holds the whole result of a query.
    streamed.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
    try {
      Connection connection = DriverManager.getConnection("jdbc:duckdb:", streamed);
      try (Statement statement = connection.createStatement()) {
        String quoted = scratch.toAbsolutePath().toString().replace("'", "''");
        statement.execute("SET temp_directory = '" + quoted + "'");
        for (String sql : SETUP) {
          statement.execute(sql);
        }
      }
      return new EventDatabase(connection.unwrap(DuckDBConnection.class));
    } catch (SQLException e) {
      throw failed("open", e);
    }
  }

  /** Adds one event under its index in the log. */
  public void add(long index, AuditEvent event) {
    try {
      DuckDBAppender rows = appender;
      if (rows == null) {
        rows = connection.createAppender("main", "event");
        appender = rows;
      }
      append(rows, index, event);
    } catch (SQLException e) {
      throw failed("event " + index, e);
    }
  }

  /**
   * Notes in the table {@code earlier} what a trail did last before its first start of the period.
   *
   * @param type {@code startup}, {@code shutdown}, or {@code running} if it ran for longer than
   *     anybody looked back
   * @param id of that event; null if none was found
   */
  public void addEarlier(String trail, String type, @Nullable EventId id) {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO earlier VALUES (?, ?, ?)")) {
      insert.setString(1, trail);
      insert.setString(2, type);
      insert.setString(3, id == null ? null : id.toString());
      insert.executeUpdate();
    } catch (SQLException e) {
      throw failed("trail " + trail, e);
    }
  }

  private static void append(DuckDBAppender rows, long index, AuditEvent event)
      throws SQLException {
    BsonDocument param = event.param().toDocument();
    UserName user = event.users().isEmpty() ? null : event.users().get(0);
    Client client = event.client();
    String mechanism = text(param, "mechanism");
    rows.beginRow()
        .append(index)
        .append(event.id().toString())
        .append(event.trail())
        .append(event.sequence())
        .append(event.kind().name())
        .append(event.type())
        .append(LocalDateTime.ofInstant(event.time(), ZoneOffset.UTC))
        .append(LocalDateTime.ofInstant(event.observed(), ZoneOffset.UTC));
    nullable(rows, event.session() == null ? null : event.session().toString());
    nullable(rows, event.remote() == null ? null : origin(event));
    rows.append(event.remote() != null && event.remote().systemUser());
    nullable(rows, user == null ? null : user.user());
    nullable(rows, user == null ? null : user.db());
    rows.append(roles(event.roles()));
    nullable(rows, event.command());
    nullable(rows, event.namespace());
    rows.append(event.result());
    nullable(rows, client == null ? null : client.application());
    nullable(rows, mechanism == null && client != null ? client.mechanism() : mechanism);
    nullable(rows, text(param, "user"));
    nullable(rows, text(param, "db"));
    rows.endRow();
  }

  private static void nullable(DuckDBAppender rows, @Nullable String value) throws SQLException {
    if (value == null) {
      rows.appendNull();
    } else {
      rows.append(value);
    }
  }

  private static @Nullable String origin(AuditEvent event) {
    var remote = event.remote();
    return remote == null ? null : remote.ip() != null ? remote.ip() : remote.unix();
  }

  /** Every role between commas, so that one can be found by {@code ,name@}. */
  private static String roles(List<RoleName> roles) {
    StringBuilder text = new StringBuilder(",");
    roles.forEach(role -> text.append(role.role()).append('@').append(role.db()).append(','));
    return roles.isEmpty() ? "" : text.toString();
  }

  private static @Nullable String text(BsonDocument param, String key) {
    BsonValue value = param.get(key);
    return value != null && value.isString() ? value.asString().getValue() : null;
  }

  /** Takes one row of a result. */
  @FunctionalInterface
  public interface RowSink {
    /** A row without the violation column; null is an empty cell. */
    void row(List<@Nullable String> cells, boolean violation);
  }

  /**
   * Runs a query. Parameters reach it as rows of the table {@code parameter} and never as text.
   *
   * @return names of the columns without {@code violation}
   * @throws SwornException if the query is wrong, or after {@link #cancel}
   */
  public List<String> query(String sql, Map<String, List<String>> parameters, RowSink sink) {
    try (Statement statement = connection.createStatement()) {
      if (appender != null) {
        appender.close();
        appender = null;
      }
      set(parameters);
      begin(statement);
      try (ResultSet rows = statement.executeQuery(sql)) {
        ResultSetMetaData meta = rows.getMetaData();
        List<String> columns = new ArrayList<>();
        for (int i = 1; i < meta.getColumnCount(); i++) {
          columns.add(meta.getColumnName(i));
        }
        while (rows.next()) {
          List<@Nullable String> cells = new ArrayList<>();
          for (int i = 1; i < meta.getColumnCount(); i++) {
            cells.add(cell(rows, meta, i));
          }
          sink.row(Collections.unmodifiableList(cells), rows.getBoolean("violation"));
          if (cancelled) { // the engine takes no interrupt while rows are fetched
            throw new SQLException("cancelled");
          }
        }
        return columns;
      } finally {
        end(); // before the statement is closed: a closed one cannot be cancelled
      }
    } catch (SQLException e) {
      throw failed("query", e);
    }
  }

  private void begin(Statement statement) throws SQLException {
    synchronized (turn) {
      if (cancelled) {
        throw new SQLException("cancelled before it began");
      }
      running = statement;
    }
  }

  private void end() {
    synchronized (turn) {
      running = null;
      turn.notifyAll();
    }
  }

  /**
   * Ends a query in progress, which then throws, as does every later one. The engine forgets an
   * interrupt that comes before the query has begun inside it, so it is told again until the query
   * is over, for 10 s at most. For any thread but the one of the query.
   */
  public void cancel() {
    long deadline = System.nanoTime() + CANCEL_NANOS_MAX;
    boolean interrupted = false;
    synchronized (turn) {
      cancelled = true;
      while (running != null && !interrupted && System.nanoTime() < deadline) {
        try {
          running.cancel();
          turn.wait(CANCEL_PAUSE_MILLIS);
        } catch (SQLException e) {
          throw failed("cancel", e);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void set(Map<String, List<String>> parameters) throws SQLException {
    try (Statement statement = connection.createStatement();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO parameter VALUES (?, ?)")) {
      statement.execute("DELETE FROM parameter");
      for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
        for (String value : parameter.getValue()) {
          insert.setString(1, parameter.getKey());
          insert.setString(2, value);
          insert.executeUpdate();
        }
      }
    }
  }

  private static @Nullable String cell(ResultSet rows, ResultSetMetaData meta, int column)
      throws SQLException {
    if (meta.getColumnType(column) == Types.TIMESTAMP) {
      // java.sql.Timestamp would follow the zone of the machine.
      LocalDateTime time = rows.getObject(column, LocalDateTime.class);
      return time == null ? null : time.toInstant(ZoneOffset.UTC).toString();
    }
    return rows.getString(column);
  }

  @Override
  public void close() {
    try (connection) {
      if (appender != null) {
        appender.close();
      }
    } catch (SQLException e) {
      throw failed("close", e);
    }
  }

  private static SwornException failed(String what, SQLException e) {
    return new SwornException(ErrorCode.INTERNAL, "report database, " + what + ": " + e, e);
  }
}
