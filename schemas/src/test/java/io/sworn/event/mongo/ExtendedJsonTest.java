package io.sworn.event.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.BsonBytes;
import io.sworn.event.UnreadableEventException;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExtendedJsonTest {

  @Property(tries = 300)
  void whatIsWrittenIsReadBackBitForBit(@ForAll("documents") BsonDocument document) {
    String text = ExtendedJson.write(document);
    assertThat(BsonBytes.of(ExtendedJson.parse(text))).as(text).isEqualTo(BsonBytes.of(document));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"d\":{\"$date\":\"2022-09-16T01:38:20.034+0000\"}} | 1663292300034",
        "{\"d\":{\"$date\":\"2022-09-16T03:38:20.034+02:00\"}} | 1663292300034",
        "{\"d\":{\"$date\":\"2022-09-16T01:38:20.034Z\"}} | 1663292300034",
        "{\"d\":{\"$date\":{\"$numberLong\":\"-123\"}}} | -123",
        "{\"d\":{\"$date\":1663292300034}} | 1663292300034"
      })
  void everyFormOfADateIsUnderstood(String text, long millis) {
    assertThat(ExtendedJson.parse(text).getDateTime("d").getValue()).isEqualTo(millis);
  }

  @Test
  void bareNotANumberAndInfinityAreRead() {
    BsonDocument document = ExtendedJson.parse("{\"a\":NaN,\"b\":Infinity,\"c\":-Infinity}");
    assertThat(document.getDouble("a").getValue()).isNaN();
    assertThat(document.getDouble("c").getValue()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(ExtendedJson.parse(ExtendedJson.write(document))).isEqualTo(document);
  }

  @Test
  void aBareNumberThatNoInt32IsIsTheDoubleThatAServerWroteAndIsWrittenTheSame() {
    for (String number :
        List.of(
            "3000000000",
            "-3000000000",
            "1772442003100",
            "9007199254740991",
            "-151151379536686784",
            "-0")) {
      String text = "{ \"n\" : " + number + " }";
      BsonDocument document = ExtendedJson.parse(text);
      assertThat(document.isDouble("n")).as(text).isTrue();
      assertThat(ExtendedJson.write(document)).isEqualTo(text);
    }
    assertThat(ExtendedJson.parse("{\"n\":9007199254740993}").getInt64("n").getValue())
        .as("not rounded")
        .isEqualTo(9007199254740993L);
  }

  @Test
  void whatOnlyLooksLikeATypedValueStaysADocument() {
    for (String text :
        List.of(
            "{ \"f\" : { \"$date\" : \"yesterday\" } }",
            "{ \"f\" : { \"$oid\" : \"zz\" } }",
            "{ \"f\" : { \"$numberLong\" : \"many\" } }",
            "{ \"f\" : { \"$binary\" : \"%%\", \"$type\" : \"00\" } }",
            "{ \"f\" : { \"$numberLong\" : \"007\" } }",
            "{ \"f\" : { \"$oid\" : \"0123456789ABCDEF01234567\" } }",
            "{ \"f\" : { \"$binary\" : \"AB==\", \"$type\" : \"00\" } }",
            "{ \"f\" : { \"$type\" : \"00\", \"$binary\" : \"AA==\" } }",
            "{ \"f\" : { \"$regex\" : \"a\", \"$options\" : \"xi\" } }",
            "{ \"f\" : { \"$options\" : \"i\", \"$regex\" : \"a\" } }",
            "{ \"f\" : { \"$uuid\" : \"1-1-1-1-1\" } }",
            "{ \"f\" : { \"$timestamp\" : { \"t\" : 10000000000, \"i\" : 1 } } }",
            "{ \"f\" : { \"$timestamp\" : { \"t\" : 1, \"i\" : 1.5 } } }",
            "{ \"f\" : { \"$timestamp\" : { \"t\" : 1, \"i\" : -1 } } }",
            "{ \"f\" : { \"$timestamp\" : { \"t\" : 1, \"i\" : 1, \"more\" : 1 } } }",
            "{ \"f\" : { \"$binary\" : { \"base64\" : \"AA==\", \"subType\" : \"00\", \"more\" : 1 } } }",
            "{ \"f\" : { \"$binary\" : { \"base64\" : \"AA==\", \"subType\" : \"+4\" } } }",
            "{ \"f\" : { \"$regularExpression\" : { \"pattern\" : \"a\", \"options\" : \"i\", \"more\" : 1 } } }",
            "{ \"f\" : { \"$date\" : 1.0e+300 } }",
            "{ \"f\" : { \"$date\" : \"2020-01-01T00:00:00.123456Z\" } }",
            "{ \"f\" : { \"$date\" : \"+999999999-12-31T23:59:59Z\" } }",
            "{ \"f\" : { \"$numberInt\" : \"007\" } }",
            "{ \"f\" : { \"$numberDouble\" : \"0x1p3\" } }",
            "{ \"f\" : { \"$numberDouble\" : \"1d\" } }",
            "{ \"f\" : { \"$regex\" : \"a\\u0000b\", \"$options\" : \"i\" } }",
            "{ \"f\" : { \"$in\" : [ 1 ] } }",
            "{ \"f\" : { \"$regex\" : \"a\" } }")) {
      BsonDocument document = ExtendedJson.parse(text);
      assertThat(document.get("f").isDocument()).as(text).isTrue();
      assertThat(ExtendedJson.write(document)).isEqualTo(text);
    }
  }

  @Test
  void regularExpressionsStayOperatorsInFilters() {
    String text = "{\"a\":{\"$regex\":\"^x\",\"$options\":\"i\"}}";
    assertThat(ExtendedJson.parse(text).get("a").isRegularExpression()).isTrue();
    assertThat(ExtendedJson.parseFilter(text).get("a").isDocument()).isTrue();
  }

  @Test
  void tooDeepTooBrokenAndDoubledTextIsRefusedWithItsPlace() {
    String deep = "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000);
    assertThatThrownBy(() -> ExtendedJson.parse(deep))
        .isInstanceOf(UnreadableEventException.class)
        .hasMessageContaining("depth");
    assertThatThrownBy(() -> ExtendedJson.parse("{\"a\":1,\n \"a\":2}"))
        .hasMessageContaining("line 2");
    assertThatThrownBy(() -> ExtendedJson.parse("{\"a\":1} x"))
        .isInstanceOf(UnreadableEventException.class);
    assertThatThrownBy(() -> ExtendedJson.parse("")).hasMessageContaining("empty");
    assertThatThrownBy(() -> ExtendedJson.parse("[1]")).hasMessageContaining("not a JSON object");
  }

  @Test
  void aTimestampHasThirtyTwoBitsWithoutASign() {
    BsonDocument document =
        ExtendedJson.parse("{\"f\":{\"$timestamp\":{\"t\":4294967295,\"i\":2147483648}}}");
    assertThat(document.getTimestamp("f").getTime()).isEqualTo(-1);
    assertThat(document.getTimestamp("f").getInc()).isEqualTo(Integer.MIN_VALUE);
  }

  @Test
  void whatNoBsonCanHoldIsRefusedWithItsPlace() {
    String half = "half of a surrogate pair, which is no character at line 1, column ";
    Map.of(
            "{\"a\":1,\n \"b\\u0000c\":1}", "a zero character in a key at line 2, column 2",
            "{\"a\":\"x\\ud800y\"}", half + 6,
            "{\"a\":[1,\"x\\ude00\\ud83d\"]}", half + 9)
        .forEach(
            (text, reason) ->
                assertThatThrownBy(() -> ExtendedJson.parse(text))
                    .isInstanceOf(UnreadableEventException.class)
                    .hasMessage(reason));
  }

  @Test
  void aWholeSurrogatePairIsACharacter() {
    assertThat(ExtendedJson.parse("{\"a\":\"\\ud83d\\ude00\"}").getString("a").getValue())
        .isEqualTo("\ud83d\ude00");
  }

  @Property(tries = 500)
  void randomTextIsReadOrRefusedAndNothingElse(@ForAll String text) {
    try {
      ExtendedJson.parse("{" + text);
    } catch (UnreadableEventException expected) {
      assertThat(expected).hasMessageContaining(" ");
    }
  }

  @Provide
  Arbitrary<BsonDocument> documents() {
    return AnyBson.withJsonOfItsOwn(3);
  }
}
