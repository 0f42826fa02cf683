package io.sworn.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.mongo.ExtendedJson;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDbPointer;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonJavaScript;
import org.bson.BsonJavaScriptWithScope;
import org.bson.BsonMaxKey;
import org.bson.BsonMinKey;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonRegularExpression;
import org.bson.BsonString;
import org.bson.BsonSymbol;
import org.bson.BsonTimestamp;
import org.bson.BsonUndefined;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

class BsonBytesTest {

  private static final BsonDocument EVERY_TYPE =
      new BsonDocument("double", new BsonDouble(1.5))
          .append("string", new BsonString("zoë"))
          .append("document", new BsonDocument("", new BsonInt32(1)))
          .append("array", new BsonArray(java.util.List.of(new BsonInt32(1), BsonNull.VALUE)))
          .append("binary", new BsonBinary(new byte[] {1, 2, 3}))
          .append("old", new BsonBinary((byte) 2, new byte[] {1, 2, 3}))
          .append("undefined", new BsonUndefined())
          .append("id", new BsonObjectId(new ObjectId("0123456789abcdef01234567")))
          .append("boolean", BsonBoolean.TRUE)
          .append("date", new BsonDateTime(-1))
          .append("regex", new BsonRegularExpression("^a", "i"))
          .append("pointer", new BsonDbPointer("a.b", new ObjectId("0123456789abcdef01234567")))
          .append("code", new BsonJavaScript("x"))
          .append("symbol", new BsonSymbol("s"))
          .append("scoped", new BsonJavaScriptWithScope("y", new BsonDocument("z", BsonNull.VALUE)))
          .append("int", new BsonInt32(-1))
          .append("timestamp", new BsonTimestamp(-1, 7))
          .append("long", new BsonInt64(Long.MIN_VALUE))
          .append("decimal", new BsonDecimal128(Decimal128.parse("1.50")))
          .append("min", new BsonMinKey())
          .append("max", new BsonMaxKey());

  @Test
  void aDocumentOfEveryTypeIsAccepted() {
    byte[] bytes = BsonBytes.of(EVERY_TYPE).array();
    assertThat(BsonBytes.checked(bytes).toDocument()).isEqualTo(EVERY_TYPE);
  }

  @Property(tries = 3000)
  void whatIsAcceptedCanBeDecodedAndWritten(
      @ForAll @IntRange(max = 10_000) int at, @ForAll @Size(min = 1, max = 4) byte[] change) {
    byte[] bytes = BsonBytes.of(EVERY_TYPE).array();
    for (int i = 0; i < change.length; i++) {
      bytes[(at + i) % bytes.length] = change[i];
    }
    try {
      BsonBytes accepted = BsonBytes.checked(bytes);
      assertThat(ExtendedJson.write(accepted.toDocument())).isNotEmpty();
    } catch (UnreadableEventException refused) {
      assertThat(refused).hasMessageContaining("at byte");
    }
  }

  @Test
  void nestingIsAcceptedUpToTheBoundAndRefusedBeyondItHoweverDeep() {
    assertThat(BsonBytes.checked(nested(BsonBytes.DEPTH_MAX)).toDocument()).hasSize(1);
    for (int depth : new int[] {BsonBytes.DEPTH_MAX + 1, 2_000_000}) {
      byte[] bomb = nested(depth);
      assertThatThrownBy(() -> BsonBytes.checked(bomb))
          .isInstanceOf(UnreadableEventException.class)
          .hasMessageContaining("nested deeper than 250");
    }
  }

  @Test
  void theReasonNamesThePlace() {
    byte[] bytes = HexFormat.of().parseHex("0c0000001061000200000000");
    bytes[4] = 0x42;
    assertThatThrownBy(() -> BsonBytes.checked(bytes))
        .hasMessage("BSON document of 12 bytes: unknown type 66 at byte 7");
  }

  /** Documents in documents, {@code depth} levels, seven bytes each. */
  static byte[] nested(int depth) {
    int size = 7 * depth - 2;
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (int level = 0; level < depth; level++) {
      out.putInt(size - 7 * level);
      if (level < depth - 1) {
        out.put((byte) 3).put((byte) 0);
      }
    }
    return out.array();
  }
}
