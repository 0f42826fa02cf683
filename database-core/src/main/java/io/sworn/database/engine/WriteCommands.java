package io.sworn.database.engine;

import de.bwaldvogel.mongo.backend.ArrayFilters;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.exception.MongoServerException;
import de.bwaldvogel.mongo.oplog.NoopOplog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** insert, update, delete and findAndModify. Runs under the engine's lock, inside a mark. */
final class WriteCommands {

  private static final int STATEMENTS_MAX = 100_000;

  private final Namespaces namespaces;
  private final Transaction transaction;

  WriteCommands(Namespaces namespaces, Transaction transaction) {
    this.namespaces = namespaces;
    this.transaction = transaction;
  }

  Document insert(EngineCommand command, Document body) {
    List<Document> documents = statements(body, "documents");
    StoredCollection collection =
        namespaces.findOrCreate(command.db(), ReadCommands.collectionName(body, "insert"));
    int[] inserted = {0};
    List<Document> errors =
        each(
            documents,
            body,
            document -> {
              collection.addDocument(document);
              inserted[0]++;
            });
    return reply(new Document("n", inserted[0]), errors);
  }

  Document update(EngineCommand command, Document body) {
    String name = ReadCommands.collectionName(body, "update");
    int[] n = {0};
    int[] modified = {0};
    List<Document> upserted = new ArrayList<>();
    List<Document> statements = statements(body, "updates");
    int[] index = {-1};
    List<Document> errors =
        each(
            statements,
            body,
            statement -> {
              index[0] = statements.indexOf(statement);
              Document result = updateOne(command.db(), name, statement);
              n[0] += count(result, "n");
              modified[0] += count(result, "nModified");
              if (result.containsKey("upserted")) {
                n[0]++;
                upserted.add(new Document("index", index[0]).append("_id", result.get("upserted")));
              }
            });
    Document reply = new Document("n", n[0]).append("nModified", modified[0]);
    if (!upserted.isEmpty()) {
      reply.put("upserted", upserted);
    }
    return reply(reply, errors);
  }

  private Document updateOne(String db, String name, Document statement) {
    only("update.updates", statement, Set.of("q", "u", "multi", "upsert", "arrayFilters", "hint"));
    Document change = change(statement.get("u"));
    Document filter = Guards.filter(statement.get("q"));
    boolean multi = Utils.isTrue(statement.get("multi"));
    boolean upsert = Utils.isTrue(statement.get("upsert"));
    StoredCollection found = namespaces.find(db, name);
    Guards.hint(statement.get("hint"), found);
    if (found == null && !upsert) {
      return new Document("n", 0).append("nModified", 0);
    }
    StoredCollection collection = namespaces.findOrCreate(db, name);
    if (statement.get("arrayFilters") instanceof Collection<?> filters && !filters.isEmpty()) {
      return updateFiltered(collection, filter, change, statement, multi, upsert);
    }
    ArrayFilters none = ArrayFilters.empty();
    if (multi) {
      return collection.updateDocuments(filter, change, none, true, upsert, NoopOplog.get());
    }
    return collection.onFirst(
        () -> collection.updateDocuments(filter, change, none, false, upsert, NoopOplog.get()));
  }

  /** With array filters, which the library reads from a findAndModify only: one for each match. */
  private static Document updateFiltered(
      StoredCollection collection,
      Document filter,
      Document change,
      Document statement,
      boolean multi,
      boolean upsert) {
    if (multi && change.keySet().stream().anyMatch(key -> !key.startsWith("$"))) {
      throw Refusal.failedToParse("multi update only works with $ operators");
    }
    List<Document> matches = collection.find(filter, null, 0, multi ? 0 : 1, null).toList();
    int modified = 0;
    for (Document match : matches) {
      Document one = new Document("_id", new Document("$eq", match.get("_id")));
      Document both = filter.isEmpty() ? one : new Document("$and", List.of(one, filter));
      Document result = modify(collection, filtered(both, change, statement));
      if (!match.equals(result.get("value"))) {
        modified++;
      }
    }
    Document result = new Document("n", matches.size()).append("nModified", modified);
    if (matches.isEmpty() && upsert) {
      Document query = filtered(filter, change, statement).append("upsert", true);
      Object value = modify(collection, query).get("value");
      result.put("upserted", value instanceof Document inserted ? inserted.get("_id") : null);
    }
    return result;
  }

  /** The library says of which command a refusal is; this one was never sent. */
  private static Document modify(StoredCollection collection, Document query) {
    try {
      return collection.findAndModify(query);
    } catch (MongoServerError e) {
      throw e.getCause() instanceof MongoServerError bare ? bare : e;
    }
  }

  private static Document filtered(Document query, Document change, Document statement) {
    return new Document("query", query)
        .append("update", change)
        .append("new", true)
        .append("arrayFilters", statement.get("arrayFilters"));
  }

  private static int count(Document result, String field) {
    return result.get(field) instanceof Integer n ? n : 0;
  }

