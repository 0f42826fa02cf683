package io.sworn.export.elasticsearch;

import java.io.IOException;
import org.apache.http.ContentTooLongException;
import org.apache.http.HttpEntity;
import org.apache.http.HttpResponse;
import org.apache.http.entity.ContentType;
import org.apache.http.nio.ContentDecoder;
import org.apache.http.nio.IOControl;
import org.apache.http.nio.entity.ContentBufferEntity;
import org.apache.http.nio.protocol.AbstractAsyncResponseConsumer;
import org.apache.http.nio.util.HeapByteBufferAllocator;
import org.apache.http.nio.util.SimpleInputBuffer;
import org.apache.http.protocol.HttpContext;
import org.elasticsearch.client.RequestOptions;
import org.jspecify.annotations.Nullable;

/**
 * An answer in memory, up to a bound. The client's own consumer asks the announced length only, and
 * an answer in chunks announces none. Of a longer answer the rest is not read: the request fails
 * with a {@link ContentTooLongException}, and the connection is closed.
 */
final class BoundedAnswer extends AbstractAsyncResponseConsumer<HttpResponse> {

  private static final int BUFFER_BYTES = 4096;

  private final int bytesMax;
  private @Nullable HttpResponse response;
  private @Nullable SimpleInputBuffer buffer;

  private BoundedAnswer(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Options of a request whose answer has at most {@code bytesMax} bytes. */
  static RequestOptions.Builder options(int bytesMax) {
    RequestOptions.Builder options = RequestOptions.DEFAULT.toBuilder();
    options.setHttpAsyncResponseConsumerFactory(() -> new BoundedAnswer(bytesMax));
    return options;
  }

  /** What an error of a request says of an answer beyond the bound; null if it is none. */
  static @Nullable String tooLong(Throwable error) {
    Throwable cause = error;
    for (int depth = 0; depth < 10 && cause != null; depth++) {
      if (cause instanceof ContentTooLongException) {
        return cause.getMessage();
      }
      cause = cause.getCause();
    }
    return null;
  }

  @Override
  protected void onResponseReceived(HttpResponse received) {
    response = received;
  }

  @Override
  protected void onEntityEnclosed(HttpEntity entity, ContentType type) throws IOException {
    if (entity.getContentLength() > bytesMax) {
      throw refused();
    }
    buffer = new SimpleInputBuffer(BUFFER_BYTES, HeapByteBufferAllocator.INSTANCE);
    if (response != null) {
      response.setEntity(new ContentBufferEntity(entity, buffer));
    }
  }

  @Override
  protected void onContentReceived(ContentDecoder decoder, IOControl control) throws IOException {
    if (buffer != null) {
      buffer.consumeContent(decoder);
      if (buffer.length() > bytesMax) {
        throw refused();
      }
    }
  }

  private ContentTooLongException refused() {
    return new ContentTooLongException("more than %d bytes", bytesMax);
  }

  @Override
  protected @Nullable HttpResponse buildResult(HttpContext context) {
    return response;
  }

  @Override
  protected void releaseResources() {
    response = null;
    buffer = null;
  }
}
