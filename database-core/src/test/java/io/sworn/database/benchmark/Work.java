package io.sworn.database.benchmark;

/** One operation of a phase. */
@FunctionalInterface
interface Work {
  /**
   * Does it once.
   *
   * @param thread which of the phase's threads
   * @param number counts up from 0 within the thread
   */
  void run(int thread, int number);
}
