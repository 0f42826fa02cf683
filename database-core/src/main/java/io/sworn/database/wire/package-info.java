/**
 * MongoDB's wire protocol: bytes to commands and replies to bytes.
 *
 * <p>Enter through {@link io.sworn.database.wire.MessageCodec}. Nothing here trusts a byte: {@link
 * io.sworn.database.wire.FrameDecoder} bounds frames, {@link io.sworn.database.wire.BsonGuard}
 * checks every document without recursion before it is decoded.
 */
@NullMarked
package io.sworn.database.wire;

import org.jspecify.annotations.NullMarked;
