package io.sworn.database.engine;

import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What MongoDB has and this engine has not: refused as such (115) instead of as a misspelling. */
final class KnownElsewhere {

  private static final Set<String> OPERATORS =
      names(
          "where text jsonSchema bitsAllSet bitsAllClear bitsAnySet bitsAnyClear near nearSphere"
              + " geoWithin geoIntersects geometry minDistance maxDistance rand sampleRate");

  private static final Set<String> STAGES =
      names("bucketAuto setWindowFields densify fill collStats indexStats");

  /** Expressions, and accumulators of {@code $group}. */
  private static final Set<String> EXPRESSIONS =
      names(
          "accumulator acos acosh asin asinh atan atan2 atanh binarySize bitAnd bitNot bitOr bitXor"
              + " bottom bottomN bsonSize cos cosh covariancePop covarianceSamp dateAdd dateDiff"
              + " dateFromParts dateFromString dateSubtract dateToParts dateTrunc"
              + " degreesToRadians denseRank derivative documentNumber expMovingAvg first firstN"
              + " function getField integral isNumber isoDayOfWeek isoWeek isoWeekYear last lastN"
              + " let linearFill locf ltrim maxN median meta millisecond minN percentile"
              + " radiansToDegrees rank regexFind regexFindAll regexMatch replaceAll replaceOne"
              + " round rtrim sampleRate setField shift sin sinh sortArray stdDevPop stdDevSamp"
              + " strcasecmp switch tan tanh toDecimal toHashedIndexKey toUUID top topN trim"
              + " tsIncrement tsSecond type unsetField week zip count mergeObjects concatArrays"
              + " setUnion minMaxScaler");

  private static final Pattern UNKNOWN =
      Pattern.compile("(?:Unrecognized expression|unknown group operator) '(\\$\\w+)'");

  private KnownElsewhere() {}

  private static Set<String> names(String list) {
    return java.util.Arrays.stream(list.split(" "))
        .map("$"::concat)
        .collect(java.util.stream.Collectors.toUnmodifiableSet());
  }

  static boolean operator(String name) {
    return OPERATORS.contains(name);
  }

  static boolean stage(String name) {
    return STAGES.contains(name);
  }

  /** The query library's error, or a better one if it calls unknown what MongoDB knows. */
  static MongoServerError named(MongoServerError error) {
    Matcher unknown = UNKNOWN.matcher(error.getMessageWithoutErrorCode());
    return unknown.find() && EXPRESSIONS.contains(unknown.group(1))
        ? Refusal.notSupported("expression " + unknown.group(1))
        : error;
  }
}
