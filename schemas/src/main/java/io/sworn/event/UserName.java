package io.sworn.event;

/** An authenticated user and the database that holds it. */
public record UserName(String user, String db) {}
