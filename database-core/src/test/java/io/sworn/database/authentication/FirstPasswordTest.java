package io.sworn.database.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FirstPasswordTest {

  @Test
  void noCommandLineOrConnectionStringTakesItForSomethingElse() {
    Set<String> seen = new HashSet<>();
    Set<Character> used = new HashSet<>();
    for (int i = 0; i < 2_000; i++) {
      String password = FirstPassword.generate();
      assertThat(password).matches("[A-Za-z0-9]{24}");
      assertThat(seen.add(password)).as("a password twice").isTrue();
      password.chars().forEach(c -> used.add((char) c));
    }
    assertThat(used).as("every character of the alphabet").hasSize(57);
  }
}
