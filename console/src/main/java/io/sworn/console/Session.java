package io.sworn.console;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.UUID;

/**
 * One visit of a signed-in user.
 *
 * @param id names the visit in the audit trail
 * @param user who
 * @param remote where the sign-in came from
 * @param local the console's end of that connection
 * @param formToken every form of this visit must carry it
 * @param createdAt when the visit began
 */
record Session(
    UUID id,
    String user,
    InetSocketAddress remote,
    InetSocketAddress local,
    String formToken,
    Instant createdAt) {}
