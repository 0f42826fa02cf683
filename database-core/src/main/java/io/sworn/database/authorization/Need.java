package io.sworn.database.authorization;

/** One right that a command needs. */
public record Need(Action action, Resource resource) {}
