package io.sworn.database.authentication;

import io.sworn.database.engine.SystemStore;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.bson.BsonDocument;

/** Keeps records in memory. */
final class MemoryStore implements SystemStore {

  private final TreeMap<String, BsonDocument> records = new TreeMap<>();

  @Override
  public Optional<BsonDocument> get(String kind, String id) {
    return Optional.ofNullable(records.get(kind + " " + id)).map(BsonDocument::clone);
  }

  @Override
  public void put(String kind, String id, BsonDocument document) {
    records.put(kind + " " + id, document.clone());
  }

  @Override
  public boolean delete(String kind, String id) {
    return records.remove(kind + " " + id) != null;
  }

  @Override
  public void deleteAll(String kind, List<String> ids) {
    ids.forEach(id -> delete(kind, id));
  }

  @Override
  public List<BsonDocument> list(String kind) {
    return records.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(kind + " "))
        .map(entry -> entry.getValue().clone())
        .toList();
  }
}
