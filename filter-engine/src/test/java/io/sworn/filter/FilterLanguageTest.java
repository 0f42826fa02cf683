package io.sworn.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.BsonBytes;
import io.sworn.event.mongo.ExtendedJson;
import io.sworn.filter.language.FilterParser;
import io.sworn.filter.matcher.FilterMatcher;
import io.sworn.filter.matcher.Judging;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterLanguageTest {

  private static Decision judge(String filter, String message) {
    BsonDocument document = ExtendedJson.parse(message);
    Decision decision = AuditFilter.compile(filter).judge(document);
    Judging judging = FilterMatcher.of(List.of(FilterParser.parse(filter))).judging();
    judging.judgeMessage(BsonBytes.of(document).array());
    assertThat(judging.decision(0)).as("the compiled filter").isEqualTo(decision);
    return decision;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        // null below an array
        "{'a.b':null} | {} | KEEP",
        "{'a.b':null} | {'a':{}} | KEEP",
        "{'a.b':null} | {'a':[{}]} | KEEP",
        "{'a.b':null} | {'a':{'b':null}} | KEEP",
        "{'a.b':null} | {'a':[]} | DROP",
        "{'a.b':null} | {'a':[null]} | DROP",
        "{'a.b':null} | {'a':[4]} | DROP",
        "{'a':null} | {'a':{'$undefined':true}} | DROP",
        // numbers by exact value
        "{'a':9007199254740993} | {'a':9007199254740992.0} | DROP",
        "{'a':{'$gt':9007199254740992.0}} | {'a':9007199254740993} | KEEP",
        "{'a':{'$numberDecimal':'0.1'}} | {'a':0.1} | DROP",
        "{'a':{'$numberDecimal':'-0'}} | {'a':0} | KEEP",
        "{'a':{'$gte':NaN}} | {'a':NaN} | KEEP",
        "{'a':{'$gt':NaN}} | {'a':NaN} | DROP",
        "{'a':{'$lt':5}} | {'a':NaN} | DROP",
        "{'a':{'$lt':{'$numberDecimal':'Infinity'}}} | {'a':1e308} | KEEP",
        // type brackets and the ends of the order
        "{'a':{'$gt':{'$minKey':1}}} | {'a':'x'} | KEEP",
        "{'a':{'$gt':1}} | {'a':true} | DROP",
        // binary: length, then subtype, then bytes
        "{'a':{'$gt':{'$binary':'/w==','$type':'00'}}} | {'a':{'$binary':'AAA=','$type':'00'}} | KEEP",
        "{'a':{'$oid':'65f000000000000000000001'}} | {'a':{'$oid':'65f000000000000000000001'}} | KEEP",
        // arrays
        "{'a.0':1} | {'a':[[1,2]]} | DROP",
        "{'a.0':[1,2]} | {'a':[[1,2]]} | KEEP",
        "{'a.0.1':2} | {'a':[[1,2]]} | KEEP",
        "{'a.b':1} | {'a':[[{'b':1}]]} | DROP",
        "{'a':{'$elemMatch':{'$gt':1,'$lt':3}}} | {'a':[0,2]} | KEEP",
        "{'a':{'$elemMatch':{'$gt':1,'$lt':3}}} | {'a':[0,4]} | DROP",
        "{'a':{'$elemMatch':{'$elemMatch':{'$eq':1}}}} | {'a':[[1]]} | KEEP",
        "{'a':[]} | {'a':[[]]} | KEEP",
        "{'a':{'$exists':0}} | {'b':1} | KEEP",
        "{'a':{'$mod':[4,1]}} | {'a':5.9} | KEEP",
        "{'a':{'$mod':[4,1]}} | {'a':-3} | DROP",
        "{'a':{'$mod':[4,-3]}} | {'a':-7.5} | KEEP",
        "{'a':{'$mod':[10,0]}} | {'a':1e20} | DROP",
        "{'a':{'$mod':[10,8]}} | {'a':{'$numberDecimal':'-9223372036854775808'}} | DROP",
        "{'a':{'$mod':[10,-8]}} | {'a':{'$numberDecimal':'-9223372036854775808.5'}} | KEEP",
        "{'a':{'$mod':[10,0]}} | {'a':{'$numberDecimal':'1E+6000'}} | DROP",
        "{'a':{'$mod':[1,0]}} | {'a':NaN} | DROP",
        // $all, $elemMatch, $size, $type, $in, $exists in their corners
        "{'a':{'$all':[[1,2]]}} | {'a':[1,2]} | KEEP",
        "{'a':{'$all':[[1,2]]}} | {'a':[[1,2],3]} | KEEP",
        "{'a':{'$all':[1,2]}} | {'a':[[1,2]]} | DROP",
        "{'a':{'$all':[null]}} | {} | KEEP",
        "{'a':{'$all':[{'$elemMatch':{'b':1}},{'$elemMatch':{'b':2}}]}} | {'a':[{'b':1},{'b':2}]} | KEEP",
        "{'a':{'$elemMatch':{'b':1}}} | {'a':{'b':1}} | DROP",
        "{'a':{'$elemMatch':{'$ne':1}}} | {'a':[]} | DROP",
        "{'a':{'$elemMatch':{}}} | {'a':[1]} | DROP",
        "{'a':{'$elemMatch':{}}} | {'a':[{}]} | KEEP",
        "{'a':{'$elemMatch':{'b':null}}} | {'a':[1,{}]} | KEEP",
        "{'a':{'$elemMatch':{'$size':1}}} | {'a':[[1]]} | KEEP",
        "{'a.0':{'$elemMatch':{'$eq':1}}} | {'a':[[1]]} | KEEP",
        "{'a':{'$size':0}} | {'a':{}} | DROP",
        "{'a':{'$size':0}} | {} | DROP",
        "{'a.b':{'$size':2}} | {'a':[{'b':1},{'b':[1,2]}]} | KEEP",
        "{'a':{'$type':'array'}} | {'a':[1]} | KEEP",
        "{'a':{'$type':['string','number']}} | {'a':[true,{'$numberDecimal':'1'}]} | KEEP",
        "{'a':{'$type':-1}} | {'a':{'$minKey':1}} | KEEP",
        "{'a':{'$type':[2,16.0]}} | {'a':1} | KEEP",
        "{'a':{'$in':[null,{'$regex':'^x'}]}} | {} | KEEP",
        "{'a':{'$in':[null,{'$regex':'^x','$options':''}]}} | {'a':[1,'xy']} | KEEP",
        "{'a':{'$nin':[null]}} | {'a':[null]} | DROP",
        "{'a':{'$nin':[]}} | {} | KEEP",
        "{'a.b':{'$ne':null}} | {'a':[{'b':1},{}]} | DROP",
        "{'a.b':{'$exists':false}} | {'a':[{'b':1},{}]} | DROP",
        "{'a.b':{'$exists':false}} | {'a':[]} | KEEP",
        "{'a.1':null} | {'a':[0]} | DROP",
        "{'a.1':{'$exists':false}} | {'a':[0]} | KEEP",
        "{'a.0':1} | {'a':{'0':1}} | KEEP",
        "{'a.0':1} | {'a':[{'0':1}]} | KEEP",
        "{'a.00':1} | {'a':[1]} | DROP",
        "{'a.0.b':null} | {'a':[4]} | DROP",
        "{'a.b':null} | {'a':4} | KEEP",
        "{'a..b':1} | {'a':{'':{'b':1}}} | KEEP",
        "{'a.':1} | {'a':{'':1}} | KEEP",
        "{'':1} | {'':1} | KEEP",
        "{'$nor':[{}]} | {'a':1} | DROP",
        // order within and across classes
        "{'a':{'$gt':[1]}} | {'a':[2]} | KEEP",
        "{'a':{'$gt':[1]}} | {'a':2} | DROP",
        "{'a':{'$gt':{'x':1}}} | {'a':{'x':1,'y':0}} | KEEP",
        "{'a':{'$gt':{'x':9}}} | {'a':{'b':'s'}} | KEEP",
        "{'a':{'x':1,'y':2}} | {'a':{'x':1.0,'y':{'$numberLong':'2'}}} | KEEP",
        "{'a':{'$lte':{'$numberLong':'9223372036854775807'}}} | {'a':9223372036854775808.0} | DROP",
        "{'a':{'$lt':-Infinity}} | {'a':{'$numberDecimal':'-Infinity'}} | DROP",
        "{'a':{'$gte':{'$numberDecimal':'NaN'}}} | {'a':NaN} | KEEP",
        "{'a':{'$ne':NaN}} | {'a':NaN} | DROP",
        "{'a':-0.0} | {'a':{'$numberDecimal':'0E+5'}} | KEEP",
        "{'a':{'$gt':{'$date':0}}} | {'a':{'$timestamp':{'t':5,'i':1}}} | DROP",
        "{'a':{'$binary':'AA==','$type':'00'}} | {'a':{'$binary':'AA==','$type':'05'}} | DROP",
        "{'a':{'$lt':{'$maxKey':1}}} | {} | KEEP",
        "{'a':{'$lt':{'$maxKey':1}}} | {'a':{'$maxKey':1}} | DROP",
        "{'a':{'$gte':null}} | {'a':{'$undefined':true}} | DROP",
        // patterns: words and lines as PCRE sees them
        "{'a':{'$regex':'\\\\bfoo\\\\b'}} | {'a':'\u00e9foo!'} | KEEP",
        "{'a':{'$regex':'\\\\bfoo\\\\b'}} | {'a':'food'} | DROP",
        "{'a':{'$regex':'\\\\Bfoo'}} | {'a':'\u00e9foo'} | DROP",
        "{'a':{'$regex':'(?i)m\u00fcller'}} | {'a':'M\u00dcLLER'} | KEEP",
        "{'a':{'$regex':'m\u00fcller','$options':'i'}} | {'a':'M\u00dcLLER'} | KEEP",
        "{'a':{'$regex':'^$','$options':'m'}} | {'a':''} | KEEP",
        "{'a':{'$regex':'^b','$options':'m'}} | {'a':'a\\nb'} | KEEP",
        "{'a':{'$regex':'(?m)^b'}} | {'a':'a\\nb'} | KEEP",
        "{'a':{'$regex':'a.b'}} | {'a':'a\\nb'} | DROP",
        "{'a':{'$regex':'a.b'}} | {'a':'a\\rb'} | KEEP",
        "{'a':{'$regex':'a.b','$options':'s'}} | {'a':'a\\nb'} | KEEP",
        "{'a':{'$regex':'a [ #] b # end','$options':'x'}} | {'a':'a b'} | KEEP",
        "{'a':{'$regex':'a [ #] b # end','$options':'x'}} | {'a':'ab'} | DROP",
        "{'a':{'$regex':'^[ -~]+$'}} | {'a':'plain text'} | KEEP",
        "{'a':{'$regex':'{x}{2}$'}} | {'a':'{x}}'} | KEEP",
        "{'a':{'$regex':'^\\\\x{41}{2}\\\\p{Lu}$'}} | {'a':'AA\u00c4'} | KEEP",
        "{'a':{'$not':{'$regex':'^x'}}} | {'a':5} | KEEP",
        // networks, which MongoDB does not have
        "{'a':{'$cidr':'10.0.0.0/8'}} | {'a':'10.1.2.3'} | KEEP",
        "{'a':{'$cidr':['192.0.2.0/24','2001:db8::/32']}} | {'a':['x','2001:db8::1']} | KEEP",
        "{'a':{'$not':{'$cidr':'10.0.0.0/8'}}} | {'a':'::ffff:10.1.2.3'} | DROP",
        "{'a':{'$cidr':'10.0.0.0/8'}} | {'a':10} | DROP",
      })
  void meansWhatMongoDbMeans(String filter, String message, Decision expected) {
    assertThat(judge(filter.replace('\'', '"'), message.replace('\'', '"'))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'a':{'$ne':{'$regex':'x'}}} | a.$ne | can't have regex as arg to $ne",
        "{'a':{'$ne':{'$regex':'x','$options':'i'}}} | a.$ne | can't have regex as arg to $ne",
        "{'a':{'$ne':{'$regularExpression':{'pattern':'x','options':''}}}} | a.$ne | $not",
        "{'a':{'$not':{'$ne':{'$regex':'x'}}}} | a.$not.$ne | can't have regex as arg to $ne",
        "{'a':{'$elemMatch':{'$ne':{'$regex':'x'}}}} | a.$elemMatch.$ne | as arg to $ne",
        "{'a':{'$gt':{'$regex':'x'}}} | a.$gt | can't have regex as arg to $gt",
        "{'a':{'$gte':{'$regex':'x'}}} | a.$gte | can't have regex as arg to $gte",
        "{'a':{'$lt':{'$regularExpression':{'pattern':'x','options':''}}}} | a.$lt | arg to $lt",
        "{'a':{'$lte':{'$regex':'x'}}} | a.$lte | can't have regex as arg to $lte",
        "{'a':{'$in':[{'$gt':1}]}} | a.$in[0] | cannot nest $ under $in",
        "{'a':{'$nin':[1,{'$regex':'x','$gt':1}]}} | a.$nin[1] | cannot nest $ under $in",
        "{'a':{'$all':[1,{'$gt':1}]}} | a.$all[1] | cannot nest $ under $all",
      },
      quoteCharacter = '~')
  void refusesPatternsWhereMongoDbDoes(String filter, String path, String reason) {
    assertThatThrownBy(() -> AuditFilter.compile(filter.replace('\'', '"')))
        .isInstanceOfSatisfying(
            InvalidFilterException.class,
            e -> {
              assertThat(e.path()).isEqualTo(path);
              assertThat(e.reason()).contains(reason);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'a':{'$not':{'$regex':'^x'}}} | {'a':'xy'} | DROP",
        "{'a':{'$not':{'$regularExpression':{'pattern':'^x','options':''}}}} | {'a':'xy'} | DROP",
        "{'a':{'$nin':[{'$regex':'^x','$options':'i'}]}} | {'a':'XY'} | DROP",
        "{'a':{'$nin':[{'$regularExpression':{'pattern':'^x','options':''}}]}} | {'a':'y'} | KEEP",
        "{'a':{'$all':[{'$regex':'^x','$options':''}]}} | {'a':'xy'} | KEEP",
        "{'a':{'$all':[{'$regex':'^x'}]}} | {'a':'xy'} | KEEP",
        "{'a':{'$nin':[{'$regex':'^x'}]}} | {'a':'xy'} | DROP",
      },
      quoteCharacter = '~')
  void takesPatternsWhereMongoDbDoes(String filter, String message, Decision expected) {
    assertThat(judge(filter.replace('\'', '"'), message.replace('\'', '"'))).isEqualTo(expected);
  }

  @Test
  void hostilePatternAnswersWithinASecond() {
    String name = "a".repeat(50_000) + "!";
    Instant start = Instant.now();
    Decision decision =
        judge(
            "{\"users.user\":{\"$regex\":\"(a+)+$\"}}",
            "{\"users\":[{\"user\":\"" + name + "\",\"db\":\"x\"}]}");
    assertThat(decision).isEqualTo(Decision.UNDECIDABLE);
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void deepAndLongFiltersAreRefusedWithAMessage() {
    assertThatThrownBy(
            () -> AuditFilter.compile("{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000)))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("StreamReadConstraints"))
        .isInstanceOf(InvalidFilterException.class);
    assertThatThrownBy(() -> AuditFilter.compile("{\"$and\":[".repeat(90) + "{}" + "]}".repeat(90)))
        .isInstanceOf(InvalidFilterException.class)
        .hasMessageContaining("nested");
    assertThatThrownBy(() -> AuditFilter.compile("{\"a\":\"" + "x".repeat(20_000_000) + "\"}"))
        .isInstanceOf(InvalidFilterException.class)
        .hasMessageContaining("at most");
  }

  @Test
  void extensionsAreRefusedWhereAFilterMustBeStrict() {
    AuditFilter own =
        AuditFilter.compile("{\"$or\":[{\"atype\":\"x\"},{\"remote.ip\":{\"$cidr\":\"::/0\"}}]}");
    assertThatThrownBy(own::strict)
        .isInstanceOfSatisfying(
            InvalidFilterException.class,
            e -> assertThat(e.path()).isEqualTo("$or[1].remote.ip.$cidr"));
    AuditFilter mongo = AuditFilter.compile("{\"atype\":\"x\"}");
    assertThat(mongo.strict()).isSameAs(mongo);
  }

  @Test
  void errorNamesThePlace() {
    assertThatThrownBy(
            () -> AuditFilter.compile("{\"$or\":[{},{\"param.ns\":{\"$regex\":\"(\"}}]}"))
        .isInstanceOfSatisfying(
            InvalidFilterException.class,
            e -> assertThat(e.path()).isEqualTo("$or[1].param.ns.$regex"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'a':{'$regex':'(?R)'}} | a.$regex | recursion",
        "{'a':{'$mod':[NaN,0]}} | a.$mod[0] | 64 bits",
        "{'a':{'$mod':[0.5,0]}} | a.$mod[0] | cannot be 0",
        "{'a':{'$type':'nothing'}} | a.$type | unknown type",
        "{'a':{'$type':[]}} | a.$type | at least one",
        "{'a':{'$gt':{'$regularExpression':{'pattern':'x','options':''}}}} | a.$gt | can't have regex as arg to $gt",
        "{'a':{'$all':[{'$gt':1}]}} | a.$all[0] | $elemMatch",
        "{'a':{'$not':{'$foo':1}}} | a.$not.$foo | unknown operator",
        "{'a':{'$elemMatch':{'b':{'$foo':1}}}} | a.$elemMatch.b.$foo | unknown operator",
      })
  void refusesWhatMongoDbRefuses(String filter, String place, String reason) {
    assertThatThrownBy(() -> AuditFilter.compile(filter.replace('\'', '"')))
        .hasMessageContaining(reason)
        .isInstanceOfSatisfying(
            InvalidFilterException.class, e -> assertThat(e.path()).isEqualTo(place));
  }

  @Test
  void suspiciousFiltersAreWarnedOf() {
    assertThat(AuditFilter.compile("{}").warnings())
        .extracting(FilterWarning::message)
        .containsExactly("matches every event");
    assertThat(AuditFilter.compile("{\"atipe\":\"x\"}").warnings()).hasSize(1);
    assertThat(AuditFilter.compile("{\"param\":{\"user\":\"x\"}}").warnings()).hasSize(1);
    assertThat(AuditFilter.compile("{\"param.ns\":{\"$regex\":\"^test.\"}}").warnings()).hasSize(1);
    assertThat(AuditFilter.compile("{\"param.ns\":{\"$regex\":\"\\btest\"}}").warnings())
        .hasSize(1);
    assertThat(AuditFilter.compile("{\"param.ns\":{\"$regex\":\"^test\\\\.\"}}").warnings())
        .isEmpty();
    assertThat(AuditFilter.compile(FilterCasesTest.resource("audit_filter.json")).warnings())
        .isEmpty();
  }
}
