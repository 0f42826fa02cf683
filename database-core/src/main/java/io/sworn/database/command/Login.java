package io.sworn.database.command;

import io.sworn.database.authentication.ScramConversation;
import io.sworn.event.UserName;
import org.jspecify.annotations.Nullable;

/** Where the login of one connection stands. */
final class Login {

  /** The login that is being proven, if any. */
  @Nullable ScramConversation conversation;

  /** Whether the client wants no empty exchange at the end. */
  boolean skipEmptyExchange;

  /** Proven, but the client still owes the empty last message. */
  @Nullable UserName proven;

  /** Number of the conversation, to tell a late message of an earlier one. */
  int conversationId;

  /** Forgets an unfinished login. */
  void clear() {
    conversation = null;
    proven = null;
  }
}
