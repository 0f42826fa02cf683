package io.sworn.server.demo;

import io.sworn.event.AuditEvent;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;

/**
 * One audit message, as far as the client that causes it can foretell it.
 *
 * @param type MongoDB's {@code atype}
 * @param detail the command of an {@code authCheck}, the state of an index build, else empty
 * @param actor who was signed in, {@code user@database}; empty before and during a login
 * @param object what it is about: a namespace, or the user of a login or of an account change
 * @param result server error code, 0 = OK
 */
record Caused(String type, String detail, String actor, String object, int result) {

  /** What an archived event says in the same words. */
  static Caused of(AuditEvent event) {
    BsonDocument param = event.param().toDocument();
    String actor =
        event.users().isEmpty()
            ? ""
            : event.users().get(0).user() + "@" + event.users().get(0).db();
    String namespace = event.namespace() == null ? "" : event.namespace();
    return switch (event.type()) {
      case "authCheck" ->
          new Caused("authCheck", text(param, "command"), actor, namespace, event.result());
      case "authenticate" -> new Caused("authenticate", "", "", user(param), event.result());
      case "logout" -> new Caused("logout", "", "", first(param), event.result());
      case "createIndex" ->
          new Caused(
              "createIndex", text(param, "indexBuildState"), actor, namespace, event.result());
      case "renameCollection" ->
          new Caused(
              "renameCollection",
              "",
              actor,
              text(param, "old") + " to " + text(param, "new"),
              event.result());
      case "createUser", "updateUser", "dropUser", "grantRolesToUser", "revokeRolesFromUser" ->
          new Caused(event.type(), "", actor, user(param), event.result());
      case "clientMetadata" ->
          new Caused("clientMetadata", "", "", application(param), event.result());
      default -> new Caused(event.type(), "", actor, namespace, event.result());
    };
  }

  /** A command that was allowed or refused. */
  static Caused check(String command, String actor, String namespace, int result) {
    return new Caused("authCheck", command, actor, namespace, result);
  }

  /** A login. */
  static Caused login(String user, int result) {
    return new Caused("authenticate", "", "", user, result);
  }

  /** The end of a session. */
  static Caused logout(String user) {
    return new Caused("logout", "", "", user, 0);
  }

  /** An introduction of a driver. */
  static Caused introduction(String application) {
    return new Caused("clientMetadata", "", "", application, 0);
  }

  /** Anything else that went well. */
  static Caused change(String type, String actor, String object) {
    return new Caused(type, "", actor, object, 0);
  }

  private static String user(BsonDocument param) {
    return text(param, "user") + "@" + text(param, "db");
  }

  private static String first(BsonDocument param) {
    BsonArray users = param.getArray("initialUsers", new BsonArray());
    return users.isEmpty() ? "" : user(users.get(0).asDocument());
  }

  private static String application(BsonDocument param) {
    BsonDocument metadata = param.getDocument("clientMetadata", new BsonDocument());
    return text(metadata.getDocument("application", new BsonDocument()), "name");
  }

  private static String text(BsonDocument document, String key) {
    return document.getOrDefault(key, new BsonString("")) instanceof BsonString text
        ? text.getValue()
        : "";
  }

  /** In words, for a person. */
  @Override
  public String toString() {
    return type
        + (detail.isEmpty() ? "" : " " + detail)
        + (object.isEmpty() ? "" : " " + object)
        + (actor.isEmpty() ? "" : " by " + actor)
        + (result == 0 ? "" : ", result " + result);
  }
}
