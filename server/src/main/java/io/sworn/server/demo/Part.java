package io.sworn.server.demo;

import java.util.Set;

/**
 * The parts of the audit filter in their order, each with what it must keep, said once more in Java
 * so that the filter engine is not asked about itself.
 */
enum Part {
  /** Logins that failed. */
  FAILED_LOGINS("failed-logins", "failed logins") {
    @Override
    boolean keeps(Caused event) {
      return event.type().equals("authenticate") && event.result() != 0;
    }

    @Override
    boolean resembles(Caused event) {
      return event.type().equals("authenticate");
    }
  },
  /** Changes of the catalogue. */
  SCHEMA_CHANGES("schema-changes", "schema changes") {
    @Override
    boolean keeps(Caused event) {
      return DDL.contains(event.type());
    }

    @Override
    boolean resembles(Caused event) {
      return event.type().equals("createDatabase")
          || (event.type().equals("authCheck") && DDL_COMMANDS.contains(event.detail()));
    }
  },
  /** Writes to {@code mydb.patients}, allowed or not. */
  PATIENT_WRITES("patient-writes", "writes to mydb.patients") {
    @Override
    boolean keeps(Caused event) {
      return event.type().equals("authCheck")
          && event.object().startsWith("mydb.patients")
          && WRITES.contains(event.detail());
    }

    @Override
    boolean resembles(Caused event) {
      return event.type().equals("authCheck")
          && (event.object().startsWith("mydb.") || event.object().startsWith("shop-"))
          && (WRITES.contains(event.detail()) || READS.contains(event.detail()));
    }
  };

  private static final Set<String> DDL =
      Set.of(
          "createCollection",
          "dropCollection",
          "dropDatabase",
          "renameCollection",
          "createIndex",
          "dropIndex");
  private static final Set<String> DDL_COMMANDS =
      Set.of("create", "drop", "dropDatabase", "renameCollection", "createIndexes", "dropIndexes");
  private static final Set<String> WRITES = Set.of("insert", "update", "delete");
  private static final Set<String> READS = Set.of("find", "getMore", "aggregate");

  private final String filter;
  private final String title;

  Part(String filter, String title) {
    this.filter = filter;
    this.title = title;
  }

  /** Name of the filter definition. */
  String filter() {
    return filter;
  }

  /** What it keeps, in words. */
  String title() {
    return title;
  }

  /** Whether it must keep this. */
  abstract boolean keeps(Caused event);

  /** Whether this is close enough that dropping it shows something. */
  abstract boolean resembles(Caused event);

  /** Whether any part must keep this. */
  static boolean anyKeeps(Caused event) {
    for (Part part : values()) {
      if (part.keeps(event)) {
        return true;
      }
    }
    return false;
  }
}
