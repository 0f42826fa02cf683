package io.sworn.filter.sigma;

import io.sworn.filter.alert.InvalidRuleException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where a field of Sigma stands in an audit message. The names that rules for databases use are
 * translated; besides them the paths of the message itself ({@code atype}, {@code param.ns}) are
 * fields.
 *
 * @param path dotted path in the message
 * @param group the same for grouping
 * @param before what stands in front of the value, a pattern
 * @param after what stands behind it
 */
record SigmaField(String path, String group, String before, String after) {

  private static final Pattern OWN =
      Pattern.compile(
          "(atype|ts|result|uuid|(local|remote|users|roles|param|intermediates)(\\.[^.\\s$][^.\\s]*)+)");
  private static final Map<String, SigmaField> NAMES = names();

  private static Map<String, SigmaField> names() {
    Map<String, SigmaField> names = new HashMap<>();
    add(
        names,
        new SigmaField("users.user", "$user", "^", "$"),
        "user",
        "username",
        "accountname",
        "user.name",
        "db_user",
        "subjectusername");
    add(
        names,
        at("remote.ip"),
        "src_ip",
        "sourceip",
        "src",
        "source.ip",
        "client_ip",
        "clientip",
        "ipaddress",
        "client.ip",
        "remote_ip");
    add(names, at("remote.port"), "src_port", "sourceport", "source.port");
    add(names, at("local.ip"), "dst_ip", "destinationip", "dst", "destination.ip");
    add(names, at("local.port"), "dst_port", "destinationport", "destination.port");
    add(names, at("param.command"), "command", "action", "operation", "event.action");
    add(names, at("atype"), "eventtype", "event_type", "eventname");
    add(names, at("param.ns"), "namespace", "ns");
    add(
        names,
        new SigmaField("param.ns", "$database", "^", "(\\.|$)"),
        "database",
        "databasename",
        "db",
        "dbname");
    add(
        names,
        new SigmaField("param.ns", "$collection", "^[^.]*\\.", "$"),
        "collection",
        "objectname",
        "object_name",
        "table",
        "tablename");
    add(names, at("result"), "status", "errorcode", "error_code", "result_code", "outcome");
    add(names, at("roles.role"), "role", "rolename", "user.roles");
    add(names, at("param.mechanism"), "mechanism", "auth_mechanism");
    add(
        names,
        at("param.clientMetadata.application.name"),
        "application",
        "app",
        "applicationname",
        "program",
        "client_application");
    return names;
  }

  private static SigmaField at(String path) {
    return new SigmaField(path, path, "^", "$");
  }

  private static void add(Map<String, SigmaField> names, SigmaField field, String... aliases) {
    for (String alias : aliases) {
      names.put(alias, field);
    }
  }

  /** The field named {@code name}. */
  static SigmaField of(String name, String place) {
    SigmaField known = NAMES.get(name.toLowerCase(Locale.ROOT));
    if (known != null) {
      return known;
    }
    if (OWN.matcher(name).matches()) {
      return at(name);
    }
    throw new InvalidRuleException(
        place,
        "field '"
            + name
            + "' is not in a MongoDB audit message: name one of its paths, such as param.ns, or one"
            + " of the fields that docs/alerts.md lists");
  }

  /** The name of the actor also stands elsewhere as long as nobody is signed in. */
  boolean isUser() {
    return group.equals("$user");
  }

  boolean isResult() {
    return path.equals("result");
  }
}
