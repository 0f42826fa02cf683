package io.sworn.database.command;

import io.sworn.database.engine.Engine;
import io.sworn.event.UserName;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the connections of each user. Cursors belong to a user and not to a connection, because a
 * driver reads on over any connection of its pool; they go with the user's last connection.
 */
final class SessionUsers {

  private final Engine engine;
  private final Map<UserName, Integer> connections = new HashMap<>();

  SessionUsers(Engine engine) {
    this.engine = engine;
  }

  synchronized void entered(UserName user) {
    connections.merge(user, 1, Integer::sum);
  }

  void left(UserName user) {
    boolean last;
    synchronized (this) {
      last =
          connections.merge(user, -1, (count, less) -> count + less == 0 ? null : count + less)
              == null;
    }
    if (last) {
      engine.endSession(user);
    }
  }
}