  private static Document change(@Nullable Object value) {
    if (value instanceof Collection) {
      throw Refusal.notSupported("an update with an aggregation pipeline");
    }
    if (!(value instanceof Document change)) {
      throw Refusal.failedToParse("an update must be a document");
    }
    return change;
  }

  Document delete(EngineCommand command, Document body) {
    String name = ReadCommands.collectionName(body, "delete");
    int[] n = {0};
    List<Document> errors =
        each(
            statements(body, "deletes"),
            body,
            statement -> {
              only("delete.deletes", statement, Set.of("q", "limit", "hint"));
              Document filter = Guards.filter(statement.get("q"));
              long limit = ReadCommands.number(statement, "limit", -1);
              if (limit != 0 && limit != 1) {
                throw Refusal.failedToParse("the limit of a delete must be 0 or 1");
              }
              StoredCollection collection = namespaces.find(command.db(), name);
              Guards.hint(statement.get("hint"), collection);
              if (collection != null) {
                for (Document match : collection.find(filter, null, 0, limit, null).toList()) {
                  collection.removeDocument(match);
                  n[0]++;
                }
              }
            });
    return reply(new Document("n", n[0]), errors);
  }

  Document findAndModify(EngineCommand command, Document body) {
    boolean remove = Utils.isTrue(body.get("remove"));
    if (remove == body.containsKey("update")) {
      throw Refusal.failedToParse("Either an update or remove=true must be specified");
    }
    boolean upsert = Utils.isTrue(body.get("upsert"));
    Document query = new Document();
    query.put("query", Guards.filter(body.get("query")));
    Document sort = ReadCommands.sort(body.get("sort"));
    if (sort != null) {
      query.put("sort", sort);
    }
    if (!remove) {
      query.put("update", change(body.get("update")));
    } else {
      query.put("remove", true);
    }
    Document fields = Guards.projection(body.get("fields"));
    if (fields != null) {
      query.put("fields", fields);
    }
    for (String option : List.of("new", "upsert", "arrayFilters")) {
      if (body.containsKey(option)) {
        query.put(option, body.get(option));
      }
    }
    String name = ReadCommands.collectionName(body, "findAndModify");
    StoredCollection found = namespaces.find(command.db(), name);
    Guards.hint(body.get("hint"), found);
    if (found == null && !upsert) {
      return new Document("lastErrorObject", outcome(0, remove))
          .append("value", null)
          .append("ok", 1.0);
    }
    StoredCollection collection = namespaces.findOrCreate(command.db(), name);
    long before = collection.documents();
    Document result = collection.findAndModify(query);
    if (!result.containsKey("lastErrorObject")) {
      int n = collection.documents() == before ? 0 : 1;
      Document outcome = outcome(n, remove);
      if (n == 1 && !remove && result.get("value") instanceof Document value) {
        outcome.put("upserted", value.get("_id"));
      }
      Document whole = new Document("lastErrorObject", outcome);
      whole.putAll(result);
      return whole;
    }
    return result;
  }

  private static Document outcome(int n, boolean remove) {
    Document outcome = new Document("n", n);
    if (!remove) {
      outcome.put("updatedExisting", false);
    }
    return outcome;
  }

  private static void only(String where, Document statement, Set<String> known) {
    for (String field : statement.keySet()) {
      if (field.equals("collation")) {
        Guards.collation(statement.get(field));
      } else if (!known.contains(field)) {
        throw new MongoServerError(
            40415, "BSON field '" + where + "." + field + "' is an unknown field.");
      }
    }
  }

  private static List<Document> statements(Document body, String field) {
    if (!(body.get(field) instanceof Collection<?> items) || items.isEmpty()) {
      throw Refusal.badValue("'" + field + "' must be a non-empty array");
    }
    if (items.size() > STATEMENTS_MAX) {
      throw Refusal.badValue("'" + field + "' holds more than " + STATEMENTS_MAX + " items");
    }
    List<Document> statements = new ArrayList<>();
    for (Object item : items) {
      if (!(item instanceof Document document)) {
        throw Refusal.typeMismatch("'" + field + "' must hold documents");
      }
      statements.add(document);
    }
    return statements;
  }

  /** Runs each statement inside a mark of its own; a failed one leaves nothing behind. */
  private List<Document> each(List<Document> items, Document body, Consumer<Document> statement) {
    boolean ordered = !Boolean.FALSE.equals(body.get("ordered"));
    List<Document> errors = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      transaction.mark();
      try {
        statement.accept(items.get(i));
        transaction.release();
      } catch (MongoServerException e) {
        transaction.undoToMark();
        Document error = new Document("index", i);
        MongoServerException named =
            e instanceof MongoServerError known ? KnownElsewhere.named(known) : e;
        error.put("code", named instanceof MongoServerError known ? known.getCode() : 8);
        error.put("errmsg", named.getMessageWithoutErrorCode());
        errors.add(error);
        if (ordered) {
          break;
        }
      }
    }
    return errors;
  }

  private static Document reply(Document reply, List<Document> errors) {
    if (!errors.isEmpty()) {
      reply.put("writeErrors", errors);
    }
    return reply.append("ok", 1.0);
  }
}
