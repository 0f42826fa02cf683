package io.sworn.filter.language;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.types.Decimal128;

/**
 * MongoDB's order of values (manual, "Comparison/Sort Order"): across types by class, numbers by
 * their mathematical value, NaN below all numbers and equal to itself.
 */
public final class BsonOrder {

  private BsonOrder() {}

  /** Values of one class are comparable with each other. */
  public static int typeClass(BsonValue value) {
    return switch (value.getBsonType()) {
      case MIN_KEY -> -1;
      case END_OF_DOCUMENT, UNDEFINED -> 0;
      case NULL -> 5;
      case INT32, INT64, DOUBLE, DECIMAL128 -> 10;
      case STRING, SYMBOL -> 15;
      case DOCUMENT -> 20;
      case ARRAY -> 25;
      case BINARY -> 30;
      case OBJECT_ID -> 35;
      case BOOLEAN -> 40;
      case DATE_TIME -> 45;
      case TIMESTAMP -> 47;
      case REGULAR_EXPRESSION -> 50;
      case DB_POINTER -> 55;
      case JAVASCRIPT -> 60;
      case JAVASCRIPT_WITH_SCOPE -> 65;
      case MAX_KEY -> 127;
    };
  }

  /** The whole order. */
  public static int compare(BsonValue a, BsonValue b) {
    int order = Integer.compare(typeClass(a), typeClass(b));
    return order != 0 ? order : sameClass(a, b);
  }

  /** Whether it is a NaN of either number type. */
  public static boolean isNaN(BsonValue v) {
    return v.isDouble() && Double.isNaN(v.asDouble().getValue())
        || v.isDecimal128() && v.asDecimal128().getValue().isNaN();
  }

  private static int sameClass(BsonValue a, BsonValue b) {
    return switch (a.getBsonType()) {
      case INT32, INT64, DOUBLE, DECIMAL128 -> numbers(a, b);
      case STRING, SYMBOL -> text(a).equals(text(b)) ? 0 : bytes(utf8(text(a)), utf8(text(b)));
      case DOCUMENT -> documents(a.asDocument(), b.asDocument());
      case ARRAY -> arrays(a.asArray().iterator(), b.asArray().iterator());
      case BINARY -> binaries(a.asBinary(), b.asBinary());
      case OBJECT_ID ->
          bytes(a.asObjectId().getValue().toByteArray(), b.asObjectId().getValue().toByteArray());
      case BOOLEAN -> Boolean.compare(a.asBoolean().getValue(), b.asBoolean().getValue());
      case DATE_TIME -> Long.compare(a.asDateTime().getValue(), b.asDateTime().getValue());
      case TIMESTAMP ->
          Long.compareUnsigned(a.asTimestamp().getValue(), b.asTimestamp().getValue());
      case REGULAR_EXPRESSION -> {
        int order =
            a.asRegularExpression().getPattern().compareTo(b.asRegularExpression().getPattern());
        yield order != 0
            ? order
            : a.asRegularExpression().getOptions().compareTo(b.asRegularExpression().getOptions());
      }
      case DB_POINTER -> {
        int order = a.asDBPointer().getNamespace().compareTo(b.asDBPointer().getNamespace());
        yield order != 0 ? order : a.asDBPointer().getId().compareTo(b.asDBPointer().getId());
      }
      case JAVASCRIPT -> a.asJavaScript().getCode().compareTo(b.asJavaScript().getCode());
      case JAVASCRIPT_WITH_SCOPE -> {
        int order =
            a.asJavaScriptWithScope().getCode().compareTo(b.asJavaScriptWithScope().getCode());
        yield order != 0
            ? order
            : documents(a.asJavaScriptWithScope().getScope(), b.asJavaScriptWithScope().getScope());
      }
      case NULL, UNDEFINED, END_OF_DOCUMENT, MIN_KEY, MAX_KEY -> 0;
    };
  }

  static int numbers(BsonValue a, BsonValue b) {
    boolean integers = !a.isDouble() && !a.isDecimal128() && !b.isDouble() && !b.isDecimal128();
    if (integers) {
      return Long.compare(a.asNumber().longValue(), b.asNumber().longValue());
    }
    int order = Integer.compare(magnitude(a), magnitude(b));
    return order != 0 || magnitude(a) != 0 ? order : exact(a).compareTo(exact(b));
  }

  /** -2 for NaN, -1 and 1 for the infinities, 0 for finite numbers. */
  private static int magnitude(BsonValue v) {
    if (isNaN(v)) {
      return -2;
    }
    if (v.isDouble()) {
      double d = v.asDouble().getValue();
      return Double.isInfinite(d) ? (d > 0 ? 1 : -1) : 0;
    }
    if (v.isDecimal128() && v.asDecimal128().getValue().isInfinite()) {
      return v.asDecimal128().getValue().isNegative() ? -1 : 1;
    }
    return 0;
  }

  /** Whether it is a number, and neither NaN nor infinite. */
  public static boolean isFinite(BsonValue v) {
    return v.isNumber() && magnitude(v) == 0;
  }

  /** The exact value of a finite number. */
  public static BigDecimal exact(BsonValue v) {
    if (v.isDouble()) {
      return new BigDecimal(v.asDouble().getValue());
    }
    if (v.isDecimal128()) {
      Decimal128 d = v.asDecimal128().getValue();
      // Decimal128 refuses to hand out its negative zero.
      return d.equals(Decimal128.NEGATIVE_ZERO) || isNegativeZero(d)
          ? BigDecimal.ZERO
          : d.bigDecimalValue();
    }
    return BigDecimal.valueOf(v.asNumber().longValue());
  }

  private static boolean isNegativeZero(Decimal128 d) {
    if (!d.isNegative()) {
      return false;
    }
    try {
      return d.bigDecimalValue().signum() == 0;
    } catch (ArithmeticException e) {
      return true; // the only number that it throws for
    }
  }

  static String text(BsonValue v) {
    return v.isString() ? v.asString().getValue() : v.asSymbol().getSymbol();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private static int bytes(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b);
  }

  private static int binaries(BsonBinary a, BsonBinary b) {
    int order = Integer.compare(a.getData().length, b.getData().length);
    order = order != 0 ? order : Integer.compare(a.getType() & 0xFF, b.getType() & 0xFF);
    return order != 0 ? order : bytes(a.getData(), b.getData());
  }

  private static int arrays(Iterator<BsonValue> a, Iterator<BsonValue> b) {
    while (a.hasNext() && b.hasNext()) {
      int order = compare(a.next(), b.next());
      if (order != 0) {
        return order;
      }
    }
    return Boolean.compare(a.hasNext(), b.hasNext());
  }

  private static int documents(BsonDocument left, BsonDocument right) {
    Iterator<Map.Entry<String, BsonValue>> a = left.entrySet().iterator();
    Iterator<Map.Entry<String, BsonValue>> b = right.entrySet().iterator();
    while (a.hasNext() && b.hasNext()) {
      Map.Entry<String, BsonValue> x = a.next();
      Map.Entry<String, BsonValue> y = b.next();
      int order = Integer.compare(typeClass(x.getValue()), typeClass(y.getValue()));
      order = order != 0 ? order : bytes(utf8(x.getKey()), utf8(y.getKey()));
      order = order != 0 ? order : compare(x.getValue(), y.getValue());
      if (order != 0) {
        return order;
      }
    }
    return Boolean.compare(a.hasNext(), b.hasNext());
  }
}
