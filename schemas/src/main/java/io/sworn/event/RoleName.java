package io.sworn.event;

/** A granted role and the database that holds it. */
public record RoleName(String role, String db) {}
