package io.sworn.filter.matcher;

import io.sworn.filter.matcher.Path.Root;

/**
 * Lists the values that a path leads to, as the reference evaluator visits them: below arrays every
 * document and the element that a number names; an array at the end and each of its elements; a
 * missing value where the path ends early. Not thread-safe.
 */
final class PathWalker {

  private final EncodedEvent event;
  private final Values values;
  private final MemberWriter writer;

  PathWalker(EncodedEvent event, Values values) {
    this.event = event;
    this.values = values;
    this.writer = new MemberWriter(event, values);
  }

  /** Pushes what {@code path} leads to from the message. */
  void fromMessage(Path path) {
    if (event.ocsf || event.hasExtra()) {
      if (fromExtra(path)) {
        return;
      }
    }
    switch (path.root) {
      case ATYPE -> {
        if (path.size == 1) {
          values.pushText(event.type, event.typeLength);
        } else {
          values.pushMissing();
        }
      }
      case RESULT -> scalar(path, EncodedBson.INT32, event.result);
      case TS -> scalar(path, EncodedBson.DATE, path.size == 1 ? event.millis() : 0);
      case PARAM -> param(path);
      case USERS -> pairs(path, event.users);
      case ROLES -> pairs(path, event.roles);
      case LOCAL -> endpoint(path, event.local);
      case REMOTE -> endpoint(path, event.remote);
      case UUID, INTERMEDIATES -> written(path);
      case OTHER -> values.pushMissing();
    }
  }

  /** Whether the extra part says what the path leads to. */
  private boolean fromExtra(Path path) {
    int found = event.hasExtra() ? event.findInExtra(path.name(0)) : event.ocsf ? -1 : 0;
    if (found > 0) {
      below(path, 1, event.foundType, false, event.foundAt);
    } else if (found < 0) {
      values.pushMissing();
    }
    return found != 0;
  }

  private void scalar(Path path, int type, long value) {
    if (path.size == 1) {
      values.pushNumber(type, value);
    } else {
      values.pushMissing();
    }
  }

  private void param(Path path) {
    if (path.isCommand && event.command != 0 && !event.hasExtra()) {
      values.pushText(event.command, event.commandLength);
    } else {
      below(path, 1, EncodedBson.DOCUMENT, false, event.param);
    }
  }

  private void pairs(Path path, int list) {
    if (path.pairMember < 0) {
      written(path);
      return;
    }
    event.open(list);
    for (int n = event.items(); n > 0; n = event.items()) {
      for (int i = 0; i < n; i++) {
        int first = event.text();
        int firstLength = event.textLength;
        int second = event.text();
        if (path.pairMember == 0) {
          values.pushText(first, firstLength);
        } else {
          values.pushText(second, event.textLength);
        }
      }
    }
  }

  private void endpoint(Path path, int at) {
    if (at == 0) {
      values.pushMissing();
      return;
    }
    if (path.endpointMember < 0) {
      written(path);
      return;
    }
    event.open(at);
    int ip = event.maybeText();
    int ipLength = event.textLength;
    int port = event.integer();
    int unix = event.maybeText();
    int unixLength = event.textLength;
    boolean system = event.flag();
    if (path.endpointMember == 0 && ip >= 0) {
      values.pushText(ip, ipLength);
    } else if (path.endpointMember == 1 && port >= 0) {
      values.pushNumber(EncodedBson.INT32, port);
    } else if (path.endpointMember == 2 && unix >= 0) {
      values.pushText(unix, unixLength);
    } else if (path.endpointMember == 3 && system) {
      values.pushNumber(EncodedBson.BOOLEAN, 1);
    } else {
      values.pushMissing();
    }
  }

  /** A member that must first be written as BSON. */
  private void written(Path path) {
    int at = writer.write(path.root);
    if (at < 0) {
      values.pushMissing();
    } else {
      int type =
          path.root == Root.UUID
              ? EncodedBson.BINARY
              : path.root == Root.LOCAL || path.root == Root.REMOTE
                  ? EncodedBson.DOCUMENT
                  : EncodedBson.ARRAY;
      below(path, 1, type, true, at);
    }
  }

  /** Pushes what {@code path} leads to from the value {@code root}, an element of an array. */
  void fromElement(Path path, int root) {
    int type = values.type(root);
    boolean scratch = values.inScratch(root);
    int at = values.start(root);
    boolean inside = type == EncodedBson.DOCUMENT || type == EncodedBson.ARRAY;
    byte[] name = path.name(0);
    // An array is here the document that it is in BSON, with keys 0, 1, ...
    int found = inside ? EncodedBson.find(values.buffer(scratch), at, name) : -1;
    if (found < 0) {
      values.pushMissing();
    } else {
      int sort = EncodedBson.typeBefore(values.buffer(scratch), found, name);
      below(path, 1, sort, scratch, found);
    }
  }

  private void below(Path path, int position, int type, boolean scratch, int at) {
    if (type == EncodedBson.ARRAY) {
      if (position == path.size) {
        array(scratch, at);
      } else {
        inArray(path, position, scratch, at);
      }
      return;
    }
    if (position == path.size) {
      values.push(type, scratch, at, false);
      return;
    }
    byte[] name = path.name(position);
    byte[] b = values.buffer(scratch);
    int found = type == EncodedBson.DOCUMENT ? EncodedBson.find(b, at, name) : -1;
    if (found < 0) {
      values.pushMissing();
    } else {
      below(path, position + 1, EncodedBson.typeBefore(b, found, name), scratch, found);
    }
  }

  /** The array and its elements. */
  private void array(boolean scratch, int at) {
    values.push(EncodedBson.ARRAY, scratch, at, false);
    elements(scratch, at, true);
  }

  /** Pushes each element of an array. */
  void elements(boolean scratch, int at, boolean ofLeaf) {
    byte[] b = values.buffer(scratch);
    int end = at + EncodedBson.int32(b, at) - 1;
    for (int p = at + 4; p < end; ) {
      int type = b[p] & 0xFF;
      int value = EncodedBson.nameEnd(b, p + 1) + 1;
      values.push(type, scratch, value, ofLeaf);
      p = value + EncodedBson.size(b, type, value, end);
    }
  }

  private void inArray(Path path, int position, boolean scratch, int at) {
    byte[] b = values.buffer(scratch);
    int index = path.arrayIndex(position);
    int end = at + EncodedBson.int32(b, at) - 1;
    int i = 0;
    for (int p = at + 4; p < end; i++) {
      int type = b[p] & 0xFF;
      int value = EncodedBson.nameEnd(b, p + 1) + 1;
      if (type == EncodedBson.DOCUMENT) {
        below(path, position, type, scratch, value);
      }
      if (i == index) {
        atIndex(path, position + 1, type, scratch, value);
      }
      p = value + EncodedBson.size(b, type, value, end);
    }
  }

  private void atIndex(Path path, int position, int type, boolean scratch, int at) {
    if (position == path.size) {
      values.push(type, scratch, at, false);
    } else if (type == EncodedBson.ARRAY) {
      inArray(path, position, scratch, at);
    } else if (type == EncodedBson.DOCUMENT) {
      below(path, position, type, scratch, at);
    }
  }
}
