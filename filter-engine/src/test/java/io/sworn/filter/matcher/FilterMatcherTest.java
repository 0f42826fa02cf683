package io.sworn.filter.matcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.UserName;
import io.sworn.event.mongo.ExtendedJson;
import io.sworn.filter.Decision;
import io.sworn.filter.language.FilterParser;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

class FilterMatcherTest {

  private static FilterMatcher matcher(String... filters) {
    return FilterMatcher.of(Arrays.stream(filters).map(FilterParser::parse).toList());
  }

  /** Numbers of the filters that keep a message, in order. */
  private static List<Integer> keeps(Judging judging, String message) {
    judging.judgeMessage(BsonBytes.of(ExtendedJson.parse(message)).array());
    return IntStream.range(0, judging.kept()).map(judging::kept).sorted().boxed().toList();
  }

  @Test
  void everyPrefixOfATextIsFoundAndNoOther() {
    Judging judging =
        matcher(
                "{\"ns\":{\"$regex\":\"^a\"}}",
                "{\"ns\":{\"$regex\":\"^ab\"}}",
                "{\"ns\":{\"$regex\":\"^ab\\\\.x\"}}",
                "{\"ns\":{\"$regex\":\"^abc\"}}",
                "{\"ns\":{\"$regex\":\"^abc.*\"}}",
                "{\"ns\":{\"$regex\":\"^abd\"}}",
                "{\"ns\":{\"$regex\":\"^\"}}")
            .judging();
    assertThat(keeps(judging, "{\"ns\":\"abcd\"}")).containsExactly(0, 1, 3, 4, 6);
    assertThat(keeps(judging, "{\"ns\":\"abe\"}")).containsExactly(0, 1, 6);
    assertThat(keeps(judging, "{\"ns\":\"\"}")).containsExactly(6);
    assertThat(keeps(judging, "{\"ns\":5}")).isEmpty();
  }

  @Test
  void whatAllNeedIsAskedFirstAndChangesNoVerdict() {
    String[] filters =
        IntStream.range(0, 30)
            .mapToObj(i -> "{\"users.user\":\"u" + i % 20 + "\",\"param.command\":\"delete\"}")
            .toArray(String[]::new);
    filters[29] = "{\"users.user\":\"u3\"}";
    Judging shared = matcher(Arrays.copyOf(filters, 29)).judging();
    Judging mixed = matcher(filters).judging();
    String delete =
        "{\"users\":[{\"user\":\"u3\"},{\"user\":\"u5\"}],\"param\":{\"command\":\"delete\"}}";
    assertThat(keeps(shared, delete)).containsExactly(3, 5, 23, 25);
    assertThat(keeps(mixed, delete)).containsExactly(3, 5, 23, 25, 29);
    String find = delete.replace("delete", "find");
    assertThat(keeps(shared, find)).isEmpty();
    assertThat(keeps(mixed, find)).containsExactly(29);
  }

  @Test
  void equalNumbersOfAllTypesMeetInTheIndex() {
    Judging judging =
        matcher(
                "{\"a\":1}",
                "{\"a\":1.0}",
                "{\"a\":{\"$numberLong\":\"1\"}}",
                "{\"a\":{\"$numberDecimal\":\"1.00\"}}",
                "{\"a\":{\"$numberDecimal\":\"0.5\"}}",
                "{\"a\":{\"$numberDecimal\":\"1E+30\"}}",
                "{\"a\":{\"$numberDecimal\":\"9223372036854775808\"}}",
                "{\"a\":NaN}",
                "{\"a\":{\"$numberDecimal\":\"-0\"}}")
            .judging();
    assertThat(keeps(judging, "{\"a\":1}")).containsExactly(0, 1, 2, 3);
    assertThat(keeps(judging, "{\"a\":{\"$numberDecimal\":\"1\"}}")).containsExactly(0, 1, 2, 3);
    assertThat(keeps(judging, "{\"a\":0.5}")).containsExactly(4);
    assertThat(keeps(judging, "{\"a\":{\"$numberDecimal\":\"10E+29\"}}")).containsExactly(5);
    assertThat(keeps(judging, "{\"a\":9223372036854775808.0}")).containsExactly(6);
    assertThat(keeps(judging, "{\"a\":{\"$numberDecimal\":\"NaN\"}}")).containsExactly(7);
    assertThat(keeps(judging, "{\"a\":0.0}")).containsExactly(8);
  }

  @Test
  void elementsThatAreArraysAreDocumentsWithNumericNames() {
    Judging judging =
        matcher(
                "{\"a\":{\"$elemMatch\":{\"0\":5}}}",
                "{\"a\":{\"$elemMatch\":{\"x\":null}}}",
                "{\"a\":{\"$elemMatch\":{\"x\":5}}}")
            .judging();
    assertThat(keeps(judging, "{\"a\":[[5]]}")).containsExactly(0, 1);
    assertThat(keeps(judging, "{\"a\":[{\"x\":5}]}")).containsExactly(2);
  }

