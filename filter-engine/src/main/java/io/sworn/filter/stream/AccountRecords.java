package io.sworn.filter.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sworn.event.AccountHeaders;
import io.sworn.event.FilterAccount;
import io.sworn.event.MinuteAccount;
import io.sworn.event.SwornJson;
import io.sworn.event.TrailAccount;
import java.util.function.Consumer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** What the engine writes to the topic of accounts. */
final class AccountRecords implements MinuteBook.Out {

  private final String topic;
  private final Consumer<Record<byte[], Outgoing>> out;

  AccountRecords(String topic, Consumer<Record<byte[], Outgoing>> out) {
    this.topic = topic;
    this.out = out;
  }

  void tell(TrailAccount account) {
    out.accept(
        new Record<>(
            account.trail().getBytes(UTF_8),
            new Outgoing(topic, SwornJson.write(account)),
            account.at()));
  }

  void tell(FilterAccount account) {
    send(account.key(), SwornJson.write(account), FilterAccount.KIND, account.at());
  }

  @Override
  public void tell(MinuteAccount account) {
    byte[] key = MinuteAccount.key(account.trail(), account.minute());
    send(key, SwornJson.write(account), MinuteAccount.KIND, account.at());
  }

  @Override
  public void forget(String trail, String minute, long now) {
    send(MinuteAccount.key(trail, minute), null, MinuteAccount.KIND, now);
  }

  private void send(byte[] key, byte @Nullable [] account, String kind, long at) {
    Headers headers = new RecordHeaders().add(AccountHeaders.KIND, kind.getBytes(UTF_8));
    out.accept(new Record<>(key, new Outgoing(topic, account), at, headers));
  }
}
