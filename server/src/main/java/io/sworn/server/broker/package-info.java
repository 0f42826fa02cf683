/**
 * The embedded Apache Kafka broker: a child process on loopback with TLS, SASL and access rules.
 */
@NullMarked
package io.sworn.server.broker;

import org.jspecify.annotations.NullMarked;
