package io.sworn.filter.matcher;

import io.sworn.filter.language.FieldPath;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A dotted path, ready for encoded names. Immutable. */
final class Path {

  /** Members of a message that an event holds lifted; the rest lies in its extra part. */
  enum Root {
    ATYPE("atype"),
    TS("ts"),
    UUID("uuid"),
    LOCAL("local"),
    REMOTE("remote"),
    INTERMEDIATES("intermediates"),
    USERS("users"),
    ROLES("roles"),
    PARAM("param"),
    RESULT("result"),
    OTHER("");

    private final String member;

    Root(String member) {
      this.member = member;
    }

    static Root of(String name) {
      for (Root root : values()) {
        if (root != OTHER && root.member.equals(name)) {
          return root;
        }
      }
      return OTHER;
    }
  }

  private static final List<String> ENDPOINT = List.of("ip", "port", "unix", "isSystemUser");

  final int id;
  final Root root;
  final int size;

  /** 0 or 1: the first or second text of each pair that the path asks for; -1: something else. */
  final int pairMember;

  /** Position of the endpoint's member that the path asks for, or -1. */
  final int endpointMember;

  final boolean isCommand;
  private final FieldPath path;
  private final byte[][] names;

  Path(int id, FieldPath path) {
    this.id = id;
    this.path = path;
    size = path.size();
    names = new byte[size][];
    for (int i = 0; i < size; i++) {
      names[i] = path.segment(i).getBytes(StandardCharsets.UTF_8);
    }
    root = size == 0 ? Root.OTHER : Root.of(path.segment(0));
    String second = size == 2 ? path.segment(1) : "";
    pairMember =
        switch (second) {
          case "user" -> root == Root.USERS ? 0 : -1;
          case "role" -> root == Root.ROLES ? 0 : -1;
          case "db" -> 1;
          default -> -1;
        };
    endpointMember = ENDPOINT.indexOf(second);
    isCommand = root == Root.PARAM && second.equals("command");
  }

  /** Whether it is the type of the event. */
  boolean isType() {
    return root == Root.ATYPE && size == 1;
  }

  byte[] name(int position) {
    return names[position];
  }

  int arrayIndex(int position) {
    return path.arrayIndex(position);
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
