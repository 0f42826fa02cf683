/**
 * Audit events in the words of others: Elastic Common Schema, Splunk HEC with CIM fields, the line
 * of Guardium's MongoDB input, JSON lines. No transport knows another's format, and all of them ask
 * {@link io.sworn.export.format.EventClass} what an action means.
 */
@NullMarked
package io.sworn.export.format;

import org.jspecify.annotations.NullMarked;
