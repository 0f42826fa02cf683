package io.sworn.database.engine;

import de.bwaldvogel.mongo.backend.DefaultQueryMatcher;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/** Commands about databases, collections and indexes. Runs under the engine's lock. */
final class CatalogueCommands {

  private static final Set<String> INDEX_OPTIONS =
      Set.of("v", "key", "name", "unique", "sparse", "background", "ns", "hidden", "collation");

  private final Namespaces namespaces;
  private final Cursors cursors;

  CatalogueCommands(Namespaces namespaces, Cursors cursors) {
    this.namespaces = namespaces;
    this.cursors = cursors;
  }

  Document create(EngineCommand command, Document body) {
    for (Map.Entry<String, Object> entry : body.entrySet()) {
      String option = entry.getKey();
      Object value = entry.getValue();
      boolean off = Boolean.FALSE.equals(value) || (value instanceof Document d && d.isEmpty());
      if (Set.of(
                  "validator",
                  "validationLevel",
                  "validationAction",
                  "viewOn",
                  "pipeline",
                  "timeseries",
                  "expireAfterSeconds",
                  "clusteredIndex",
                  "encryptedFields",
                  "capped",
                  "size",
                  "max",
                  "storageEngine",
                  "indexOptionDefaults",
                  "changeStreamPreAndPostImages",
                  "idIndex",
                  "autoIndexId")
              .contains(option)
          && !off) {
        throw Refusal.invalidOptions("option '" + option + "' of create is not supported");
      }
    }
    namespaces.create(command.db(), ReadCommands.collectionName(body, "create"), new Document());
    return ok();
  }

  Document drop(EngineCommand command, Document body) {
    String name = ReadCommands.collectionName(body, "drop");
    StoredCollection collection = namespaces.find(command.db(), name);
    if (collection == null) {
      return ok();
    }
    Document reply =
        new Document("nIndexesWas", collection.getIndexes().size())
            .append("ns", command.db() + "." + name);
    namespaces.drop(command.db(), name, collection);
    return reply.append("ok", 1.0);
  }

  Document dropDatabase(EngineCommand command, Document body) {
    if (namespaces.collections(command.db()).isEmpty()) {
      return ok();
    }
    namespaces.dropDatabase(command.db());
    return new Document("dropped", command.db()).append("ok", 1.0);
  }

  Document rename(Document body) {
    String from = ReadCommands.collectionName(body, "renameCollection");
    String to = ReadCommands.collectionName(body, "to");
    if (from.indexOf('.') < 1 || to.indexOf('.') < 1) {
      throw Refusal.invalidNamespace("renameCollection needs two full namespaces");
    }
    if (from.equals(to)) {
      throw Refusal.illegalOperation("Can't rename a collection to itself");
    }
    StoredCollection source = named(from);
    if (source == null) {
      throw Refusal.namespaceNotFound("Source collection " + from + " does not exist");
    }
    StoredCollection target = named(to);
    if (target != null && !Utils.isTrue(body.get("dropTarget"))) {
      throw Refusal.namespaceExists("target namespace exists");
    }
    if (target != null) {
      namespaces.drop(target.getDatabaseName(), target.getCollectionName(), target);
    }
    int dot = to.indexOf('.');
    namespaces.rename(source, to.substring(0, dot), to.substring(dot + 1));
    return ok();
  }

  private @Nullable StoredCollection named(String namespace) {
    int dot = namespace.indexOf('.');
    return namespaces.find(namespace.substring(0, dot), namespace.substring(dot + 1));
  }

  Document createIndexes(EngineCommand command, Document body) {
    String name = ReadCommands.collectionName(body, "createIndexes");
    if (!(body.get("indexes") instanceof Collection<?> given) || given.isEmpty()) {
      throw Refusal.badValue("Must specify at least one index to create");
    }
    List<Document> specs = given.stream().map(CatalogueCommands::checked).toList();
    boolean created = namespaces.find(command.db(), name) == null;
    StoredCollection collection = namespaces.findOrCreate(command.db(), name);
    int before = collection.getIndexes().size();
    for (Document spec : specs) {
      if (!exists(collection, spec)) {
        namespaces.createIndex(collection, spec);
      }
    }
    int after = collection.getIndexes().size();
    Document reply =
        new Document("numIndexesBefore", before)
            .append("numIndexesAfter", after)
            .append("createdCollectionAutomatically", created);
    if (before == after) {
      reply.put("note", "all indexes already exist");
    }
    return reply.append("ok", 1.0);
  }

