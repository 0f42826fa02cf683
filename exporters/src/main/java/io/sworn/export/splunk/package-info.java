/** Delivery to Splunk's HTTP Event Collector, with or without indexer acknowledgement. */
@NullMarked
package io.sworn.export.splunk;

import org.jspecify.annotations.NullMarked;
