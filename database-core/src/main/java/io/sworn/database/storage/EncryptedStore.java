package io.sworn.database.storage;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.mc.SQLiteMCSqlCipherConfig;

/**
 * The encrypted file and its one transaction. Not safe for several threads, but for {@link #sync}.
 *
 * <p>Changes belong to the open transaction, which {@link #begin} starts. {@link #commit} hands it
 * to the operating system (write-ahead log): it survives the death of the process. {@link #sync}
 * then makes it durable; apart from each other, because the second takes as long as the disk and
 * need not keep anybody from reading. {@link #mark} and {@link #undoTo} take back a part of it.
 */
public final class EncryptedStore implements AutoCloseable {

  /** Length of the key in bytes. */
  public static final int KEY_BYTES = 32;

  private static final int STATEMENTS_MAX = 512;

  private final Connection connection;
  private final WalFile wal;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private boolean open;

  private EncryptedStore(Connection connection, WalFile wal) {
    this.connection = connection;
    this.wal = wal;
  }

  /**
   * Opens or creates the file; no other process can open it until it is closed.
   *
   * @param key {@value #KEY_BYTES} random bytes
   * @throws SwornException if the key is wrong, the file is damaged or in use
   */
  public static EncryptedStore open(Path file, byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new SwornException(
          ErrorCode.CONFIGURATION, "database key: 32 bytes expected, got " + key.length);
    }
    Properties properties =
        SQLiteMCSqlCipherConfig.getV4Defaults().withRawUnsaltedKey(key).build().toProperties();
    try {
      Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file, properties);
      try {
        configure(connection);
        return new EncryptedStore(connection, new WalFile(file));
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw new SwornException(
          ErrorCode.STORAGE,
          file + ": cannot open the database (wrong key, damaged, or in use): " + e.getMessage(),
          e);
    }
  }

  private static void configure(Connection connection) throws SQLException {
    try (Statement s = connection.createStatement()) {
      // One process at a time; also keeps the index of the write-ahead log in memory.
      s.execute("pragma locking_mode=exclusive");
      s.execute("pragma journal_mode=wal");
      // Checkpoints are fsynced in their order; commits are by sync().
      s.execute("pragma synchronous=normal");
      s.execute("pragma wal_autocheckpoint=4000");
      s.execute("pragma temp_store=memory");
      s.execute("pragma cache_size=-65536");
      s.execute("pragma secure_delete=on");
      s.execute(
          "create table if not exists collections(id integer primary key, db text not null,"
              + " name text not null, uuid text not null, options blob not null,"
              + " documents integer not null, bytes integer not null, unique(db, name))");
      s.execute(
          "create table if not exists indexes(id integer primary key, collection integer not null,"
              + " name text not null, spec blob not null, unique(collection, name))");
      s.execute(
          "create table if not exists records(kind text not null, id text not null,"
              + " document blob not null, primary key(kind, id)) without rowid");
      s.execute(
          "create table if not exists held(sequence integer primary key, record blob not null)");
    }
  }

  /** Starts a transaction unless one is open. */
  public void begin() {
    if (!open) {
      execute("begin immediate");
      open = true;
    }
  }

  /** Whether a transaction is open. */
  public boolean inTransaction() {
    return open;
  }

  /**
   * Ends the open transaction; durable only after {@link #sync}. If it throws, call {@link
   * #rollback}.
   */
  public void commit() {
    if (open) {
      execute("commit");
      open = false;
    }
  }

  /**
   * Returns when everything committed before the call is durable. May run on another thread than
   * everything else here.
   *
   * @throws SwornException if the disk refused; nobody knows then what is on it
   */
  public void sync() {
    wal.sync();
  }

  /** Takes back the whole open transaction. */
  public void rollback() {
    if (open) {
      open = false;
      try {
        execute("rollback");
      } catch (SwornException e) {
        // After an I/O error SQLite has rolled back by itself and says that none is open.
        if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
          throw e;
        }
      }
    }
  }

  /** Marks a point inside the open transaction; marks nest and are named by the caller. */
  public void mark(int level) {
    execute("savepoint m" + level);
  }

  /** Takes back everything since the mark, and forgets it. */
  public void undoTo(int level) {
    execute("rollback to m" + level);
    execute("release m" + level);
  }

  /** Forgets the mark, keeps the changes. */
  public void release(int level) {
    execute("release m" + level);
  }

  /** Runs a fixed statement that changes rows; returns how many. */
  int update(String sql, Object... arguments) {
    try {
      return bind(sql, arguments).executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Runs a fixed query. */
  <T> List<T> query(RowReader<T> reader, String sql, Object... arguments) {
    List<T> rows = new ArrayList<>();
    try (ResultSet result = bind(sql, arguments).executeQuery()) {
      while (result.next()) {
        rows.add(reader.read(result));
      }
      return rows;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Runs a fixed query whose rows the visitor takes until it has enough. */
  void visit(RowVisitor visitor, String sql, Object... arguments) {
    try (ResultSet result = bind(sql, arguments).executeQuery()) {
      boolean more = true;
      while (more && result.next()) {
        more = visitor.take(result);
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Runs a fixed query of at most one row. */
  <T> @Nullable T first(RowReader<T> reader, String sql, Object... arguments) {
    try (ResultSet result = bind(sql, arguments).executeQuery()) {
      return result.next() ? reader.read(result) : null;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Key of the row that was inserted last. */
  long lastKey() {
    Long key = first(r -> r.getLong(1), "select last_insert_rowid()");
    return key == null ? 0 : key;
  }

  /** Runs a statement without arguments that is not worth keeping prepared. */
  void execute(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private PreparedStatement bind(String sql, Object... arguments) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      if (statements.size() >= STATEMENTS_MAX) {
        forgetStatements();
      }
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    for (int i = 0; i < arguments.length; i++) {
      Object argument = arguments[i];
      if (argument instanceof byte[] bytes) {
        statement.setBytes(i + 1, bytes);
      } else if (argument instanceof Long number) {
        statement.setLong(i + 1, number);
      } else {
        statement.setString(i + 1, (String) argument);
      }
    }
    return statement;
  }

  private void forgetStatements() throws SQLException {
    for (PreparedStatement statement : statements.values()) {
      statement.close();
    }
    statements.clear();
  }

  private static SwornException failed(SQLException e) {
    return new SwornException(
        ErrorCode.STORAGE, "the database file did not take or give data: " + e.getMessage(), e);
  }

  /** Takes back what is not committed and closes the file. */
  @Override
  public void close() {
    try {
      if (!connection.isClosed()) {
        rollback();
        forgetStatements();
        connection.close();
        wal.close();
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Reads one row. */
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Takes one row; false when it wants no more. */
  interface RowVisitor {
    boolean take(ResultSet row) throws SQLException;
  }
}
