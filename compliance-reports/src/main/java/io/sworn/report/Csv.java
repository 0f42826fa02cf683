package io.sworn.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lines of RFC 4180 that no spreadsheet takes for a formula. */
final class Csv {

  private Csv() {}

  static String line(List<@Nullable String> cells, String last) {
    StringBuilder line = new StringBuilder();
    cells.forEach(cell -> line.append(quoted(cell)).append(','));
    return line.append(quoted(last)).append("\r\n").toString();
  }

  private static String quoted(@Nullable String cell) {
    if (cell == null) {
      return "";
    }
    // A cell that starts like a formula would run in a spreadsheet: an apostrophe disarms it.
    boolean formula = !cell.isEmpty() && "=+-@\t\r\n".indexOf(cell.charAt(0)) >= 0;
    return '"' + (formula ? "'" : "") + cell.replace("\"", "\"\"") + '"';
  }
}
