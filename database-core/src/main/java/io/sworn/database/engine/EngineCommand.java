package io.sworn.database.engine;

import org.bson.BsonDocument;

/**
 * One command that has been authenticated and authorised.
 *
 * @param db database that it is addressed to
 * @param name the command in MongoDB's own spelling ({@code find}, never {@code FIND})
 * @param body the whole document; its first key is {@code name}, document sequences are merged in.
 *     The engine never changes it
 * @param owner who owns the cursors that it opens: {@code getMore} and {@code killCursors} of
 *     another owner do not see them. Compared with {@code equals}
 */
public record EngineCommand(String db, String name, BsonDocument body, Object owner) {}
