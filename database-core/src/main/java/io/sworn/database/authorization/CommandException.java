package io.sworn.database.authorization;

/** A command that fails with one of MongoDB's error codes. The message holds no secret. */
public final class CommandException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int code;
  private final String codeName;

  /** A failure with MongoDB's number and name of the error. */
  public CommandException(int code, String codeName, String message) {
    super(message);
    this.code = code;
    this.codeName = codeName;
  }

  /** The command is not allowed. */
  public static CommandException unauthorized(String message) {
    return new CommandException(13, "Unauthorized", message);
  }

  /** An argument has the wrong type. */
  public static CommandException typeMismatch(String message) {
    return new CommandException(14, "TypeMismatch", message);
  }

  /** An argument has a value that makes no sense. */
  public static CommandException badValue(String message) {
    return new CommandException(2, "BadValue", message);
  }

  /** The server does not do that, and says so. */
  public static CommandException notSupported(String message) {
    return new CommandException(115, "CommandNotSupported", message);
  }

  /** MongoDB's number of the error. */
  public int code() {
    return code;
  }

  /** MongoDB's name of the error. */
  public String codeName() {
    return codeName;
  }
}
