package io.sworn.filter.matcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.SourcePosition;
import io.sworn.event.mongo.ExtendedJson;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.filter.Decision;
import io.sworn.filter.InvalidFilterException;
import io.sworn.filter.language.Evaluator;
import io.sworn.filter.language.FilterParser;
import io.sworn.filter.language.MessageView;
import io.sworn.filter.language.Predicate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bson.BsonDocument;

/** The compiled matcher says what the reference evaluator says, of events and of messages. */
class FilterMatcherPropertiesTest {

  private record Filters(List<BsonDocument> texts, List<Predicate> predicates) {}

  private static Filters filters(RandomFilters random, int size) {
    Filters filters = new Filters(new ArrayList<>(), new ArrayList<>());
    for (int attempt = 0; filters.texts.size() < size && attempt < 20 * size; attempt++) {
      BsonDocument filter = random.filter();
      try {
        filters.predicates.add(FilterParser.parse(filter));
        filters.texts.add(filter);
      } catch (InvalidFilterException e) {
        // such a filter never reaches a matcher: the next one
      }
    }
    return filters;
  }

  @Property(tries = 3000)
  void compiledFiltersJudgeAsTheReferenceDoes(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int size) {
    RandomFilters random = new RandomFilters(seed);
    List<BsonDocument> messages = Stream.generate(random::message).limit(8).toList();
    Filters filters = filters(random, size);
    Judging judging = FilterMatcher.of(filters.predicates).judging();
    for (int i = 0; i < messages.size(); i++) {
      BsonDocument message = messages.get(i);
      AuditEvent event =
          MongoAuditMessage.toEvent(message, SourcePosition.at("t", i + 1), null, Instant.EPOCH);
      byte[] frame = AuditEventCodec.encode(event);
      judging.read(frame);
      judging.judge();
      compare(judging, filters, MessageView.of(event), message);
      assertThat(judging.trail()).isEqualTo("t");
      assertThat(judging.sequence()).isEqualTo(i + 1);
      judging.judgeMessage(BsonBytes.of(message).array());
      compare(judging, filters, MessageView.of(message), message);
    }
  }

  private static void compare(
      Judging judging, Filters filters, MessageView view, BsonDocument message) {
    int travel = 0;
    for (int f = 0; f < filters.predicates.size(); f++) {
      Decision expected = Evaluator.judge(filters.predicates.get(f), view);
      travel += expected.travels() ? 1 : 0;
      int number = f;
      assertThat(judging.decision(f))
          .as(
              () ->
                  ExtendedJson.write(filters.texts.get(number))
                      + " of "
                      + ExtendedJson.write(message))
          .isEqualTo(expected);
    }
    assertThat(judging.kept()).isEqualTo(travel);
  }
}
