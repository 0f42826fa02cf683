package io.sworn.database.authentication;

import io.sworn.database.engine.SystemStore;
import io.sworn.event.UserName;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bson.BsonBinary;
import org.bson.BsonDocument;

/**
 * All users, in memory and in the system store. Safe for any thread; a change counts from the next
 * command on, also of connections that are already authenticated. Whoever changes a user appends
 * the audit event first: the store makes it durable before the change.
 */
public final class UserStore {

  private static final String USERS = "user";
  private static final String SECRETS = "secret";
  private static final String UNKNOWN_USERS = "unknown-users";
  private static final int SECRET_BYTES = 32;

  private final SystemStore store;
  private final Map<UserName, User> users = new ConcurrentHashMap<>();
  private final byte[] unknownSecret;

  /** Loads all users. */
  public UserStore(SystemStore store) {
    this.store = store;
    for (BsonDocument document : store.list(USERS)) {
      User user = User.fromDocument(document);
      users.put(user.name(), user);
    }
    unknownSecret = secret(store);
  }

  /** Keeps the salts of unknown users stable over restarts. */
  private static byte[] secret(SystemStore store) {
    Optional<BsonDocument> kept = store.get(SECRETS, UNKNOWN_USERS);
    if (kept.isPresent()) {
      return kept.get().getBinary("bytes").getData();
    }
    byte[] fresh = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(fresh);
    store.put(SECRETS, UNKNOWN_USERS, new BsonDocument("bytes", new BsonBinary(fresh)));
    return fresh;
  }

  /** Whether there is no user at all. */
  public boolean isEmpty() {
    return users.isEmpty();
  }

  /** The user of that name. */
  public Optional<User> find(UserName name) {
    return Optional.ofNullable(users.get(name));
  }

  /** All users, sorted by database and name. */
  public List<User> all() {
    return users.values().stream().sorted(Comparator.comparing(User::id)).toList();
  }

  /** Writes or replaces a user; durable on return. */
  public void put(User user) {
    store.put(USERS, user.id(), user.toDocument());
    users.put(user.name(), user);
  }

  /** Removes a user; durable on return. */
  public void remove(UserName name) {
    store.delete(USERS, User.id(name));
    users.remove(name);
  }

  /** Removes users together; durable on return. */
  public void removeAll(List<UserName> names) {
    store.deleteAll(USERS, names.stream().map(User::id).toList());
    names.forEach(users::remove);
  }

  /** Whether the password is that of the user; as much work for an unknown user. */
  public boolean matches(UserName name, char[] password) {
    boolean matches = credential(name).matches(password);
    return matches && users.containsKey(name);
  }

  /** The credential of a user, or one that nothing opens. */
  ScramCredential credential(UserName name) {
    ScramCredential unknown = ScramCredential.unknown(unknownSecret, User.id(name));
    User user = users.get(name);
    return user == null ? unknown : user.credential().credential();
  }
}
