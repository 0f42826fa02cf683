package io.sworn.server.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AccountHeaders;
import io.sworn.event.LossAcknowledgement;
import io.sworn.event.LostRange;
import io.sworn.event.SwornJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class LossBookTest {

  private final LossBook book = new LossBook();

  @Test
  void aRangeThatIsWrittenTwiceCountsOnce() {
    take(LostRange.KIND, range("siem", 0, 9));
    take(LostRange.KIND, range("siem", 0, 9));
    take(LostRange.KIND, range("siem", 20, 24));
    assertThat(book.lost("siem")).isEqualTo(15);
    assertThat(book.acknowledged("siem")).isZero();
    assertThat(book.lost("other")).isZero();
  }

  @Test
  void anAcknowledgementCoversWhatItNamesAndNothingLater() {
    take(LostRange.KIND, range("siem", 0, 9));
    take(LossAcknowledgement.KIND, acknowledged("siem", range("siem", 0, 9)));
    take(LostRange.KIND, range("other", 0, 9)); // the same place, another destination
    take(LostRange.KIND, range("siem", 20, 24));
    assertThat(book.lost("siem")).isEqualTo(15);
    assertThat(book.acknowledged("siem")).isEqualTo(10);
    assertThat(book.acknowledged("other")).isZero();
    take(LostRange.KIND, range("siem", 0, 14)); // found to be longer: not what was answered for
    assertThat(book.acknowledged("siem")).isZero();
    take(LossAcknowledgement.KIND, acknowledged("siem", range("siem", 0, 14)));
    take(LossAcknowledgement.KIND, acknowledged("siem", range("siem", 0, 9)));
    assertThat(book.acknowledged("siem")).isEqualTo(15);
    assertThat(book.losses())
        .extracting(l -> l.range().destination() + " " + l.acknowledged().isPresent())
        .containsExactly("other false", "siem true", "siem false");
  }

  @Test
  void theSamePlaceLostAgainIsANewLoss() {
    take(LostRange.KIND, range("siem", 0, 9));
    take(LossAcknowledgement.KIND, acknowledged("siem", range("siem", 0, 9)));
    LostRange anew = new LostRange("siem", "audit.route.r", 0, 0, 5, 7); // the topic made anew
    take(LostRange.KIND, anew);
    assertThat(book.lost("siem")).isEqualTo(10);
    assertThat(book.acknowledged("siem")).isZero();
    LostRange told = book.losses().get(0).range();
    take(LossAcknowledgement.KIND, acknowledged("siem", told));
    assertThat(book.acknowledged("siem")).isEqualTo(10);
  }

  @Test
  void anAcknowledgementMayBeReadBeforeItsLoss() {
    take(LossAcknowledgement.KIND, acknowledged("siem", range("siem", 0, 9)));
    take(LostRange.KIND, range("siem", 0, 9));
    assertThat(book.acknowledged("siem")).isEqualTo(10);
  }

  @Test
  void kindsOfALaterVersionAreLeftAlone() {
    take("somethingNew", range("siem", 0, 9));
    assertThat(book.losses()).isEmpty();
  }

  private static LostRange range(String destination, long from, long to) {
    return new LostRange(destination, "audit.route.r", 0, from, to, 1);
  }

  private static LossAcknowledgement acknowledged(String destination, LostRange range) {
    return new LossAcknowledgement(destination, List.of(range), "ann", "sent again", 2);
  }

  private void take(String kind, Object value) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>("deliveries", 0, 0, new byte[0], SwornJson.write(value));
    record.headers().add(AccountHeaders.KIND, kind.getBytes(StandardCharsets.UTF_8));
    book.read(record);
  }
}
