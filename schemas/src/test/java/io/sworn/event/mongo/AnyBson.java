package io.sworn.event.mongo;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
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
import org.bson.BsonValue;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;

/** Documents at random. */
final class AnyBson {

  private static final ObjectId OBJECT_ID = new ObjectId("0123456789abcdef01234567");

  private final Arbitrary<String> keys;
  private final List<Arbitrary<? extends BsonValue>> leaves;

  private AnyBson(Arbitrary<String> keys, List<Arbitrary<? extends BsonValue>> leaves) {
    this.keys = keys;
    this.leaves = leaves;
  }

  /** What MongoDB's JSON tells apart: no key that looks like a type, no integral double. */
  static Arbitrary<BsonDocument> withJsonOfItsOwn(int depth) {
    List<Arbitrary<? extends BsonValue>> leaves = common();
    leaves.add(
        Arbitraries.doubles()
            .map(d -> d + 0.25)
            .filter(d -> d != Math.rint(d))
            .map(BsonDouble::new));
    leaves.add(Arbitraries.longs().between(-9_000_000_000L, 9_000_000_000L).map(BsonDateTime::new));
    leaves.add(binary(Arbitraries.bytes().filter(subtype -> subtype != 2)));
    return new AnyBson(keys().filter(key -> !key.startsWith("$")), leaves).document(depth);
  }

  /** Every type, every value, every key that BSON can hold. */
  static Arbitrary<BsonDocument> whatever(int depth) {
    Arbitrary<String> special =
        Arbitraries.of(
            "", "$date", "$oid", "$numberLong", "$binary", "a.b", "param", "\u00e4\u0416");
    return everyValue(Arbitraries.oneOf(keys(), special), depth);
  }

  /** Every type and value, but no key that JSON uses for types: those are taken as such. */
  static Arbitrary<BsonDocument> withoutTypeKeys(int depth) {
    return everyValue(keys().filter(key -> !key.startsWith("$")), depth);
  }

  private static Arbitrary<BsonDocument> everyValue(Arbitrary<String> keys, int depth) {
    List<Arbitrary<? extends BsonValue>> leaves = common();
    leaves.add(
        Arbitraries.oneOf(
                Arbitraries.doubles(),
                Arbitraries.of(0.0, -0.0, 1.0, Double.NaN, Double.NEGATIVE_INFINITY))
            .map(BsonDouble::new));
    leaves.add(Arbitraries.longs().map(BsonDateTime::new));
    leaves.add(binary(Arbitraries.bytes()));
    leaves.add(
        Arbitraries.of(
            new BsonSymbol("s"),
            new BsonDbPointer("shop.orders", OBJECT_ID),
            new BsonJavaScriptWithScope("x", new BsonDocument("y", new BsonInt32(1))),
            new BsonDecimal128(Decimal128.NEGATIVE_INFINITY),
            new BsonDecimal128(Decimal128.NEGATIVE_ZERO)));
    return new AnyBson(keys, leaves).document(depth);
  }

  private static Arbitrary<String> keys() {
    return Arbitraries.strings().ofMaxLength(6).excludeChars('\0');
  }

  private static Arbitrary<BsonBinary> binary(Arbitrary<Byte> subtypes) {
    return Combinators.combine(subtypes, Arbitraries.bytes().array(byte[].class))
        .as(BsonBinary::new);
  }

  private static List<Arbitrary<? extends BsonValue>> common() {
    List<Arbitrary<? extends BsonValue>> leaves = new ArrayList<>();
    leaves.add(Arbitraries.strings().map(BsonString::new));
    leaves.add(Arbitraries.integers().map(BsonInt32::new));
    leaves.add(Arbitraries.longs().map(BsonInt64::new));
    leaves.add(Arbitraries.of(true, false).map(BsonBoolean::valueOf));
    leaves.add(
        Arbitraries.of(
            BsonNull.VALUE,
            new BsonMinKey(),
            new BsonMaxKey(),
            new BsonUndefined(),
            new BsonTimestamp(-1, 7),
            new BsonJavaScript("x"),
            new BsonRegularExpression("^a\\.", "i"),
            new BsonObjectId(OBJECT_ID),
            new BsonDecimal128(Decimal128.parse("1.50"))));
    return leaves;
  }

  private Arbitrary<BsonDocument> document(int depth) {
    return Combinators.combine(
            keys.list().ofMaxSize(5).uniqueElements(), value(depth).list().ofSize(5))
        .as(
            (names, values) -> {
              BsonDocument document = new BsonDocument();
              for (int i = 0; i < names.size(); i++) {
                document.put(names.get(i), values.get(i));
              }
              return document;
            });
  }

  private Arbitrary<BsonValue> value(int depth) {
    List<Arbitrary<? extends BsonValue>> all = new ArrayList<>(leaves);
    if (depth > 0) {
      all.add(document(depth - 1));
      all.add(value(depth - 1).list().ofMaxSize(4).map(items -> new BsonArray(items)));
    }
    return Arbitraries.oneOf(all.stream().map(a -> a.map(v -> (BsonValue) v)).toList());
  }
}
