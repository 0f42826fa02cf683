/**
 * One encrypted file that holds documents, index keys, the catalogue, the server's own records and
 * the audit events of the last commits.
 *
 * <p>Enter through {@link io.sworn.database.storage.EncryptedStore}. The file is an SQLite database
 * whose pages are encrypted with AES-256-CBC and authenticated with HMAC-SHA512 (the format of
 * SQLCipher 4) under a random raw key. No text of a client ever becomes SQL: all statements are
 * fixed, all values are bound. Nothing in here is safe for several threads; the engine's lock is.
 */
@NullMarked
package io.sworn.database.storage;

import org.jspecify.annotations.NullMarked;
