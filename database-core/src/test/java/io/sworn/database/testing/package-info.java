/** Real parts for tests: a broker, certificates, a server with clients, and its events. */
package io.sworn.database.testing;
