package io.sworn.server.broker;

import io.sworn.event.LocalFiles;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;

/**
 * Watches whether the process lives that started this one, by the input that it holds open. Nobody
 * waits for a broker that does not serve yet: it is halted, which the next start takes as a kill.
 */
final class ParentWatch {

  private final CountDownLatch gone = new CountDownLatch(1);
  private volatile boolean serves;

  private ParentWatch() {}

  /**
   * Begins to watch.
   *
   * @param input what only the parent can end; nothing else may read it
   */
  static ParentWatch start(InputStream input) {
    ParentWatch watch = new ParentWatch();
    Thread thread = new Thread(() -> watch.follow(input), "parent-watch");
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  private void follow(InputStream input) {
    try {
      while (input.read() >= 0) {
        // Nothing is ever sent; only the end matters.
      }
    } catch (IOException e) {
      System.err.println(
          "The parent's input cannot be read, which is taken as its end: " + LocalFiles.reason(e));
    }
    if (!serves) {
      System.err.println("The parent has ended before the broker served: it is not started");
      Runtime.getRuntime().halt(1);
    }
    gone.countDown();
  }

  /** To be called when there is something to stop cleanly: from now on the parent's end does so. */
  void serves() {
    serves = true;
  }

  /** Waits for the parent's end. */
  void awaitGone() throws InterruptedException {
    gone.await();
  }
}
