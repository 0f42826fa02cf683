package io.sworn.database.engine;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.AbstractMongoCollection;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DocumentWithPosition;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.sworn.database.storage.DocumentTable;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Spliterators;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** A collection in the store, as the query library wants to see it. Decodes afresh at each read. */
final class StoredCollection extends AbstractMongoCollection<Long> {

  static final int DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;

  final long id;
  final UUID uuid;
  final Document storedOptions;
  private final Transaction transaction;
  private final Deadline deadline;
  private final DocumentTable table;
  private long documents;
  private long bytes;
  private boolean dirty;
  private boolean gone;
  private boolean firstOnly;

  StoredCollection(
      MongoDatabase database,
      String name,
      long id,
      UUID uuid,
      Document options,
      Transaction transaction,
      Deadline deadline,
      DocumentTable table,
      long documents,
      long bytes) {
    super(database, name, CollectionOptions.withDefaults(), new CursorRegistry());
    this.id = id;
    this.uuid = uuid;
    this.storedOptions = options;
    this.transaction = transaction;
    this.deadline = deadline;
    this.table = table;
    this.documents = documents;
    this.bytes = bytes;
  }

  List<StoredIndex> indexes() {
    return getIndexes().stream().map(StoredIndex.class::cast).toList();
  }

  StoredIndex primary() {
    return indexes().get(0);
  }

  @Nullable Long position(Document document) {
    return primary().getPosition(document);
  }

  long bytes() {
    return bytes;
  }

  boolean gone() {
    return gone;
  }

  void gone(boolean value) {
    gone = value;
  }

  /** Whether the size changed since the last call. */
  boolean takeDirty() {
    boolean was = dirty;
    dirty = false;
    return was;
  }

  private void resize(long moreDocuments, long moreBytes) {
    long beforeDocuments = documents;
    long beforeBytes = bytes;
    transaction.onUndo(
        () -> {
          documents = beforeDocuments;
          bytes = beforeBytes;
        });
    documents += moreDocuments;
    bytes += moreBytes;
    dirty = true;
  }

  private static byte[] encode(Document document) {
    byte[] encoded = BsonBridge.encode(document);
    if (encoded.length > DOCUMENT_BYTES_MAX) {
      throw new MongoServerError(
          10334,
          "BSONObjectTooLarge",
          "a document of " + encoded.length + " bytes: the limit is " + DOCUMENT_BYTES_MAX);
    }
    return encoded;
  }

  @Override
  public void addDocument(Document given) {
    Document document = new Document();
    document.put(
        "_id",
        given.containsKey("_id")
            ? given.get("_id")
            : new ObjectId(new org.bson.types.ObjectId().toByteArray()));
    document.putAll(given);
    given.putIfAbsent("_id", document.get("_id"));
    Object key = document.get("_id");
    if (key instanceof Collection) {
      throw new MongoServerError(53, "InvalidIdField", "The '_id' value cannot be of type array");
    }
    for (String field : document.keySet()) {
      if (field.startsWith("$")) {
        throw new MongoServerError(
            52, "DollarPrefixedFieldName", "the field name '" + field + "' begins with '$'");
      }
    }
    byte[] encoded = encode(document);
    for (Index<Long> index : getIndexes()) {
      index.checkAdd(document, this);
    }
    long position = table.add(encoded);
    for (Index<Long> index : getIndexes()) {
      index.add(document, position, this);
    }
    resize(1, encoded.length);
  }

  @Override
  public void removeDocument(Document document) {
    Long position = position(document);
    if (position == null) {
      return;
    }
    byte[] stored = Objects.requireNonNull(table.get(position));
    for (StoredIndex index : indexes()) {
      index.remove(BsonBridge.decode(stored), position);
    }
    table.remove(position);
    resize(-1, -stored.length);
  }

  @Override
  protected void handleUpdate(Long position, Document before, Document after) {
    byte[] encoded = encode(after);
    byte[] stored = Objects.requireNonNull(table.get(position));
    table.replace(position, encoded);
    resize(0, encoded.length - stored.length);
  }

