package io.sworn.event;

import org.jspecify.annotations.Nullable;

/** What the client told of itself, joined from earlier messages of the same session. */
public record Client(
    @Nullable String application,
    @Nullable String driver,
    @Nullable String driverVersion,
    @Nullable String mechanism) {}
