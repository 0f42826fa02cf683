/**
 * A secured document database that speaks MongoDB's wire protocol and audits itself.
 *
 * <p>Enter through {@link io.sworn.database.DatabaseServer}. A command passes {@code network}
 * (access list, TLS), {@code wire} (protocol), {@code command}, {@code authentication}, {@code
 * authorization} and ends in {@code engine}; {@code auditing} sees every step. Each layer refuses
 * on its own.
 */
@NullMarked
package io.sworn.database;

import org.jspecify.annotations.NullMarked;
