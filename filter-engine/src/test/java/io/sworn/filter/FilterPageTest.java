package io.sworn.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.mongo.ExtendedJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

/** Runs every example of docs/filters.md. */
class FilterPageTest {

  private static String block(String name) throws Exception {
    String page = Files.readString(Path.of("..", "docs", "filters.md"));
    int start = page.indexOf("```" + name + "\n") + name.length() + 4;
    return page.substring(start, page.indexOf("```", start));
  }

  private static List<String> lines(String name) throws Exception {
    List<String> lines = block(name).lines().toList();
    assertThat(lines).isNotEmpty();
    return lines;
  }

  @Test
  void everyExampleDoesWhatThePageSays() throws Exception {
    BsonDocument event = ExtendedJson.parse(block("event"));
    for (String filter : lines("keeps")) {
      assertThat(AuditFilter.compile(filter).judge(event)).as(filter).isEqualTo(Decision.KEEP);
    }
    for (String filter : lines("drops")) {
      assertThat(AuditFilter.compile(filter).judge(event)).as(filter).isEqualTo(Decision.DROP);
    }
    for (String filter : lines("keeps")) {
      assertThat(AuditFilter.compile(filter).warnings())
          .as(filter)
          .noneMatch(warning -> warning.kind() == FilterWarning.Kind.NEVER_MATCHES);
    }
    for (String filter : lines("warned")) {
      assertThat(AuditFilter.compile(filter).warnings()).as(filter).isNotEmpty();
    }
    for (String filter : lines("refused")) {
      assertThatThrownBy(() -> AuditFilter.compile(filter))
          .as(filter)
          .isInstanceOf(InvalidFilterException.class);
    }
    for (String filter : lines("relaxed")) {
      assertThat(AuditFilter.compileRelaxed(filter).judge(event))
          .as(filter)
          .isEqualTo(Decision.KEEP);
    }
  }
}
