package io.sworn.filter.alert;

import static org.assertj.core.api.Assertions.assertThat;

import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventPathTest {

  /** Names that look like numbers in hexadecimal are no addresses, and nobody is asked for them. */
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.1.2.0/24",
    "::ffff:10.1.2.3, 10.1.2.0/24",
    "2001:db8:1:2::3, 2001:db8:1:0:0:0:0:0/48",
    "fe80::1%eth0, fe80:0:0:0:0:0:0:0/48",
    "localhost.bad, localhost.bad",
    "face.de, face.de",
    "1.2, 1.2",
    "10.1.2.300, 10.1.2.300",
    "ann, ann"
  })
  void addressStandsForItsNetworkAndAnythingElseForItself(String text, String expected) {
    EventPath path = new EventPath("a", 24, 48);
    assertThat(path.value(new BsonDocument("a", new BsonString(text)))).isEqualTo(expected);
  }
}
