package io.sworn.export;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;

/** Makes one sort of exporter from text settings. Stateless. */
public interface ExporterFactory {

  /** Name of the sort; each of its keys begins with this name and a dot. */
  String name();

  /** Every key: type, default, range, documentation. Secrets have type {@code PASSWORD}. */
  ConfigDef settings();

  /**
   * Keys whose values name files of this machine. Where a relative one starts is for the host to
   * say.
   */
  Set<String> files();

  /**
   * Problems that no single key shows, such as a certificate without its key, or a file that cannot
   * be read. Only called when each key alone is valid; does not touch the network.
   *
   * @return key to what is wrong and how to put it right; empty if all is well
   */
  Map<String, String> problems(Map<String, String> settings);

  /** How many exporters may work side by side for one destination. */
  default int parallelMax() {
    return Integer.MAX_VALUE;
  }

  /**
   * How many batches one task may have under way at a time, each with an exporter of its own. More
   * than one gives up the order of events between batches; what is settled stays a prefix.
   */
  default int batchesInFlight(Map<String, String> settings) {
    return 1;
  }

  /**
   * An exporter. Does not need the destination to be up.
   *
   * @throws io.sworn.event.SwornException with code {@code CONFIGURATION} if settings are unusable
   */
  Exporter create(Map<String, String> settings);

  /** Names of all keys, sorted. */
  default List<String> keys() {
    return settings().names().stream().sorted().toList();
  }
}
