/**
 * Delivery to Guardium's MongoDB input by syslog over TCP or TLS. Syslog acknowledges nothing; what
 * can be known is looked at before an event counts as delivered.
 */
@NullMarked
package io.sworn.export.guardium;

import org.jspecify.annotations.NullMarked;
