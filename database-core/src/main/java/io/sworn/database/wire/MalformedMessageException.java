package io.sworn.database.wire;

/** A frame that is no valid message; the connection that sent it is closed. */
public final class MalformedMessageException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Server error code of the answer. */
  private final int code;

  private MalformedMessageException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** The framing is wrong (code 17, ProtocolError). */
  static MalformedMessageException protocol(String message) {
    return new MalformedMessageException(17, message);
  }

  /** A document inside is wrong (code 22, InvalidBSON). */
  static MalformedMessageException bson(String message) {
    return new MalformedMessageException(22, message);
  }

  /** MongoDB's error code. */
  public int code() {
    return code;
  }

  /** MongoDB's name of the code. */
  public String codeName() {
    return code == 17 ? "ProtocolError" : "InvalidBSON";
  }
}
