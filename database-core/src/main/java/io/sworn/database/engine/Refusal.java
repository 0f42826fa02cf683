package io.sworn.database.engine;

import de.bwaldvogel.mongo.exception.MongoServerError;

/** Errors with MongoDB's own codes (error_codes.yml of the server). */
final class Refusal {

  private Refusal() {}

  static MongoServerError badValue(String message) {
    return new MongoServerError(2, "BadValue", message);
  }

  static MongoServerError failedToParse(String message) {
    return new MongoServerError(9, "FailedToParse", message);
  }

  static MongoServerError typeMismatch(String message) {
    return new MongoServerError(14, "TypeMismatch", message);
  }

  static MongoServerError illegalOperation(String message) {
    return new MongoServerError(20, "IllegalOperation", message);
  }

  static MongoServerError namespaceNotFound(String message) {
    return new MongoServerError(26, "NamespaceNotFound", message);
  }

  static MongoServerError namespaceExists(String message) {
    return new MongoServerError(48, "NamespaceExists", message);
  }

  static MongoServerError cannotCreateIndex(String message) {
    return new MongoServerError(67, "CannotCreateIndex", message);
  }

  static MongoServerError invalidOptions(String message) {
    return new MongoServerError(72, "InvalidOptions", message);
  }

  static MongoServerError invalidNamespace(String message) {
    return new MongoServerError(73, "InvalidNamespace", message);
  }

  /** For what MongoDB can do and this engine cannot. */
  static MongoServerError notSupported(String what) {
    return new MongoServerError(
        115, "CommandNotSupported", what + " is not supported by this server");
  }
}
