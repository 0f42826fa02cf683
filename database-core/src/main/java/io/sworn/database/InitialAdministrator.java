package io.sworn.database;

/**
 * The first user of a new database. The password exists nowhere else: show it once.
 *
 * @param user name on database {@code admin}
 * @param password generated
 */
public record InitialAdministrator(String user, String password) {

  @Override
  public String toString() {
    return "InitialAdministrator[user=" + user + ", password=***]";
  }
}
