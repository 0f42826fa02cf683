package io.sworn.database.authentication;

import io.sworn.event.RoleName;
import io.sworn.event.UserName;
import java.util.List;
import java.util.UUID;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/**
 * A user of the database. Immutable.
 *
 * @param name with the database that holds it
 * @param userId made once, survives changes
 * @param credential derived from the password
 * @param roles granted roles, in the order in which they were granted
 * @param customData whatever the administrator wants to remember
 */
public record User(
    UserName name,
    UUID userId,
    ScramCredentialHolder credential,
    List<RoleName> roles,
    @Nullable BsonDocument customData) {

  /** Hides the credential from every caller outside this package. */
  public static final class ScramCredentialHolder {
    private final ScramCredential credential;

    private ScramCredentialHolder(ScramCredential credential) {
      this.credential = credential;
    }

    ScramCredential credential() {
      return credential;
    }

    @Override
    public String toString() {
      return credential.toString();
    }
  }

  /** Copies the roles. */
  public User {
    roles = List.copyOf(roles);
  }

  /**
   * A new user; deriving the credential takes some ten milliseconds of work by design.
   *
   * @throws IllegalArgumentException if the password holds characters that SASLprep prohibits
   */
  public static User create(
      UserName name, char[] password, List<RoleName> roles, @Nullable BsonDocument customData) {
    return new User(
        name,
        UUID.randomUUID(),
        new ScramCredentialHolder(ScramCredential.of(password)),
        roles,
        customData);
  }

  /** The same user with another password. */
  public User withPassword(char[] password) {
    return new User(
        name, userId, new ScramCredentialHolder(ScramCredential.of(password)), roles, customData);
  }

  /** The same user with other roles. */
  public User withRoles(List<RoleName> other) {
    return new User(name, userId, credential, other, customData);
  }

  /** The same user with other custom data. */
  public User withCustomData(@Nullable BsonDocument other) {
    return new User(name, userId, credential, roles, other);
  }

  /** MongoDB's {@code _id} of a user. */
  public String id() {
    return id(name);
  }

  static String id(UserName name) {
    return name.db() + "." + name.user();
  }

  /** Roles as MongoDB shows them. */
  public static BsonArray rolesDocument(List<RoleName> roles) {
    return new BsonArray(
        roles.stream()
            .map(
                role ->
                    new BsonDocument("role", new BsonString(role.role()))
                        .append("db", new BsonString(role.db())))
            .toList());
  }

  BsonDocument toDocument() {
    BsonDocument document =
        new BsonDocument("user", new BsonString(name.user()))
            .append("db", new BsonString(name.db()))
            .append("userId", new BsonBinary(userId))
            .append("scram", credential.credential().toDocument())
            .append("roles", rolesDocument(roles));
    if (customData != null) {
      document.append("customData", customData);
    }
    return document;
  }

  static User fromDocument(BsonDocument document) {
    List<RoleName> roles =
        document.getArray("roles").stream()
            .map(org.bson.BsonValue::asDocument)
            .map(r -> new RoleName(r.getString("role").getValue(), r.getString("db").getValue()))
            .toList();
    return new User(
        new UserName(document.getString("user").getValue(), document.getString("db").getValue()),
        document.getBinary("userId").asUuid(),
        new ScramCredentialHolder(ScramCredential.fromDocument(document.getDocument("scram"))),
        roles,
        document.containsKey("customData") ? document.getDocument("customData") : null);
  }
}
