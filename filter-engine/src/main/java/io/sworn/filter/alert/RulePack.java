package io.sworn.filter.alert;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The rules for MongoDB that come with Sworn. Each has samples that the build runs. */
public final class RulePack {

  private static final List<String> FILES =
      List.of("sign-in", "privileges", "audit", "data", "schema", "server");

  private RulePack() {}

  /** All of them, compiled afresh. */
  public static List<AlertRule> rules() {
    List<AlertRule> rules = new ArrayList<>();
    for (String file : FILES) {
      rules.addAll(RuleReader.read(text(file)));
    }
    return List.copyOf(rules);
  }

  private static String text(String file) {
    String name = "pack/" + file + ".yaml";
    try (InputStream in = RulePack.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new SwornException(ErrorCode.INTERNAL, "resource " + name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new SwornException(ErrorCode.INTERNAL, "resource " + name + " cannot be read", e);
    }
  }
}
