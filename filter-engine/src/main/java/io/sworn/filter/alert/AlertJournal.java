package io.sworn.filter.alert;

/**
 * Where an {@link AlertBook} writes each change of its state, so that {@link AlertBook#restore} can
 * bring it back. A change is durable when the host says so; the host commits it together with the
 * alerts that it caused.
 */
public interface AlertJournal {

  /** Sets an entry. The bytes are not changed afterwards. */
  void put(String key, byte[] value);

  /** Removes an entry. */
  void delete(String key);

  /** Forgets everything: for trying rules out. */
  static AlertJournal none() {
    return new AlertJournal() {
      @Override
      public void put(String key, byte[] value) {}

      @Override
      public void delete(String key) {}
    };
  }
}
