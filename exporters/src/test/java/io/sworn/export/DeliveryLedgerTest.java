package io.sworn.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.DeliveryReceipt;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DeliveryLedgerTest {

  @Test
  void receiptsForRemovedRecordsAreNotCounted() {
    DeliveryLedger ledger = new DeliveryLedger();
    ledger.begin("siem", "audit.route.siem", 0, 10);
    ledger.add(new DeliveryReceipt("siem", "audit.route.siem", 0, 0, 4, 0, 5, 1));
    ledger.add(new DeliveryReceipt("siem", "audit.route.siem", 0, 5, 14, 10, 0, 1));
    assertThat(ledger.totals("siem")).isEqualTo(new DeliveryLedger.Totals(5, 0));
    assertThat(ledger.settledOffset("siem", "audit.route.siem", 0)).isEqualTo(15);
  }

  @Test
  void overlappingReceiptsCountEachOffsetOnce() {
    DeliveryLedger ledger = new DeliveryLedger();
    ledger.add(receipt(0, 99, true));
    ledger.add(receipt(50, 149, true));
    ledger.add(receipt(150, 150, false));
    ledger.add(receipt(150, 150, false));
    assertThat(ledger.totals("siem")).isEqualTo(new DeliveryLedger.Totals(150, 1));
    assertThat(ledger.settledOffset("siem", "audit.route.siem", 0)).isEqualTo(151);
  }

  @Test
  void whatWasRejectedAndLaterDeliveredIsDelivered() {
    DeliveryLedger ledger = new DeliveryLedger();
    ledger.add(receipt(0, 9, false));
    ledger.add(receipt(3, 4, true));
    ledger.add(receipt(3, 4, false));
    assertThat(ledger.totals("siem")).isEqualTo(new DeliveryLedger.Totals(2, 8));
  }

  @Test
  void aReceiptWithMixedOutcomesIsRefused() {
    assertThatThrownBy(
            () ->
                new DeliveryLedger()
                    .add(new DeliveryReceipt("siem", "audit.route.siem", 0, 0, 9, 9, 1, 0)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void manyRunsAreFoldedWithoutLosingCount() {
    DeliveryLedger ledger = new DeliveryLedger();
    for (long i = 0; i < 3L * DeliveryLedger.RUNS_MAX; i++) {
      ledger.add(receipt(2 * i, 2 * i, true));
    }
    ledger.add(receipt(0, 0, true));
    assertThat(ledger.totals("siem").delivered()).isEqualTo(3L * DeliveryLedger.RUNS_MAX);
  }

  @Property(tries = 500)
  void theLedgerEqualsASetOfOffsets(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int n) {
    Random random = new Random(seed);
    DeliveryLedger ledger = new DeliveryLedger();
    Map<Long, Boolean> model = new HashMap<>();
    for (int i = 0; i < n; i++) {
      long from = random.nextInt(100);
      long to = from + random.nextInt(20);
      boolean delivered = random.nextInt(3) > 0;
      ledger.add(receipt(from, to, delivered));
      for (long offset = from; offset <= to; offset++) {
        model.merge(offset, delivered, Boolean::logicalOr);
      }
    }
    long delivered = model.values().stream().filter(d -> d).count();
    assertThat(ledger.totals("siem"))
        .isEqualTo(new DeliveryLedger.Totals(delivered, model.size() - delivered));
  }

  private static DeliveryReceipt receipt(long from, long to, boolean delivered) {
    long count = to - from + 1;
    return new DeliveryReceipt(
        "siem", "audit.route.siem", 0, from, to, delivered ? count : 0, delivered ? 0 : count, 7);
  }
}