  /** Runs {@code change} so that the library looks at the first match only. */
  <T> T onFirst(java.util.function.Supplier<T> change) {
    firstOnly = true;
    try {
      return change.get();
    } finally {
      firstOnly = false;
    }
  }

  /** Candidates for a filter, lazily, each a fresh copy; an index narrows them if one can. */
  Stream<Document> candidates(Document query) {
    for (StoredIndex index : indexes()) {
      if (!index.sparse() && index.canHandle(query)) {
        return StreamSupport.stream(index.getPositions(query).spliterator(), false)
            .peek(position -> deadline.check())
            .map(table::get)
            .filter(Objects::nonNull)
            .map(BsonBridge::decode);
      }
    }
    return scan(false).map(DocumentWithPosition::getDocument);
  }

  /** Matches of a filter, lazily; sorted, skipped, limited and projected as asked. */
  Stream<Document> find(
      Document query, @Nullable Document sort, long skip, long limit, @Nullable Document fields) {
    boolean backwards = isNaturalDescending(sort);
    Stream<Document> found =
        (backwards ? scan(true).map(DocumentWithPosition::getDocument) : candidates(query))
            .filter(document -> documentMatchesQuery(document, query));
    java.util.Comparator<Document> order = deriveComparator(sort);
    if (order != null) {
      found = found.sorted(order);
    }
    if (skip > 0) {
      found = found.skip(skip);
    }
    if (limit > 0) {
      found = found.limit(limit);
    }
    if (fields != null && !fields.isEmpty()) {
      Document all = new Document();
      found =
          found.flatMap(
              document ->
                  matchDocumentsFromStream(Stream.of(document), all, null, 0, 0, 0, fields)
                      .collectDocuments()
                      .stream());
    }
    return found;
  }

  @Override
  protected QueryResult queryDocuments(
      Document query, Document sort, int skip, int limit, int batch, Document fields) {
    return new QueryResult(find(query, sort, skip, firstOnly ? 1 : limit, fields).toList());
  }

  // The inherited forms take a filter on a field named "query" for a wrapped filter.
  @Override
  public Iterable<Document> handleQuery(Document query) {
    return find(query, null, 0, 0, null).toList();
  }

  @Override
  public Stream<Document> handleQueryAsStream(Document query) {
    return find(query, null, 0, 0, null);
  }

  private Stream<DocumentWithPosition<Long>> scan(boolean descending) {
    Iterator<DocumentWithPosition<Long>> rows =
        new Iterator<>() {
          private long last = descending ? Long.MAX_VALUE : Long.MIN_VALUE;
          private Iterator<DocumentTable.Row> page = Collections.emptyIterator();

          @Override
          public boolean hasNext() {
            deadline.check();
            if (!page.hasNext()) {
              page = table.page(last, descending).iterator();
            }
            return page.hasNext();
          }

          @Override
          public DocumentWithPosition<Long> next() {
            DocumentTable.Row row = page.next();
            last = row.position();
            return new DocumentWithPosition<>(BsonBridge.decode(row.document()), last);
          }
        };
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(rows, 0), false);
  }

  @Override
  protected Stream<DocumentWithPosition<Long>> streamAllDocumentsWithPosition() {
    return scan(false);
  }

  @Override
  protected QueryResult matchDocuments(
      Document query, Document sort, int skip, int limit, int batch, Document fields) {
    return queryDocuments(query, sort, skip, limit, batch, fields);
  }

  @Override
  protected Document getDocument(Long position) {
    return BsonBridge.decode(Objects.requireNonNull(table.get(position)));
  }

  @Override
  public int count() {
    return (int) Math.min(documents, Integer.MAX_VALUE);
  }

  long documents() {
    return documents;
  }

  @Override
  protected void updateDataSize(int delta) {
    // resize() counts.
  }

  @Override
  protected int getDataSize() {
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  @Override
  protected boolean tracksDataSize() {
    return false;
  }

  @Override
  protected Long addDocumentInternal(Document document) {
    throw new IllegalStateException("addDocument does it all");
  }

  @Override
  protected void removeDocument(Long position) {
    throw new IllegalStateException("removeDocument does it all");
  }
}
