package io.sworn.database.wire;

/**
 * What a peer may send in one message.
 *
 * @param frameBytesMax longest frame, also after inflation
 * @param depthMax deepest nesting of documents and arrays
 * @param elementsMax most elements in all documents of a message together: a decoded element takes
 *     about fifty bytes of memory for as little as three on the wire
 */
public record WireLimits(int frameBytesMax, int depthMax, int elementsMax) {

  /** For a peer that has not proven who it is: room for a handshake, times all connections. */
  public static final WireLimits STRANGER = new WireLimits(1 << 16, 20, 5_000);

  /** For an authenticated peer; MongoDB's own limits of size and depth. */
  public static final WireLimits KNOWN = new WireLimits(48_000_000, 200, 3_000_000);
}
