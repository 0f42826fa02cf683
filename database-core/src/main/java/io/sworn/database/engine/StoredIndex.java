package io.sworn.database.engine;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.sworn.database.storage.KeyTable;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A real index, unique or not. A lookup may give more positions than match: the collection checks
 * every candidate against the whole filter.
 */
final class StoredIndex extends Index<Long> {

  private static final int ENTRIES_MAX = 100_000;

  final long id;
  final Document spec;
  final KeyTable table;
  private final List<String> paths;
  private final boolean unique;
  private final boolean onlyWithValue;
  private final boolean primary;

  StoredIndex(long id, Document spec, KeyTable table) {
    super(String.valueOf(spec.get("name")), keysOf(spec), true);
    this.id = id;
    this.spec = spec;
    this.table = table;
    paths = getKeys().stream().map(IndexKey::getKey).toList();
    primary = getName().equals("_id_");
    unique = primary || Boolean.TRUE.equals(spec.get("unique"));
    onlyWithValue = Boolean.TRUE.equals(spec.get("sparse"));
  }

  private static List<IndexKey> keysOf(Document spec) {
    List<IndexKey> keys = new ArrayList<>();
    if (spec.get("key") instanceof Document key) {
      key.forEach(
          (field, order) -> keys.add(new IndexKey(field, ((Number) order).doubleValue() > 0)));
    }
    return keys;
  }

  boolean sparse() {
    return onlyWithValue;
  }

  /** The keys of a document; none if the index leaves it out. */
  private Map<ByteKey, List<@Nullable Object>> keys(Document document) {
    Map<ByteKey, List<@Nullable Object>> keys = new LinkedHashMap<>();
    keys.put(new ByteKey(new byte[0]), List.of());
    int arrays = 0;
    boolean anyValue = false;
    for (String path : paths) {
      List<@Nullable Object> values =
          primary
              ? java.util.Collections.singletonList(document.get("_id"))
              : IndexKeys.values(document, path);
      anyValue |= document.containsKey(path) || values.stream().anyMatch(Objects::nonNull);
      if (values.size() > 1 && ++arrays > 1) {
        throw new MongoServerError(
            171, "CannotIndexParallelArrays", "cannot index parallel arrays in " + paths);
      }
      Map<ByteKey, List<@Nullable Object>> longer = new LinkedHashMap<>();
      for (Map.Entry<ByteKey, List<@Nullable Object>> start : keys.entrySet()) {
        for (Object value : values) {
          List<@Nullable Object> tuple = new ArrayList<>(start.getValue());
          tuple.add(value);
          longer.put(start.getKey().plus(IndexKeys.encode(value)), tuple);
        }
      }
      if (longer.size() > ENTRIES_MAX) {
        throw Refusal.badValue(
            "more than " + ENTRIES_MAX + " keys of one document in " + getName());
      }
      keys = longer;
    }
    return onlyWithValue && !anyValue ? Map.of() : keys;
  }

  /** Bytes that are equal when their contents are. */
  private record ByteKey(java.nio.ByteBuffer bytes) {
    ByteKey(byte[] bytes) {
      this(java.nio.ByteBuffer.wrap(bytes));
    }

