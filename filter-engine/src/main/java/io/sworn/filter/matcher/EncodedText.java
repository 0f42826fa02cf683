package io.sworn.filter.matcher;

import java.nio.charset.StandardCharsets;

/** UTF-8 as characters, in an array that is used again. */
final class EncodedText implements CharSequence {

  private static final int KEPT_MAX = 1 << 16;

  private char[] chars = new char[256];
  private int length;

  /** Decodes; what is not ASCII takes the platform's way, and makes a string. */
  void decode(byte[] bytes, int start, int size) {
    if (chars.length < size || chars.length > KEPT_MAX && size <= KEPT_MAX) {
      chars = new char[Math.max(256, size)];
    }
    for (int i = 0; i < size; i++) {
      byte b = bytes[start + i];
      if (b < 0) {
        String text = new String(bytes, start, size, StandardCharsets.UTF_8);
        length = text.length();
        text.getChars(0, length, chars, 0);
        return;
      }
      chars[i] = (char) b;
    }
    length = size;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public char charAt(int index) {
    return chars[index];
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return new String(chars, start, end - start);
  }

  @Override
  public String toString() {
    return new String(chars, 0, length);
  }
}
