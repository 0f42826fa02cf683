package io.sworn.database.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class BsonGuardTest {

  @Test
  void everyTypeOfBsonPasses() {
    byte[] all =
        Frames.bson(
            "{a: 1.5, b: 'text ü 漢 😀', c: {d: {}}, e: [1, [2]], f: {$binary: {base64: 'AAE=',"
                + " subType: '00'}}, g: {$undefined: true}, h: {$oid: '65e1f0a2c3d4e5f607182955'},"
                + " i: true, j: {$date: 0}, k: null, l: {$regex: 'x', $options: 'i'}, m: {$code:"
                + " '1'}, n: {$symbol: 's'}, o: {$numberInt: '1'}, p: {$timestamp: {t: 1, i: 2}},"
                + " q: {$numberLong: '2'}, r: {$numberDecimal: '1.5'}, s: {$minKey: 1}, t:"
                + " {$maxKey: 1}}");
    assertThat(check(all, WireLimits.STRANGER)).isEqualTo(all.length);
  }

  @Test
  void nestingBeyondTheLimitIsRefusedWithoutRecursion() {
    assertThat(check(Frames.nested(199), WireLimits.KNOWN)).isPositive();
    refused(Frames.nested(201), "nested deeper than 200");
    refused(Frames.nested(100_000), "nested deeper");
    assertThatThrownBy(() -> check(Frames.nested(21), WireLimits.STRANGER))
        .hasMessageContaining("nested deeper than 20");
  }

  @Test
  void moreElementsThanAllowedAreRefused() {
    byte[] element = {10, 'a', 0};
    byte[] many = new byte[3 * 30_000 + 5];
    for (int i = 0; i < 30_000; i++) {
      System.arraycopy(element, 0, many, 4 + 3 * i, 3);
    }
    System.arraycopy(Frames.int32(many.length), 0, many, 0, 4);
    assertThatThrownBy(() -> check(many, WireLimits.STRANGER))
        .hasMessageContaining("more elements");
  }

  @Test
  void lengthsThatLieAreRefused() {
    byte[] text = Frames.bson("{a: 'hello'}");
    for (int lie : new int[] {0, -1, 4, 5, 7, 100, Integer.MAX_VALUE}) {
      byte[] bytes = text.clone();
      System.arraycopy(Frames.int32(lie), 0, bytes, 7, 4);
      refused(bytes, "BSON at byte");
    }
    for (int lie : new int[] {0, 3, -1, text.length - 1, text.length + 1, Integer.MIN_VALUE}) {
      byte[] bytes = text.clone();
      System.arraycopy(Frames.int32(lie), 0, bytes, 0, 4);
      refused(bytes, "BSON at byte");
    }
  }

  @Test
  void innerDocumentCannotReachBeyondTheOuterOne() {
    byte[] inner = Frames.bson("{a: {b: 1}}");
    byte[] bytes = inner.clone();
    System.arraycopy(Frames.int32(13), 0, bytes, 7, 4);
    refused(bytes, "BSON at byte");
  }

  @Test
  void badUtf8IsRefusedInNamesAndValues() {
    byte[] value = Frames.bson("{a: 'hello'}");
    value[12] = (byte) 0xC3;
    refused(value, "not UTF-8");
    byte[] name = Frames.bson("{abc: 1}");
    name[6] = (byte) 0xFF;
    refused(name, "not UTF-8");
  }

  @Test
  void unknownTypesAndCodeWithScopeAreRefused() {
    byte[] bytes = Frames.bson("{a: 1}");
    bytes[4] = 0x42;
    refused(bytes, "unknown type");
    bytes[4] = 0x0F;
    refused(bytes, "code with scope");
  }

  private static int check(byte[] bytes, WireLimits limits) {
    return new BsonGuard(bytes, limits).check(0, bytes.length);
  }

  private static void refused(byte[] bytes, String reason) {
    assertThatThrownBy(() -> check(bytes, WireLimits.KNOWN))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining(reason);
  }
}