  private static boolean exists(StoredCollection collection, Document spec) {
    for (StoredIndex index : collection.indexes()) {
      boolean sameName = index.getName().equals(spec.get("name"));
      boolean sameKey = Guards.sameKey(index.spec.get("key"), spec.get("key"));
      boolean sameKind =
          index.getName().equals("_id_")
              || (Boolean.TRUE.equals(spec.get("unique")) == index.isUnique()
                  && Boolean.TRUE.equals(spec.get("sparse")) == index.sparse());
      if (sameKey && sameKind && (sameName || index.getName().equals("_id_"))) {
        return true;
      }
      if (sameName) {
        throw new MongoServerError(
            86,
            "IndexKeySpecsConflict",
            "An existing index has the same name as the requested index: " + spec.get("name"));
      }
      if (sameKey) {
        throw new MongoServerError(
            85, "IndexOptionsConflict", "Index already exists with a different name or options");
      }
    }
    return false;
  }

  /** The spec as it is kept, or a refusal of what would only be stored and not done. */
  private static Document checked(Object given) {
    if (!(given instanceof Document spec)
        || !(spec.get("key") instanceof Document key)
        || key.isEmpty()) {
      throw Refusal.failedToParse("an index needs a non-empty 'key'");
    }
    for (String option : spec.keySet()) {
      if (!INDEX_OPTIONS.contains(option)) {
        throw Refusal.cannotCreateIndex("index option '" + option + "' is not supported");
      }
    }
    if (Utils.isTrue(spec.get("hidden"))) {
      throw Refusal.cannotCreateIndex("hidden indexes are not supported");
    }
    Guards.collation(spec.get("collation"));
    for (Map.Entry<String, Object> field : key.entrySet()) {
      if (!(field.getValue() instanceof Number order) || order.doubleValue() == 0) {
        throw Refusal.cannotCreateIndex("index type '" + field.getValue() + "' is not supported");
      }
      if (field.getKey().contains("$") || field.getKey().isEmpty()) {
        throw Refusal.cannotCreateIndex("index on '" + field.getKey() + "' is not supported");
      }
    }
    if (!(spec.get("name") instanceof String name) || name.isEmpty() || name.equals("*")) {
      throw Refusal.failedToParse("an index needs a 'name'");
    }
    Document kept = new Document("v", 2).append("key", key).append("name", name);
    for (String option : List.of("unique", "sparse")) {
      if (Utils.isTrue(spec.get(option))) {
        kept.put(option, true);
      }
    }
    return kept;
  }

  Document dropIndexes(EngineCommand command, Document body) {
    StoredCollection collection = existing(command, body, "dropIndexes");
    Object which = body.get("index");
    if (which == null) {
      throw Refusal.failedToParse("dropIndexes needs 'index'");
    }
    int before = collection.getIndexes().size();
    List<StoredIndex> doomed = new ArrayList<>();
    if ("*".equals(which)) {
      doomed.addAll(collection.indexes().subList(1, before));
    } else {
      Collection<?> wanted = which instanceof Collection<?> many ? many : List.of(which);
      for (Object one : wanted) {
        doomed.add(
            collection.indexes().stream()
                .filter(i -> i.getName().equals(one) || Guards.sameKey(i.spec.get("key"), one))
                .findFirst()
                .orElseThrow(
                    () ->
                        new MongoServerError(
                            27, "IndexNotFound", "index not found with name [" + one + "]")));
      }
    }
    for (StoredIndex index : doomed) {
      namespaces.dropIndex(collection, index);
    }
    return new Document("nIndexesWas", before).append("ok", 1.0);
  }

  private StoredCollection existing(EngineCommand command, Document body, String field) {
    String name = ReadCommands.collectionName(body, field);
    StoredCollection collection = namespaces.find(command.db(), name);
    if (collection == null) {
      throw Refusal.namespaceNotFound("ns does not exist: " + command.db() + "." + name);
    }
    return collection;
  }

  BsonDocument listCollections(EngineCommand command, Document body) {
    Document filter = Guards.filter(body.get("filter"));
    boolean nameOnly = Utils.isTrue(body.get("nameOnly"));
    List<Document> found = new ArrayList<>();
    for (StoredCollection collection : namespaces.collections(command.db())) {
      Document entry =
          new Document("name", collection.getCollectionName()).append("type", "collection");
      if (!nameOnly) {
        entry.put("options", collection.storedOptions);
        entry.put("info", new Document("readOnly", false).append("uuid", collection.uuid));
        entry.put("idIndex", collection.primary().spec);
      }
      if (new DefaultQueryMatcher().matches(entry, filter)) {
        found.add(entry);
      }
    }
    return list(command, command.db() + ".$cmd.listCollections", body, found);
  }

