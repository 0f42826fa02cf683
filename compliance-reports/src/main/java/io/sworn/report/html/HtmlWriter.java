package io.sworn.report.html;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Collects a page. Markup is written by the program; every value goes through {@link #text}. */
final class HtmlWriter {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final StringBuilder page = new StringBuilder(1 << 16);

  /** Markup of our own; never a value. */
  HtmlWriter raw(String markup) {
    page.append(markup);
    return this;
  }

  /** A value, escaped for content and for quoted attributes. */
  HtmlWriter text(@Nullable Object value) {
    String text = value == null ? "" : value.toString();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> page.append("&amp;");
        case '<' -> page.append("&lt;");
        case '>' -> page.append("&gt;");
        case '"' -> page.append("&quot;");
        case '\'' -> page.append("&#39;");
        default -> page.append(hidden(c) ? '\uFFFD' : c);
      }
    }
    return this;
  }

  /** Control and direction characters could make a row read otherwise than it is. */
  private static boolean hidden(char c) {
    return (c < ' ' && c != '\n' && c != '\t')
        || (c >= '\u007f' && c <= '\u009f')
        || (c >= '\u202a' && c <= '\u202e')
        || (c >= '\u2066' && c <= '\u2069');
  }

  /** A number with thin groups. */
  HtmlWriter number(long value) {
    return text(String.format(Locale.ROOT, "%,d", value));
  }

  /** A moment for people: {@code 2026-03-01 06:00:00 UTC}. */
  HtmlWriter time(@Nullable Instant value) {
    return text(value == null ? "" : TIME.format(value) + " UTC");
  }

  /** A cell. */
  HtmlWriter cell(@Nullable Object value) {
    return raw("<td>").text(value).raw("</td>");
  }

  /** A cell with a number. */
  HtmlWriter numberCell(long value) {
    return raw("<td class=\"n\">").number(value).raw("</td>");
  }

  @Override
  public String toString() {
    return page.toString();
  }
}
