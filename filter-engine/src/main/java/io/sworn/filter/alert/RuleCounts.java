package io.sworn.filter.alert;

/**
 * What became of the events that a rule selected.
 *
 * @param matched selected since the start of this process
 * @param alerts made
 * @param suppressed held back because their group had just made an alert
 * @param late arrived too late to be counted
 * @param evicted groups, or events of a group, that were given up for want of room
 */
public record RuleCounts(long matched, long alerts, long suppressed, long late, long evicted) {}
