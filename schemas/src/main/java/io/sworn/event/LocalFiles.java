package io.sworn.event;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What people are told about files, and of what else can fail outside of the program: in words,
 * without names of Java's classes.
 */
public final class LocalFiles {

  private LocalFiles() {}

  /**
   * Why it failed, with the file's path if the error knows one, such as {@code no such file: /x}.
   */
  public static String reason(Throwable thrown) {
    Throwable error = within(thrown);
    String file = error instanceof FileSystemException named ? named.getFile() : null;
    String words = words(error);
    return file == null ? words : words + ": " + file;
  }

  /** Why it failed, for a message that has named {@code place} already. */
  public static String reason(Throwable thrown, Path place) {
    Throwable error = within(thrown);
    boolean same =
        error instanceof FileSystemException named && place.toString().equals(named.getFile());
    return same ? words(error) : reason(error);
  }

  /** Streams wrap what reading them throws. */
  private static Throwable within(Throwable thrown) {
    Throwable cause = thrown instanceof UncheckedIOException ? thrown.getCause() : null;
    return cause == null ? thrown : cause;
  }

  private static String words(Throwable error) {
    if (error instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (error instanceof AccessDeniedException) {
      return "permission denied to user " + user();
    }
    if (error instanceof NotDirectoryException) {
      return "not a directory";
    }
    if (error instanceof FileAlreadyExistsException) {
      return "something of that name is there already";
    }
    if (error instanceof DirectoryNotEmptyException) {
      return "the directory is not empty";
    }
    if (error instanceof CharacterCodingException) {
      return "not UTF-8 text";
    }
    if (error instanceof EOFException) {
      return "it ends too early";
    }
    if (error instanceof ClosedChannelException) {
      return "it was closed meanwhile";
    }
    if (error instanceof UnknownHostException) {
      return "no such host: " + error.getMessage();
    }
    String text =
        error instanceof FileSystemException named ? named.getReason() : error.getMessage();
    return text == null || text.isBlank() ? plain(error) : text;
  }

  /** The class in words, when the error says nothing else. */
  private static String plain(Throwable error) {
    String name = error.getClass().getSimpleName().replaceFirst("(Exception|Error)$", "");
    String words = name.replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(java.util.Locale.ROOT);
    return words.isBlank() || error.getClass() == IOException.class ? "no reason given" : words;
  }

  /**
   * What would keep this process from writing {@code file}, its missing directories made. Only
   * looks; a disk that fails or fills up is found when it is written.
   */
  public static Optional<String> obstacle(Path file) {
    Path path = file.toAbsolutePath().normalize();
    if (Files.isDirectory(path)) {
      return Optional.of(path + " is a directory");
    }
    if (Files.exists(path)) {
      return Files.isRegularFile(path) ? denied(path) : Optional.of(path + " is no regular file");
    }
    @Nullable Path nearest = path.getParent();
    while (nearest != null && !Files.exists(nearest, LinkOption.NOFOLLOW_LINKS)) {
      nearest = nearest.getParent();
    }
    if (nearest == null) {
      return Optional.of(path.getRoot() + " does not exist");
    }
    return Files.isDirectory(nearest) ? denied(nearest) : Optional.of(nearest + " is no directory");
  }

  private static Optional<String> denied(Path path) {
    boolean enough =
        Files.isReadable(path)
            && Files.isWritable(path)
            && (!Files.isDirectory(path) || Files.isExecutable(path));
    if (enough) {
      return Optional.empty();
    }
    return Optional.of(
        isReadOnly(path)
            ? path + " lies on a read-only file system"
            : "user " + user() + " may not write " + path);
  }

  private static boolean isReadOnly(Path path) {
    try {
      return Files.getFileStore(path).isReadOnly();
    } catch (IOException e) {
      return false; // then the rights are the likelier reason
    }
  }

  private static String user() {
    return System.getProperty("user.name", "");
  }
}
