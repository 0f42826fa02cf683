package io.sworn.event;

/** Headers of a record in the topic of accounts. */
public final class AccountHeaders {

  /**
   * Which kind of account the value is. A record without this header is the {@link TrailAccount} of
   * its key.
   */
  public static final String KIND = "kind";

  private AccountHeaders() {}
}
