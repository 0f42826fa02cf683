package io.sworn.export.splunk;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Text of an answer, up to a bound. Of a longer one the rest is not read: the connection is closed,
 * and a sentence that says so stands for the whole, so that no part of it is taken for an answer.
 */
final class BoundedText implements HttpResponse.BodySubscriber<String> {

  private final int bytesMax;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final CompletableFuture<String> whole = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  /** Takes at most {@code bytesMax} bytes. */
  BoundedText(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  @Override
  public CompletionStage<String> getBody() {
    return whole;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    if (whole.isDone()) {
      return;
    }
    for (ByteBuffer buffer : buffers) {
      if (buffer.remaining() > bytesMax - text.size()) {
        whole.complete("an answer of more than " + bytesMax + " bytes, which was not read on");
        text.reset();
        if (subscription != null) {
          subscription.cancel(); // the client closes the connection
        }
        return;
      }
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      text.writeBytes(bytes);
    }
  }

  @Override
  public void onError(Throwable cause) {
    whole.completeExceptionally(cause);
  }

  @Override
  public void onComplete() {
    whole.complete(text.toString(StandardCharsets.UTF_8));
  }
}
