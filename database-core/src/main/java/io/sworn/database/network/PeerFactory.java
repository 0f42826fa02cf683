package io.sworn.database.network;

import java.net.InetSocketAddress;

/** Makes the peer of a connection that was let in. */
@FunctionalInterface
public interface PeerFactory {

  /** The peer of one connection; called on an event loop, must not block. */
  Peer connected(InetSocketAddress local, InetSocketAddress remote);
}
