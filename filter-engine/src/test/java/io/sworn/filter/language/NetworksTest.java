package io.sworn.filter.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.6/31, 192.0.2.8, false",
    "10.0.0.0/8, ::ffff:10.1.2.3, true",
    "2001:db8::/32, 2001:db8:0:1::9, true",
    "2001:db8::/32, 2001:db9::9, false",
    "fe80::/10, fe80::1%eth0, true",
    "::/0, ::1, true",
    "::1, 0:0:0:0:0:0:0:1, true",
    "2001:db8::/65, 2001:db8::7fff:0:0:1, true",
    "2001:db8::/65, 2001:db8::8000:0:0:1, false",
    "10.0.0.0/8, 10.0.0, false",
    "10.0.0.0/8, 10.0.0.256, false",
    "::/0, 1::2::3, false",
    "::/0, 1:2:3:4:5:6:7:8:9, false",
    "::/0, 12345::, false",
    "::/0, 1:, false",
    "::/0, shop.example, false",
  })
  void networkContainsItsAddressesAndNoOther(String network, String address, boolean inside) {
    assertThat(Networks.of(List.of(network)).contain(address)).isEqualTo(inside);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "10.0.0.0/33", "10.0.0.1/8", "::/129", "10.0.0.0/", "x", "10.0.0.0/-1"})
  void whatIsNoNetworkIsRefusedWithItsText(String text) {
    assertThatThrownBy(() -> Networks.of(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }
}
