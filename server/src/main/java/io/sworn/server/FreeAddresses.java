package io.sworn.server;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Looks whether addresses can be listened on, before anything is started. */
final class FreeAddresses {

  private FreeAddresses() {}

  /**
   * Listens on all of them for a moment, so that two of them that are the same are found as well.
   *
   * @param addresses by the key that configures them
   * @throws SwornException naming each that is taken, with its key
   */
  static void check(SortedMap<String, InetSocketAddress> addresses) {
    List<String> problems = new ArrayList<>();
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (Map.Entry<String, InetSocketAddress> entry : addresses.entrySet()) {
        InetSocketAddress address = entry.getValue();
        try {
          ServerSocket socket = new ServerSocket();
          held.add(socket);
          socket.setReuseAddress(true); // as those who listen later do
          socket.bind(address);
        } catch (IOException e) {
          problems.add(
              entry.getKey() + ": " + text(address) + " cannot be listened on: " + reason(e));
        }
      }
    } finally {
      held.forEach(FreeAddresses::release);
    }
    if (!problems.isEmpty()) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          String.join("\n", problems)
              + "\nEnd what listens there, or name other addresses in sworn.yaml; port 0 takes a"
              + " free one.");
    }
  }

  private static String reason(IOException e) {
    String text = LocalFiles.reason(e);
    return text.startsWith("Address already in use") ? "it is taken" : text;
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private static void release(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.INTERNAL, "an address that was tried stays taken: " + LocalFiles.reason(e), e);
    }
  }
}
