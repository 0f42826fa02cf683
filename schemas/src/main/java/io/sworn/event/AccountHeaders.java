package io.sworn.event;

/** Headers of a record in the topics of accounts and of deliveries. */
public final class AccountHeaders {

  /**
   * Which kind of record the value is. Without this header it is the {@link TrailAccount} of its
   * key, or a {@link DeliveryReceipt}.
   */
  public static final String KIND = "kind";

  private AccountHeaders() {}
}