  BsonDocument listIndexes(EngineCommand command, Document body) {
    StoredCollection collection = existing(command, body, "listIndexes");
    List<Document> specs = collection.indexes().stream().map(i -> i.spec).toList();
    return list(command, collection.getFullName(), body, specs);
  }

  private BsonDocument list(
      EngineCommand command, String namespace, Document body, List<Document> entries) {
    long batch =
        body.get("cursor") instanceof Document options
            ? ReadCommands.number(options, "batchSize", Integer.MAX_VALUE)
            : Integer.MAX_VALUE;
    return cursors.first(
        command.owner(),
        namespace,
        ReadCommands.materialised(entries.stream()),
        null,
        batch,
        false);
  }

  Document listDatabases(Document body) {
    Document filter = Guards.filter(body.get("filter"));
    boolean nameOnly = Utils.isTrue(body.get("nameOnly"));
    List<Document> found = new ArrayList<>();
    long total = 0;
    for (String db : namespaces.databases()) {
      Document entry = new Document("name", db);
      long bytes = bytes(db);
      if (!nameOnly) {
        entry.append("sizeOnDisk", bytes).append("empty", false);
      }
      if (new DefaultQueryMatcher().matches(entry, filter)) {
        found.add(entry);
        total += bytes;
      }
    }
    Document reply = new Document("databases", found);
    if (!nameOnly) {
      reply.append("totalSize", total).append("totalSizeMb", total >> 20);
    }
    return reply.append("ok", 1.0);
  }

  private long bytes(String db) {
    return namespaces.collections(db).stream()
        .collect(Collectors.summingLong(StoredCollection::bytes));
  }

  Document dbStats(EngineCommand command, Document body) {
    double scale = scale(body);
    List<StoredCollection> all = namespaces.collections(command.db());
    long objects = all.stream().mapToLong(StoredCollection::documents).sum();
    long bytes = bytes(command.db());
    return new Document("db", command.db())
        .append("collections", (long) all.size())
        .append("views", 0L)
        .append("objects", objects)
        .append("avgObjSize", objects == 0 ? 0.0 : (double) bytes / objects)
        .append("dataSize", bytes / scale)
        .append("storageSize", bytes / scale)
        .append("indexes", all.stream().mapToLong(c -> c.getIndexes().size()).sum())
        .append("scaleFactor", (long) scale)
        .append("ok", 1.0);
  }

  Document collStats(EngineCommand command, Document body) {
    double scale = scale(body);
    String name = ReadCommands.collectionName(body, "collStats");
    StoredCollection collection = namespaces.find(command.db(), name);
    long documents = collection == null ? 0 : collection.documents();
    long bytes = collection == null ? 0 : collection.bytes();
    return new Document("ns", command.db() + "." + name)
        .append("size", bytes / scale)
        .append("count", documents)
        .append("avgObjSize", documents == 0 ? 0.0 : (double) bytes / documents)
        .append("storageSize", bytes / scale)
        .append("nindexes", collection == null ? 0 : collection.getIndexes().size())
        .append("capped", false)
        .append("scaleFactor", (long) scale)
        .append("ok", 1.0);
  }

  private static double scale(Document body) {
    long scale = ReadCommands.number(body, "scale", 1);
    if (scale < 1) {
      throw Refusal.badValue("'scale' must be at least 1");
    }
    return scale;
  }

  /** Reads every document and looks each one up in the primary index. */
  Document validate(EngineCommand command, Document body) {
    StoredCollection collection = existing(command, body, "validate");
    long[] found = {0};
    List<Object> errors = new ArrayList<>();
    collection
        .find(new Document(), null, 0, 0, null)
        .forEach(
            document -> {
              found[0]++;
              if (collection.position(document) == null && errors.size() < 100) {
                errors.add("a document is missing in _id_");
              }
            });
    if (found[0] != collection.documents()) {
      errors.add("counted " + found[0] + " documents, expected " + collection.documents());
    }
    Document keys = new Document();
    collection.indexes().forEach(i -> keys.put(i.getName(), i.getCount()));
    return new Document("ns", collection.getFullName())
        .append("nrecords", found[0])
        .append("nIndexes", collection.getIndexes().size())
        .append("keysPerIndex", keys)
        .append("valid", errors.isEmpty())
        .append("warnings", List.of())
        .append("errors", errors)
        .append("ok", 1.0);
  }

  private static Document ok() {
    return new Document("ok", 1.0);
  }
}
