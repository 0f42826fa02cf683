package io.sworn.report.schedule;

import java.sql.Connection;
import java.sql.SQLException;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;
import org.quartz.utils.ConnectionProvider;

/** Connections to the schedule's own file; Quartz makes it by name and sets {@code url}. */
public final class H2ConnectionProvider implements ConnectionProvider {

  private static final int CONNECTIONS_MAX = 8;

  private @Nullable String url;
  private @Nullable JdbcConnectionPool pool;

  /** Where the file is. */
  public void setUrl(String value) {
    url = value;
  }

  @Override
  public synchronized void initialize() {
    if (pool == null) {
      pool = JdbcConnectionPool.create(url, "sworn", "");
      pool.setMaxConnections(CONNECTIONS_MAX);
    }
  }

  @Override
  public synchronized Connection getConnection() throws SQLException {
    initialize();
    if (pool == null) {
      throw new SQLException("the schedule's pool is closed");
    }
    return pool.getConnection();
  }

  @Override
  public synchronized void shutdown() {
    if (pool != null) {
      pool.dispose();
      pool = null;
    }
  }
}
