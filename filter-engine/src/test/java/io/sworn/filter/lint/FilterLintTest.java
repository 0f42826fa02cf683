package io.sworn.filter.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.mongo.ExtendedJson;
import io.sworn.filter.AuditFilter;
import io.sworn.filter.FilterWarning;
import io.sworn.filter.FilterWarning.Kind;
import io.sworn.filter.InvalidFilterException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterLintTest {

  private static List<FilterWarning> warnings(String filter) {
    return AuditFilter.compile(filter.replace('\'', '"')).warnings();
  }

  private static List<Kind> kinds(String filter) {
    return warnings(filter).stream().map(FilterWarning::kind).toList();
  }

  private static String text(String filter) {
    return warnings(filter).stream().map(String::valueOf).collect(Collectors.joining("\n"));
  }

  private static String resource(String name) throws Exception {
    try (InputStream in = FilterLintTest.class.getResourceAsStream("/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'result':{'$gt':5,'$lt':3}}",
        "{'result':{'$gt':5,'$lt':6}}",
        "{'result':{'$gt':2147483647}}",
        "{'result':0.5}",
        "{'result':'0'}",
        "{'result':{'$regex':'^1'}}",
        "{'$and':[{'atype':'dropUser'},{'atype':'createUser'}]}",
        "{'atype':{'$in':['createUser','dropUser'],'$nin':['dropUser','createUser']}}",
        "{'atype':{'$regex':'^create','$gt':'d'}}",
        "{'$and':[{'atype':'authCheck'},{'atype':{'$regex':'Check.$'}}]}",
        "{'atype':{'$in':[]}}",
        "{'atype.name':'x'}",
        "{'ts':{'$gte':'2026-01-01'}}",
        "{'ts':{'$gte':{'$date':'2026-03-02T00:00:00Z'},'$lt':{'$date':'2026-03-01T00:00:00Z'}}}",
        "{'users':'ann'}",
        "{'remote.port':'27017'}",
        "{'remote.ip':{'$type':'int'}}",
        "{'$nor':[{'param.ns':'a.b'},{'param.ns':{'$ne':'a.b'}}]}",
        "{'param.ns':{'$in':['a.b'],'$nin':['a.b']}}",
        "{'param.ns':{'$gt':null}}",
      })
  void whatCanNeverMatchIsNamed(String filter) {
    assertThat(warnings(filter).get(0).kind()).as(filter).isEqualTo(Kind.NEVER_MATCHES);
    assertThat(warnings(filter).get(0)).hasToString("at the top: can never match an event");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'$or':[{'result':0},{'result':{'$ne':0}}]}",
        "{'$or':[{'result':{'$lte':5}},{'result':{'$gt':4}},{'atype':null}]}",
        "{'$or':[{'param.ns':'a.b'},{'param.ns':{'$ne':'a.b'}}]}",
        "{'$nor':[{'result':{'$gt':5,'$lt':3}}]}",
      })
  void whatMatchesEverythingIsNamed(String filter) {
    assertThat(warnings(filter)).as(filter).hasSize(1);
    assertThat(warnings(filter).get(0)).hasToString("at the top: matches every event");
    assertThat(kinds(filter)).containsExactly(Kind.MATCHES_ALL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'atype':{'$exists':true}}",
        "{'result':{'$type':'int'}}",
        "{'$or':[{'result':{'$lte':5}},{'result':{'$gt':4}}]}",
        "{'atype':{'$gte':''}}",
      })
  void eventsOfTheOtherSchemaHaveNoSuchMembers(String filter) {
    assertThat(kinds(filter)).as(filter).containsExactly(Kind.MATCHES_ALL);
    assertThat(text(filter)).contains("every event but those in the OCSF schema");
    assertThat(kinds("{'$nor':[" + filter + "]}")).as(filter).containsExactly(Kind.SUSPICIOUS);
  }

  /** Arrays and what no document fixes: two conditions can be met by different values. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'$and':[{'users.user':'ann'},{'users.user':'bob'}]}",
        "{'users.user':{'$gt':'b','$lt':'a'}}",
        "{'$and':[{'roles.role':'readWrite'},{'roles.role':'clusterAdmin'}]}",
        "{'$and':[{'param.args.a':1},{'param.args.a':2}]}",
        "{'$and':[{'param.ns':'a.b'},{'param.ns':'a.c'}]}",
        "{'intermediates.port':{'$gt':5,'$lt':3}}",
        "{'users.0.user':'ann','users.1.user':'bob'}",
        "{'$or':[{'users.user':{'$gt':'a'}},{'users.user':{'$lte':'a'}}]}",
        "{'result':{'$gt':5,'$lt':7}}",
        "{'result':{'$gt':2147483646}}",
        "{'atype':{'$gte':'create','$lt':'drop'}}",
        "{'ts':{'$gte':{'$date':'2026-03-01T00:00:00Z'},'$lt':{'$date':'2026-03-02T00:00:00Z'}}}",
        "{'$or':[{'param.ns':{'$regex':'(a+)+$'}},{'param.ns':{'$not':{'$regex':'(a+)+$'}}}]}",
        "{'users':[]}",
        "{'users':{'$size':2}}",
        "{'roles':{'$elemMatch':{'role':'root'}}}",
        "{'class_uid':3002}",
        "{'remote.ip':null}",
      })
  void whatMayBeIsNotWarnedOf(String filter) {
    assertThat(kinds(filter)).as(filter).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'users':'ann'} | at users: 'users' is an array of documents; compare \"users.user\"",
        "{'roles':{'$in':['root']}} | at roles.$in: 'roles' is an array of documents; compare"
            + " \"roles.role\"",
        "{'atype':'authcheck'} | at atype: unknown type 'authcheck': did you mean 'authCheck'?",
        "{'atype':{'$ne':'createUsers'}} | at atype.$ne: unknown type 'createUsers': did you mean"
            + " 'createUser'?",
        "{'atype':'filterput'} | at atype: unknown type 'filterput': did you mean 'filterPut'?",
        "{'atype':'orderPlaced'} | at atype: unknown type 'orderPlaced': neither MongoDB nor Sworn"
            + " lists it",
        "{'param.command':'find','atype':'authenticate'} | at param.command: probably never"
            + " matches: an event of type authenticate has no param.command",
        "{'atype':{'$in':['createUser','dropUser']},'$or':[{'param.ns':'a.b'},{'result':0}]} | at"
            + " $or[0].param.ns: probably never matches: an event of type createUser or dropUser"
            + " has no param.ns",
        "{'$or':[{'result':13},{'result':{'$gt':5,'$lt':3}}]} | at $or[1].result: this alternative"
            + " can never match an event",
        "{'result':13,'$or':[{'users':[]},{'users':{'$ne':[]}}]} | at $or: holds of every event;"
            + " leave it out",
        "{'remote.ip':{'$cidr':'10.0.0.0/8'}} | at remote.ip.$cidr: MongoDB and MongoDB Atlas do"
            + " not know this operator; only Sworn does",
      })
  void eachSuspicionNamesPlaceAndRemedy(String filter, String expected) {
    assertThat(text(filter).lines()).as(filter).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'atype':'authCheck','param.command':'find'}",
        "{'atype':'authenticate','param.command':{'$exists':false}}",
        "{'atype':'authenticate','param.command':{'$ne':'find'}}",
        "{'atype':{'$in':['authCheck','authenticate']},'param.command':'find'}",
        "{'atype':'auditConfigure','param.filter':{'$exists':true}}",
        "{'atype':'applicationMessage','param.msg':'order placed'}",
        "{'atype':{'$in':['alert','eventsLost','filterPut','dropAllRoles','alertNotice']}}",
        "{'atype':'alert','param.rule':'failed-logins'}",
        "{'atype':{'$regex':'^drop'}}",
        "{'atype':'authenticate','$nor':[{'param.command':'find'}]}",
      })
  void whatTheReferenceListsIsNotWarnedOf(String filter) {
    assertThat(kinds(filter)).as(filter).isEmpty();
  }

  @Test
  void theAcceptanceFilterAndItsPartsAreSilent() throws Exception {
    BsonDocument filter = ExtendedJson.parseFilter(resource("audit_filter.json"));
    assertThat(AuditFilter.compile(resource("audit_filter.json")).warnings()).isEmpty();
    for (BsonValue part : filter.getArray("$or")) {
      String text = ExtendedJson.write(part.asDocument());
      assertThat(warnings(text)).as(text).isEmpty();
    }
  }

  /** Filters that the manual, Atlas and Percona print (reference, section 3.4). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'atype':{'$in':['createCollection','dropCollection']}}",
        "{'atype':'authenticate','param.db':'test'}",
        "{'atype':{'$in':['createIndex','dropIndex']},'param.ns':{'$regex':'^test\\\\.'}}",
        "{'roles':{'role':'readWrite','db':'test'}}",
        "{'atype':'authCheck','param.command':{'$in':['find','insert','findAndModify']}}",
        "{'$or':[{'atype':'authenticate'},{'roles.role':'readWrite'}]}",
        "{'category_uid':4}",
        "{'$or':[{'users':[]},{'atype':'authenticate'}]}",
        "{'users.user':'tim'}",
        "{'atype':{'$regex':'^drop.*'}}",
        "{'$or':[{'users':[]},{'$and':[{'users':{'$elemMatch':{'$or':[{'db':'admin'}]}}},"
            + "{'atype':{'$in':['authenticate']}}]}]}",
      })
  void theReferencesExamplesAreSilent(String filter) {
    assertThat(warnings(filter)).as(filter).isEmpty();
  }

  /** Whatever is claimed of one of the 80 filters is true of its messages. */
  @Test
  void noFilterThatMatchesAMessageIsSaidToMatchNone() throws Exception {
    BsonDocument all = ExtendedJson.parseFilter(resource("filter-cases.json"));
    BsonDocument messages = ExtendedJson.parse(resource("filter-cases.json"));
    int judged = 0;
    for (BsonValue one : all.getArray("cases")) {
      try {
        AuditFilter filter =
            AuditFilter.compile(ExtendedJson.write(one.asDocument().getDocument("filter")));
        Claims.check(
            filter,
            messages.getDocument("messages").values().stream().map(BsonValue::asDocument).toList());
        judged++;
      } catch (InvalidFilterException e) {
        assertThat(one.asDocument().containsKey("invalid")).as(one.toString()).isTrue();
      }
    }
    assertThat(judged).isEqualTo(80);
  }

  @Test
  void aFilterOfManyCasesIsGivenUpInTime() {
    String parts =
        IntStream.range(0, 5_000)
            .mapToObj(
                i -> "{'$or':[{'param.a" + i + "':1},{'result':" + i + "},{'atype':'x" + i + "'}]}")
            .collect(Collectors.joining(","));
    AuditFilter filter = AuditFilter.compile(("{'$and':[" + parts + "]}").replace('\'', '"'));
    Instant start = Instant.now();
    assertThat(filter.warnings()).extracting(FilterWarning::kind).containsOnly(Kind.SUSPICIOUS);
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));
  }
}
