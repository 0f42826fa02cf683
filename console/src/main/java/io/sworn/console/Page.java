package io.sworn.console;

import org.jspecify.annotations.Nullable;

/**
 * What every page needs around its content.
 *
 * @param title of the window
 * @param here path of the menu entry that is open, empty if none is
 * @param session who looks, absent before sign-in
 */
record Page(String title, String here, @Nullable Session session) {}
