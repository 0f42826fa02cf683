package io.sworn.database.engine;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.Oplog;
import de.bwaldvogel.mongo.wire.message.MongoQuery;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** One database as the query library's pipelines see it; every change goes to the namespaces. */
final class StoredDatabase implements MongoDatabase {

  private final Namespaces namespaces;
  private final String name;

  StoredDatabase(Namespaces namespaces, String name) {
    this.namespaces = namespaces;
    this.name = name;
  }

  @Override
  public String getDatabaseName() {
    return name;
  }

  @Override
  public boolean isEmpty() {
    return namespaces.collections(name).isEmpty();
  }

  @Override
  public MongoCollection<?> createCollectionOrThrowIfExists(
      String collection, CollectionOptions options) {
    return namespaces.create(name, collection, new Document());
  }

  @Override
  public @Nullable MongoCollection<?> resolveCollection(String collection, boolean mustExist) {
    StoredCollection found = namespaces.find(name, collection);
    if (found == null && mustExist) {
      throw Refusal.namespaceNotFound("ns not found: " + name + "." + collection);
    }
    return found;
  }

  @Override
  public void handleClose(Channel channel) {
    // No channel ever reaches the library.
  }

  @Override
  public Document handleCommand(
      Channel channel, String command, Document query, DatabaseResolver resolver, Oplog oplog) {
    throw new IllegalStateException("commands do not go through the library");
  }

  @Override
  public QueryResult handleQuery(MongoQuery query) {
    throw new IllegalStateException("queries do not go through the library");
  }

  @Override
  public void drop(Oplog oplog) {
    throw new IllegalStateException("the namespaces drop");
  }

  @Override
  public void dropCollection(String collection, Oplog oplog) {
    throw new IllegalStateException("the namespaces drop");
  }

  @Override
  public void moveCollection(MongoDatabase from, MongoCollection<?> collection, String to) {
    throw new IllegalStateException("the namespaces rename");
  }

  @Override
  public void unregisterCollection(String collection) {
    throw new IllegalStateException("the namespaces drop");
  }
}
