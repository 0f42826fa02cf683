package io.sworn.database.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.UserName;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class LoginThrottleTest {

  private static final UserName ANN = new UserName("ann", "shop");

  private final AtomicLong clock = new AtomicLong();
  private final LoginThrottle throttle = new LoginThrottle(3, Duration.ofMinutes(1), clock::get);

  @Test
  void refusesAfterTooManyFailuresUntilTheWindowHasPassed() {
    for (int i = 0; i < 3; i++) {
      assertThat(throttle.refuses("10.0.0.1", ANN)).isFalse();
      throttle.failed("10.0.0.1", ANN);
    }
    assertThat(throttle.refuses("10.0.0.1", ANN)).isTrue();

    clock.addAndGet(Duration.ofSeconds(61).toNanos());
    assertThat(throttle.refuses("10.0.0.1", ANN)).isFalse();
  }

  @Test
  void otherAddressesAndOtherUsersAreNotLockedOut() {
    for (int i = 0; i < 5; i++) {
      throttle.failed("10.0.0.1", ANN);
    }
    assertThat(throttle.refuses("10.0.0.2", ANN)).isFalse();
    assertThat(throttle.refuses("10.0.0.1", new UserName("bob", "shop"))).isFalse();
  }

  @Test
  void successForgetsTheFailures() {
    throttle.failed("10.0.0.1", ANN);
    throttle.failed("10.0.0.1", ANN);
    throttle.succeeded("10.0.0.1", ANN);
    throttle.failed("10.0.0.1", ANN);
    assertThat(throttle.refuses("10.0.0.1", ANN)).isFalse();
  }
}
