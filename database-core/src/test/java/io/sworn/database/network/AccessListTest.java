package io.sworn.database.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessListTest {

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource({
    "127.0.0.0/8, 127.0.0.1, true",
    "127.0.0.0/8, 127.255.255.255, true",
    "127.0.0.0/8, 128.0.0.1, false",
    "10.1.0.0/16, 10.1.255.3, true",
    "10.1.0.0/16, 10.2.0.3, false",
    "10.1.2.128/25, 10.1.2.129, true",
    "10.1.2.128/25, 10.1.2.127, false",
    "192.168.1.7, 192.168.1.7, true",
    "192.168.1.7, 192.168.1.8, false",
    "0.0.0.0/0, 8.8.8.8, true",
    "0.0.0.0/0, ::1, false",
    "::1/128, ::1, true",
    "::1/128, ::2, false",
    "fd00::/8, fd12:3456::1, true",
    "fd00::/8, fe80::1, false"
  })
  void addressIsInTheBlockOrNot(String block, String address, boolean in)
      throws UnknownHostException {
    assertThat(AccessList.of(List.of(block)).allows(InetAddress.getByName(address))).isEqualTo(in);
  }

  @Test
  void emptyListLetsNobodyIn() {
    assertThat(AccessList.of(List.of()).allows(InetAddress.getLoopbackAddress())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/x",
        "::1/129",
        "",
        "a/8",
        "/8"
      })
  void whatIsNoBlockIsRefusedByName(String block) {
    assertThatThrownBy(() -> AccessList.of(List.of("127.0.0.1", block)))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("'" + block + "'");
  }
}
