import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * {@code java ChangeOneByte.java BUNDLE CHANGED}: copies a bundle, changes one byte of the event in
 * its middle, and prints that event's id.
 */
public class ChangeOneByte {

  private static final String EVENTS = "evidence/events.ndjson";
  private static final Pattern BYTES = Pattern.compile("\"bytes\":\"([^\"]+)\"");
  private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f]{32})\"");

  public static void main(String[] args) throws IOException {
    String id = null;
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(Path.of(args[0])));
        OutputStream file = Files.newOutputStream(Path.of(args[1]));
        ZipOutputStream out = new ZipOutputStream(file)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        byte[] content = in.readAllBytes();
        if (entry.getName().equals(EVENTS)) {
          List<String> lines =
              new ArrayList<>(new String(content, StandardCharsets.UTF_8).lines().toList());
          int middle = lines.size() / 2;
          id = found(ID, lines.get(middle)).group(1);
          lines.set(middle, changed(lines.get(middle)));
          content = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        }
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(content);
      }
    }
    if (id == null) {
      throw new IOException(args[0] + " has no " + EVENTS);
    }
    System.out.println(id);
  }

  private static String changed(String line) throws IOException {
    Matcher bytes = found(BYTES, line);
    byte[] event = Base64.getDecoder().decode(bytes.group(1));
    event[event.length / 2] ^= 1;
    return line.substring(0, bytes.start(1))
        + Base64.getEncoder().encodeToString(event)
        + line.substring(bytes.end(1));
  }

  private static Matcher found(Pattern pattern, String line) throws IOException {
    Matcher matcher = pattern.matcher(line);
    if (!matcher.find()) {
      throw new IOException("no " + pattern + " in " + line);
    }
    return matcher;
  }
}
