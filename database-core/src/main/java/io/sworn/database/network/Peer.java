package io.sworn.database.network;

import io.sworn.database.wire.MalformedMessageException;
import io.sworn.database.wire.Request;
import io.sworn.database.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind one connection. Methods are called one at a time, never on an event loop;
 * {@link #limits} from any thread.
 */
public interface Peer {

  /** What the peer may send now. */
  WireLimits limits();

  /** Whether the peer has proven who it is. */
  boolean authenticated();

  /**
   * Executes a request.
   *
   * @return the encoded reply document; null if the connection is to be closed without one
   */
  byte @Nullable [] answer(Request request);

  /** The peer sent bytes that are no message; the connection is closed afterwards. */
  void malformed(MalformedMessageException fault);

  /** The connection is closed. Called once. */
  void disconnected();
}
