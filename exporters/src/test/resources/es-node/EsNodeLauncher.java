import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts one Elasticsearch node in this JVM: arguments are the unpacked distribution, a scratch
 * directory and settings (key=value). Prints READY host:port; stops when standard input ends. Not
 * compiled with the project, because version 9 has classes of Java 21: the JVM that runs it
 * compiles it from source.
 */
public class EsNodeLauncher {
  public static void main(String[] args) throws Exception {
    Path work = Path.of(args[1]);
    System.setProperty("es.path.home", args[0]);
    Settings.Builder settings =
        Settings.builder()
            .put("path.home", args[0])
            .put("path.data", work.resolve("data").toString())
            .put("path.logs", work.resolve("logs").toString())
            .put("cluster.name", "it")
            .put("node.name", "it-1")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", "0")
            .put("transport.port", "0")
            .put("node.processors", 2)
            .put("cluster.routing.allocation.disk.threshold_enabled", false);
    for (int i = 2; i < args.length; i++) {
      String[] pair = args[i].split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    LogConfigurator.configureESLogging();
    var environment =
        InternalSettingsPreparer.prepareEnvironment(
            settings.build(),
            Map.of(),
            Files.createDirectories(work.resolve("config")),
            () -> "it-1");
    Node node =
        new Node(
            environment,
            PluginsLoader.createPluginsLoader(
                bundles(environment.getClass(), environment), Set.of(), Map.of()));
    node.start();
    Runtime.getRuntime().addShutdownHook(new Thread(EsNodeLauncher::outliveSignal));
    System.out.println(
        "READY "
            + node.injector()
                .getInstance(HttpServerTransport.class)
                .boundAddress()
                .publishAddress());
    while (System.in.read() >= 0) {
      // The parent ends the stream when it wants us to stop, or when it dies.
    }
    node.close();
    node.awaitClose(10, TimeUnit.SECONDS);
    Runtime.getRuntime().halt(0);
  }

  /**
   * Ctrl-C reaches the parent and this process alike, and the parent may still have events for us:
   * so the end of the input stops the node, and a signal only does if that does not come.
   */
  private static void outliveSignal() {
    try {
      TimeUnit.SECONDS.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Names and parameters differ between 8.19 and 9. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Set bundles(Class<?> type, Object environment) throws Exception {
    Path modules;
    try {
      modules = (Path) type.getMethod("modulesDir").invoke(environment);
    } catch (NoSuchMethodException e) {
      modules = (Path) type.getMethod("modulesFile").invoke(environment);
    }
    for (Method method : PluginsLoader.class.getMethods()) {
      if (method.getName().equals("loadModulesBundles")) {
        return (Set)
            (method.getParameterCount() == 1
                ? method.invoke(null, modules)
                : method.invoke(null, modules, false));
      }
    }
    throw new IllegalStateException("PluginsLoader has no loadModulesBundles");
  }
}
