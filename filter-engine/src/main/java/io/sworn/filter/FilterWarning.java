package io.sworn.filter;

/**
 * Something in a valid filter that is probably not what its author meant.
 *
 * @param path place in the filter, for instance {@code $or[1].param.ns}
 * @param message what is suspicious and what to write instead
 */
public record FilterWarning(String path, String message) {}