    ByteKey plus(byte[] more) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(bytes.array());
      out.writeBytes(more);
      return new ByteKey(out.toByteArray());
    }
  }

  @Override
  public void checkAdd(Document document, MongoCollection<Long> collection) {
    check(document, null, collection);
  }

  private void check(Document document, @Nullable Long own, MongoCollection<Long> collection) {
    keys(document)
        .forEach(
            (key, tuple) -> {
              Long position = unique ? table.position(key.bytes().array()) : null;
              if (position != null && !position.equals(own)) {
                throw new DuplicateKeyError(this, collection, getKeys(), new KeyValue(tuple));
              }
            });
  }

  @Override
  public void add(Document document, Long position, MongoCollection<Long> collection) {
    for (ByteKey key : keys(document).keySet()) {
      table.add(key.bytes().array(), position);
    }
  }

  void remove(Document document, long position) {
    for (ByteKey key : keys(document).keySet()) {
      table.remove(key.bytes().array(), position);
    }
  }

  @Override
  public @Nullable Long getPosition(Document document) {
    return primary ? table.position(IndexKeys.encode(document.get("_id"))) : null;
  }

  @Override
  public @Nullable Long remove(Document document) {
    throw new IllegalStateException("the collection removes by position");
  }

  @Override
  public void checkUpdate(Document before, Document after, MongoCollection<Long> collection) {
    if (unique) {
      check(after, ((StoredCollection) collection).position(before), collection);
    } else {
      keys(after);
    }
  }

  @Override
  public void updateInPlace(
      Document before, Document after, Long position, MongoCollection<Long> collection) {
    Set<ByteKey> old = keys(before).keySet();
    Set<ByteKey> fresh = keys(after).keySet();
    for (ByteKey key : old) {
      if (!fresh.contains(key)) {
        table.remove(key.bytes().array(), position);
      }
    }
    for (ByteKey key : fresh) {
      if (!old.contains(key)) {
        table.add(key.bytes().array(), position);
      }
    }
  }

  @Override
  public boolean canHandle(Document query) {
    return ranges(query) != null;
  }

  @Override
  public Iterable<Long> getPositions(Document query) {
    List<byte[][]> ranges = ranges(query);
    if (ranges == null) {
      throw new IllegalStateException("ask canHandle first");
    }
    // Positions first, documents later: eight bytes each, each position once.
    Set<Long> positions = new LinkedHashSet<>();
    for (byte[][] range : ranges) {
      byte[] key = range[0];
      long after = Long.MIN_VALUE;
      List<KeyTable.Entry> page = table.page(key, after, range[1]);
      while (!page.isEmpty()) {
        page.forEach(entry -> positions.add(entry.position()));
        KeyTable.Entry last = page.get(page.size() - 1);
        page = table.page(last.key(), last.position(), range[1]);
      }
    }
    return positions;
  }

  /** Key ranges that hold every match of the filter's condition on the leading field, or null. */
  private @Nullable List<byte[][]> ranges(Document query) {
    String lead = paths.get(0);
    Object condition = query.get(lead);
    if (simple(condition)) {
      return List.<byte[][]>of(equal(condition));
    }
    if (!(condition instanceof Document operators)) {
      return null;
    }
    if (simple(operators.get("$eq"))) {
      return List.<byte[][]>of(equal(operators.get("$eq")));
    }
    if (operators.get("$in") instanceof Collection<?> items
        && items.stream().allMatch(StoredIndex::simple)) {
      return items.stream().map(StoredIndex::equal).toList();
    }
    for (Iterator<Map.Entry<String, Object>> i = operators.entrySet().iterator(); i.hasNext(); ) {
      Map.Entry<String, Object> entry = i.next();
      if (ordered(entry.getValue())) {
        byte[] bound = IndexKeys.prefix(entry.getValue());
        byte[] low = {bound[0]};
        byte[] high = {(byte) (bound[0] + 1)};
        // One bound only: in an array, two elements may satisfy one bound each.
        switch (entry.getKey()) {
          case "$gt", "$gte":
            return List.<byte[][]>of(new byte[][] {bound, high});
          case "$lt", "$lte":
            return List.<byte[][]>of(new byte[][] {low, IndexKeys.end(bound)});
          default:
        }
      }
    }
    return null;
  }

  private static byte[][] equal(@Nullable Object value) {
    byte[] prefix = IndexKeys.prefix(value);
    return new byte[][] {prefix, IndexKeys.end(prefix)};
  }

  private static boolean simple(@Nullable Object value) {
    return ordered(value)
        || value instanceof Boolean
        || value instanceof UUID
        || value instanceof BinData;
  }

  private static boolean ordered(@Nullable Object value) {
    return !(value instanceof Missing)
        && (value instanceof String
            || (value instanceof Number number && Double.isFinite(number.doubleValue()))
            || value instanceof ObjectId
            || value instanceof Instant);
  }

  @Override
  public long getCount() {
    return table.count();
  }

  @Override
  public long getDataSize() {
    return table.count();
  }

  @Override
  public boolean isUnique() {
    return unique;
  }

  @Override
  public void drop() {
    // The catalogue drops the table.
  }
}
