package io.sworn.server.demo;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C or a termination signal, taken as a wish: the process stays until everything is stopped,
 * within a bound, and then ends with the code that it is given.
 */
final class Stop implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final int GIVEN_UP = 1;

  private final CountDownLatch wished = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Runnable onWish;
  private final Thread hook = new Thread(this::hold, "stop");
  private volatile int code = GIVEN_UP;

  private Stop(Runnable onWish) {
    this.onWish = onWish;
  }

  /**
   * Takes signals from now on.
   *
   * @param onWish run once, in a thread of its own, when somebody wants it to stop
   */
  static Stop onSignal(Runnable onWish) {
    Stop stop = new Stop(onWish);
    Runtime.getRuntime().addShutdownHook(stop.hook);
    return stop;
  }

  private void hold() {
    wished.countDown();
    onWish.run();
    try {
      boolean clean = finished.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
      Runtime.getRuntime().halt(clean ? code : GIVEN_UP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether somebody wants it to stop. */
  boolean wished() {
    return wished.getCount() == 0;
  }

  /** Waits for that wish, at most so long; whether it came. */
  boolean await(Duration atMost) throws InterruptedException {
    return wished.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The code to end with; what has to be printed is printed before. */
  void code(int value) {
    code = value;
  }

  /** Everything is stopped. Without a signal the process ends as it would have. */
  @Override
  public void close() {
    finished.countDown();
    if (!wished()) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The signal has come just now; the hook sees that all is finished.
        code = code == GIVEN_UP ? 0 : code;
      }
    }
  }
}
