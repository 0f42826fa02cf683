package io.sworn.event;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One thing somebody did, or was refused, in a database. Immutable.
 *
 * <p>The typed fields are what nearly every filter and mapping needs; {@code param} keeps MongoDB's
 * own document with exact types, and {@code extra} whatever the other fields do not reproduce, so
 * that {@link io.sworn.event.mongo.MongoAuditMessage#toMessage} gives back the original message.
 *
 * @param id depends on trail and sequence alone
 * @param trail unit of order: one writer, or one file's identity
 * @param sequence position in the trail, from 1
 * @param previous position of the predecessor, 0 for the first; a gap shows here
 * @param kind sort of source
 * @param type MongoDB's {@code atype}
 * @param time when it happened, microseconds precision
 * @param observed when we read it, microseconds precision
 * @param session the client connection
 * @param local endpoint of the server process
 * @param remote peer of the connection
 * @param intermediates hops between both
 * @param users who was authenticated, empty before authentication and on a failed login
 * @param roles granted roles, inherited ones included
 * @param command {@code param.command}
 * @param namespace {@code param.ns}, or {@code param.old} of a rename
 * @param param MongoDB's parameters of the action
 * @param result server error code, 0 = OK
 * @param client joined from earlier messages of the session
 * @param extra members of the original message that the other fields do not reproduce
 */
public record AuditEvent(
    EventId id,
    String trail,
    long sequence,
    long previous,
    EventKind kind,
    String type,
    Instant time,
    Instant observed,
    @Nullable UUID session,
    @Nullable Endpoint local,
    @Nullable Endpoint remote,
    List<Endpoint> intermediates,
    List<UserName> users,
    List<RoleName> roles,
    @Nullable String command,
    @Nullable String namespace,
    BsonBytes param,
    int result,
    @Nullable Client client,
    @Nullable BsonBytes extra) {

  /** Copies the lists and checks the identity. */
  public AuditEvent {
    if (sequence < 1 || previous < 0 || previous >= sequence) {
      throw new IllegalArgumentException(
          "sequence " + sequence + " after " + previous + ": 0 <= previous < sequence expected");
    }
    intermediates = List.copyOf(intermediates);
    users = List.copyOf(users);
    roles = List.copyOf(roles);
  }

  /** Starts an event of {@code type} at a position; the id follows from the position. */
  public static Builder builder(SourcePosition position, EventKind kind, String type) {
    return new Builder(position, kind, type);
  }

  /** The same event with what is known of its client. */
  public AuditEvent withClient(@Nullable Client joined) {
    return toBuilder().client(joined).build();
  }

  /** A builder that holds this event; its identity and kind stay. */
  public Builder toBuilder() {
    return new Builder(new SourcePosition(trail, sequence, previous), kind, type)
        .time(time)
        .observed(observed)
        .session(session)
        .local(local)
        .remote(remote)
        .intermediates(intermediates)
        .users(users)
        .roles(roles)
        .command(command)
        .namespace(namespace)
        .param(param)
        .result(result)
        .client(client)
        .extra(extra);
  }

  /** Collects the members of an event; unset members stay empty. */
  public static final class Builder {
    private final SourcePosition position;
    private final EventKind kind;
    private final String type;
    private Instant time = Instant.EPOCH;
    private Instant observed = Instant.EPOCH;
    private @Nullable UUID session;
    private @Nullable Endpoint local;
    private @Nullable Endpoint remote;
    private List<Endpoint> intermediates = List.of();
    private List<UserName> users = List.of();
    private List<RoleName> roles = List.of();
    private @Nullable String command;
    private @Nullable String namespace;
    private BsonBytes param = BsonBytes.EMPTY;
    private int result;
    private @Nullable Client client;
    private @Nullable BsonBytes extra;

    private Builder(SourcePosition position, EventKind kind, String type) {
      this.position = position;
      this.kind = kind;
      this.type = type;
    }

    /** When it happened. */
    public Builder time(Instant value) {
      time = value;
      return this;
    }

    /** When we read it. */
    public Builder observed(Instant value) {
      observed = value;
      return this;
    }

    /** The client connection. */
    public Builder session(@Nullable UUID value) {
      session = value;
      return this;
    }

    /** Endpoint of the server process. */
    public Builder local(@Nullable Endpoint value) {
      local = value;
      return this;
    }

    /** Peer of the connection. */
    public Builder remote(@Nullable Endpoint value) {
      remote = value;
      return this;
    }

    /** Hops between both. */
    public Builder intermediates(List<Endpoint> value) {
      intermediates = value;
      return this;
    }

    /** Who was authenticated. */
    public Builder users(List<UserName> value) {
      users = value;
      return this;
    }

    /** Granted roles. */
    public Builder roles(List<RoleName> value) {
      roles = value;
      return this;
    }

    /** Name of the command. */
    public Builder command(@Nullable String value) {
      command = value;
      return this;
    }

    /** Database, or database and collection. */
    public Builder namespace(@Nullable String value) {
      namespace = value;
      return this;
    }

    /** Parameters of the action. */
    public Builder param(BsonBytes value) {
      param = value;
      return this;
    }

    /** Server error code. */
    public Builder result(int value) {
      result = value;
      return this;
    }

    /** What the client told of itself. */
    public Builder client(@Nullable Client value) {
      client = value;
      return this;
    }

    /** Members of the original message beyond the others. */
    public Builder extra(@Nullable BsonBytes value) {
      extra = value;
      return this;
    }

    /** The event. */
    public AuditEvent build() {
      return new AuditEvent(
          EventId.of(position.trail(), position.sequence()),
          position.trail(),
          position.sequence(),
          position.previous(),
          kind,
          type,
          time,
          observed,
          session,
          local,
          remote,
          intermediates,
          users,
          roles,
          command,
          namespace,
          param,
          result,
          client,
          extra);
    }
  }
}
