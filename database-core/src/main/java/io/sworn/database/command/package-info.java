/**
 * From a request to its reply: recognise, authorise, audit, execute.
 *
 * <p>{@link io.sworn.database.command.CommandDispatcher} is the one way through; {@link
 * io.sworn.database.command.Session} is one connection. Commands that the engine does not know are
 * answered by the classes named after what they are about.
 */
@NullMarked
package io.sworn.database.command;

import org.jspecify.annotations.NullMarked;
