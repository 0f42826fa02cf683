package io.sworn.export.splunk;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What the collector took and the indexer has not acknowledged yet. */
final class PendingAcks {

  private static final int IDS_PER_QUESTION = 1_000;

  /** A node that is gone never acknowledges; an idle indexer takes this long at most. */
  private static final Duration PATIENCE_IN_DOUBT = Duration.ofSeconds(30);

  /**
   * Under what a post can be asked for.
   *
   * @param channel of the post
   * @param ackId counted by the node, per channel
   */
  record Receipt(String channel, long ackId) {}

  private static final class Post {
    final Span span;
    long deadline;
    boolean inDoubt;

    Post(Span span, long deadline) {
      this.span = span;
      this.deadline = deadline;
    }
  }

  private final Map<Receipt, Post> posts = new LinkedHashMap<>();
  private final Duration timeout;

  PendingAcks(Duration timeout) {
    this.timeout = timeout;
  }

  /**
   * Adds a post. If the node had given the same number before, it was started anew in between, and
   * the older post is forgotten: nobody can tell any more what became of it.
   */
  void add(Receipt receipt, Span span) {
    posts.put(receipt, new Post(span, System.nanoTime() + timeout.toNanos()));
  }

  boolean isEmpty() {
    return posts.isEmpty();
  }

  /** The balancer's cookie has changed: the node that took these posts may be out of reach. */
  void doubt() {
    long deadline = System.nanoTime() + PATIENCE_IN_DOUBT.toNanos();
    for (Post post : posts.values()) {
      post.inDoubt = true;
      post.deadline = Math.min(post.deadline, deadline);
    }
  }

  /**
   * Asks for all posts and tells of those that are acknowledged, at once, since no status is given
   * twice.
   */
  void ask(HecConnection connection, Consumer<Span> acknowledged)
      throws IOException, InterruptedException {
    Map<String, List<Long>> byChannel = new TreeMap<>();
    for (Receipt key : posts.keySet()) {
      byChannel.computeIfAbsent(key.channel(), c -> new ArrayList<>()).add(key.ackId());
    }
    for (Map.Entry<String, List<Long>> channel : byChannel.entrySet()) {
      List<Long> ids = channel.getValue();
      for (int from = 0; from < ids.size(); from += IDS_PER_QUESTION) {
        List<Long> question = ids.subList(from, Math.min(ids.size(), from + IDS_PER_QUESTION));
        for (long id : connection.acknowledged(channel.getKey(), question)) {
          Post post = posts.remove(new Receipt(channel.getKey(), id));
          if (post == null) {
            throw new IllegalStateException("an acknowledgement that was not asked for");
          }
          if (post.inDoubt) {
            connection.cookiesRotate(); // the node from before the change still answers
          }
          acknowledged.accept(post.span);
        }
      }
    }
  }

  /** Removes those that have waited too long. */
  List<Span> removeLate() {
    List<Span> late = new ArrayList<>();
    long now = System.nanoTime();
    for (Iterator<Post> all = posts.values().iterator(); all.hasNext(); ) {
      Post post = all.next();
      if (now - post.deadline >= 0) {
        late.add(post.span);
        all.remove();
      }
    }
    return late;
  }

  List<Span> removeAll() {
    List<Span> all = posts.values().stream().map(post -> post.span).toList();
    posts.clear();
    return all;
  }
}