  @Test
  void documentsEqualOnlyWithTheSameOrderOfKeys() {
    Judging judging =
        matcher("{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":2,\"x\":1}}", "{\"a\":[]}").judging();
    assertThat(keeps(judging, "{\"a\":{\"x\":1.0,\"y\":2}}")).containsExactly(0);
    assertThat(keeps(judging, "{\"a\":[{\"y\":2,\"x\":1}]}")).containsExactly(1);
    assertThat(keeps(judging, "{\"a\":[]}")).containsExactly(2);
  }

  @Test
  void whatCannotBeDecidedIsSaidForEachFilter() {
    Judging judging =
        matcher("{\"a\":{\"$regex\":\"(a+)+$\"}}", "{\"b\":1}", "{\"b\":2}").judging();
    assertThat(keeps(judging, "{\"a\":\"" + "a".repeat(5_000) + "!\",\"b\":1}"))
        .containsExactly(0, 1);
    assertThat(judging.decision(0)).isEqualTo(Decision.UNDECIDABLE);
    assertThat(judging.decision(1)).isEqualTo(Decision.KEEP);
    assertThat(judging.decision(2)).isEqualTo(Decision.DROP);
    assertThat(judging.undecidable()).isTrue();
    keeps(judging, "{\"b\":1}");
    assertThat(judging.undecidable()).isFalse();
  }

  @Test
  void damagedFramesAreRefusedWhereverTheyAreCut() {
    Judging judging = matcher("{\"users.user\":\"ann\",\"param.a.b\":1}").judging();
    byte[] frame = AuditEventCodec.encode(event());
    judging.read(frame);
    for (int length = 0; length < frame.length; length++) {
      byte[] cut = Arrays.copyOf(frame, length);
      assertThatThrownBy(() -> judging.read(cut)).isInstanceOf(UnreadableEventException.class);
    }
    assertThatThrownBy(() -> judging.read(Arrays.copyOf(frame, frame.length + 1)))
        .isInstanceOf(UnreadableEventException.class);
  }

  @Test
  void whateverBytesChangeTheCodecAndTheMatcherAcceptTheSame() {
    Judging judging = matcher("{\"users.user\":\"ann\"}", "{\"param.a.b\":1}").judging();
    byte[] frame = AuditEventCodec.encode(event());
    for (int at = 0; at < frame.length; at++) {
      for (int value : new int[] {0, 1, 2, 0x7F, 0x80, 0xFF}) {
        byte[] changed = frame.clone();
        changed[at] = (byte) value;
        assertThat(isReadable(judging, changed))
            .as("byte %d = %d", at, value)
            .isEqualTo(isDecodable(changed));
      }
    }
  }

  private static boolean isReadable(Judging judging, byte[] frame) {
    try {
      judging.read(frame);
      judging.judge();
      return true;
    } catch (UnreadableEventException e) {
      return false;
    }
  }

  private static boolean isDecodable(byte[] frame) {
    try {
      AuditEventCodec.decode(frame).param().toDocument();
      return true;
    } catch (UnreadableEventException e) {
      return false;
    }
  }

  @Test
  void judgingAnEventMakesNoObject() {
    Judging judging =
        matcher(
                "{\"atype\":\"authenticate\",\"users.user\":{\"$in\":[\"x\",\"y\"]}}",
                "{\"param.a.b\":{\"$gt\":5},\"users\":{\"$elemMatch\":{\"user\":\"ann\"}}}",
                "{\"param.c\":{\"$regex\":\"x.z$\"}}",
                "{\"users\":[],\"result\":{\"$gte\":3}}")
            .judging();
    byte[] frame = AuditEventCodec.encode(event());
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long made = Long.MAX_VALUE;
    // The least of several rounds: a compiler thread may hand its own garbage to this one.
    for (int round = 0; round < 10; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 1_000; i++) {
        judging.judge(frame);
      }
      made = Math.min(made, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(judging.kept()).isZero();
    assertThat(made).isLessThan(1_000); // below one byte for each event: none
  }

  private static AuditEvent event() {
    BsonDocument param = ExtendedJson.parse("{\"a\":{\"b\":2},\"c\":\"xyzw\",\"d\":[true,null]}");
    return AuditEvent.builder(SourcePosition.at("db/1", 7), EventKind.MONGODB, "authCheck")
        .users(List.of(new UserName("ann", "admin")))
        .command("find")
        .param(BsonBytes.of(param))
        .build();
  }
}
