package io.sworn.benchmark.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Filters as the teams of a large house would write them, each once in MongoDB's language and once
 * as a rule of Event Ruler. The first one is the acceptance filter (failed logins, changes of
 * collections, writes to one collection); the others watch collections, tenants, users and logins.
 */
final class FilterMix {

  /**
   * One filter in both languages.
   *
   * @param mongo JSON in MongoDB's query language
   * @param ruler JSON as Event Ruler takes it
   */
  record Pair(String mongo, String ruler) {}

  private static final Pair ACCEPTANCE =
      new Pair(
          """
          {"$or":[
            {"atype":"authenticate","param.mechanism":{"$exists":true},"result":{"$ne":0}},
            {"atype":{"$in":["createCollection","dropCollection","dropDatabase",
              "renameCollection","createIndex","dropIndex"]}},
            {"atype":"authCheck","param.ns":{"$regex":"^mydb\\\\.patients"},
              "param.command":{"$in":["update","delete","insert"]}}]}
          """,
          """
          {"$or":[
            {"atype":["authenticate"],"param":{"mechanism":[{"exists":true}]},
              "result":[{"anything-but":[0]}]},
            {"atype":["createCollection","dropCollection","dropDatabase",
              "renameCollection","createIndex","dropIndex"]},
            {"atype":["authCheck"],"param":{"ns":[{"prefix":"mydb.patients"}],
              "command":["update","delete","insert"]}}]}
          """);

  private FilterMix() {}

  /** The first {@code size} filters. */
  static List<Pair> of(int size) {
    List<Pair> pairs = new ArrayList<>(size);
    pairs.add(ACCEPTANCE);
    for (int i = 1; i < size; i++) {
      pairs.add(pair(i));
    }
    return pairs;
  }

  private static Pair pair(int i) {
    return switch (i % 5) {
      case 0 -> // writes to one collection
          format(
              """
              {"atype":"authCheck","param.ns":"tenant%1$d.orders",
               "param.command":{"$in":["insert","update","delete"]}}
              """,
              """
              {"atype":["authCheck"],"param":{"ns":["tenant%1$d.orders"],
               "command":["insert","update","delete"]}}
              """,
              i);
      case 1 -> // whatever was refused in one tenant's databases
          format(
              """
              {"atype":"authCheck","param.ns":{"$regex":"^tenant%1$d\\\\."},"result":{"$ne":0}}
              """,
              """
              {"atype":["authCheck"],"param":{"ns":[{"prefix":"tenant%1$d."}]},
               "result":[{"anything-but":[0]}]}
              """,
              i);
      case 2 -> // failed logins of one account
          format(
              """
              {"atype":"authenticate","param.user":"clinic_app_%1$d","result":{"$gt":0}}
              """,
              """
              {"atype":["authenticate"],"param":{"user":["clinic_app_%1$d"]},
               "result":[{"numeric":[">",0]}]}
              """,
              i);
      case 3 -> // deletions by one user
          format(
              """
              {"users.user":"clinic_app_%1$d","param.command":"delete"}
              """,
              """
              {"users":{"user":["clinic_app_%1$d"]},"param":{"command":["delete"]}}
              """,
              i);
      default -> // dropped things of one tenant
          format(
              """
              {"atype":{"$in":["dropCollection","dropIndex","dropDatabase"]},
               "param.ns":{"$regex":"^tenant%1$d\\\\."}}
              """,
              """
              {"atype":["dropCollection","dropIndex","dropDatabase"],
               "param":{"ns":[{"prefix":"tenant%1$d."}]}}
              """,
              i);
    };
  }

  private static Pair format(String mongo, String ruler, int number) {
    return new Pair(
        String.format(Locale.ROOT, mongo, number), String.format(Locale.ROOT, ruler, number));
  }
}
