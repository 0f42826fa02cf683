package io.sworn.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFilesTest {

  @TempDir Path directory;

  @Test
  void reasonsAreWordsAndNameTheFileUnlessTheMessageHas() throws IOException {
    Path file = directory.resolve("gone");
    IOException gone = failure(() -> Files.readString(file));
    assertThat(LocalFiles.reason(gone)).isEqualTo("no such file or directory: " + file);
    assertThat(LocalFiles.reason(gone, file)).isEqualTo("no such file or directory");
    assertThat(LocalFiles.reason(gone, directory)).endsWith("directory: " + file);
    Files.writeString(file, "");
    assertThat(LocalFiles.reason(failure(() -> Files.createDirectory(file)), file))
        .isEqualTo("something of that name is there already");
    assertThat(LocalFiles.reason(failure(() -> Files.readString(file.resolve("x")))))
        .isEqualTo("Not a directory: " + file.resolve("x"));
    assertThat(LocalFiles.reason(failure(() -> Files.newDirectoryStream(file)), file))
        .isEqualTo("not a directory");
    Files.write(file, new byte[] {(byte) 0xff});
    assertThat(LocalFiles.reason(failure(() -> Files.readString(file))))
        .isEqualTo("not UTF-8 text");
    assertThat(LocalFiles.reason(new ClosedChannelException()))
        .isEqualTo("it was closed meanwhile");
    assertThat(LocalFiles.reason(new java.net.UnknownServiceException()))
        .isEqualTo("unknown service");
    assertThat(LocalFiles.reason(new UncheckedIOException(gone), file))
        .isEqualTo("no such file or directory");
    assertThat(LocalFiles.reason(new UnknownHostException("siem"))).isEqualTo("no such host: siem");
    assertThat(LocalFiles.reason(new IOException("disk on fire"))).isEqualTo("disk on fire");
  }

  @Test
  void whatKeepsAFileFromBeingWrittenIsFoundWithoutTouchingAnything() throws IOException {
    Path deep = directory.resolve("a/b/events.jsonl");
    assertThat(LocalFiles.obstacle(deep)).isEmpty();
    assertThat(directory.resolve("a")).doesNotExist();
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThat(LocalFiles.obstacle(file)).isEmpty();
    assertThat(LocalFiles.obstacle(directory)).contains(directory + " is a directory");
    assertThat(LocalFiles.obstacle(file.resolve("a/b"))).contains(file + " is no directory");
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("nowhere"));
    assertThat(LocalFiles.obstacle(link.resolve("b"))).contains(link + " is no directory");
    assertThat(LocalFiles.obstacle(Path.of("/dev/null"))).contains("/dev/null is no regular file");
  }

  @Test
  void missingRightsAreFoundForWhomTheyAreMissing() throws IOException {
    Path locked = Files.createDirectory(directory.resolve("locked"));
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
    Optional<String> obstacle = LocalFiles.obstacle(locked.resolve("a/b"));
    if (Files.isWritable(locked)) { // root may do everything, and must not be refused for the bits
      assertThat(obstacle).isEmpty();
      assertThat(Files.createDirectories(locked.resolve("a"))).isDirectory();
    } else {
      assertThat(obstacle)
          .contains("user " + System.getProperty("user.name") + " may not write " + locked);
      assertThat(LocalFiles.reason(failure(() -> Files.createDirectory(locked.resolve("a")))))
          .startsWith("permission denied to user ");
    }
  }

  private static IOException failure(Callable<?> action) {
    return catchThrowableOfType(IOException.class, action::call);
  }
}
