package io.sworn.event;

import java.util.Optional;

/**
 * What a record's header {@link RouteHeaders#CLIENT} says of the connection that an event came
 * over: a {@link Client} in JSON. It is no part of the event, whose bytes stay as they were.
 */
public final class ClientHeader {

  private ClientHeader() {}

  /** The header's value. */
  public static byte[] write(Client client) {
    return SwornJson.write(client);
  }

  /** What the header says; empty if it is not one of ours, as the event is worth more than it. */
  public static Optional<Client> read(byte[] value) {
    try {
      return Optional.ofNullable(SwornJson.read(value, Client.class));
    } catch (SwornException e) {
      return Optional.empty();
    }
  }
}
