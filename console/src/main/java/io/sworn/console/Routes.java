package io.sworn.console;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.sworn.console.ConsoleAction.Kind;
import io.sworn.event.SwornJson;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which path leads where. A path that is not named open needs a visit under way. */
final class Routes {

  private static final Logger LOG = LoggerFactory.getLogger(Routes.class);

  private static final String SIGN_IN = "/sign-in";

  private static final Set<String> OPEN =
      Set.of(SIGN_IN, "/assets/console.css", "/assets/console.js", "/assets/icon.svg");

  /** Asked for by the page itself, not by a person; they do not keep a visit alive. */
  private static final Set<String> REFRESH = Set.of("/flow", "/api/flow");

  private static final Pattern REPORT_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  private final ConsoleData data;
  private final Sessions sessions;
  private final SignIn signIn;
  private final Clock clock;
  private final Pages pages = new Pages();
  private final Assets assets = new Assets();

  Routes(ConsoleData data, Sessions sessions, SignInGuard guard, Clock clock) {
    this.data = data;
    this.sessions = sessions;
    this.clock = clock;
    this.signIn = new SignIn(data, sessions, guard, clock, pages);
  }

  void register(RoutesConfig routes) {
    routes.before(SecurityHeaders::page);
    routes.before(this::requireSession);
    routes.get(SIGN_IN, signIn::form);
    routes.post(SIGN_IN, signIn::submit);
    routes.post("/sign-out", this::signOut);
    routes.get("/assets/{name}", this::asset);
    routes.get("/", ctx -> ctx.html(pages.flow(session(ctx), data.flow())));
    routes.get("/flow", ctx -> ctx.html(pages.flowNumbers(data.flow())));
    routes.get(
        "/api/flow",
        ctx -> ctx.contentType("application/json").result(SwornJson.write(data.flow())));
    routes.get("/alerts", ctx -> ctx.html(pages.alerts(session(ctx), data.alerts(), data.rules())));
    routes.get("/reports", ctx -> ctx.html(pages.reports(session(ctx), data.reports())));
    routes.get("/reports/{id}", this::report);
    routes.get("/reports/{id}/content", this::reportContent);
    routes.get("/reports/{id}/bundle", this::bundle);
    routes.exception(Exception.class, this::failed);
    for (HttpStatus status :
        new HttpStatus[] {
          HttpStatus.BAD_REQUEST,
          HttpStatus.NOT_FOUND,
          HttpStatus.METHOD_NOT_ALLOWED,
          HttpStatus.CONTENT_TOO_LARGE,
        }) {
      routes.error(status, this::problem);
    }
  }

  private void requireSession(Context ctx) {
    for (Session over : sessions.takeExpired()) {
      data.audited(action(Kind.SESSION_EXPIRED, over, over.remote(), over.local(), null));
    }
    String path = ctx.req().getRequestURI();
    Optional<Session> session =
        sessions.find(Cookies.SESSION.of(ctx), !REFRESH.contains(path) && !OPEN.contains(path));
    session.ifPresent(s -> ctx.attribute(Session.class.getName(), s));
    if (session.isPresent() || OPEN.contains(path)) {
      return;
    }
    if (REFRESH.contains(path)) {
      ctx.status(HttpStatus.UNAUTHORIZED).result("Sign in first.");
    } else {
      ctx.redirect(SIGN_IN, HttpStatus.SEE_OTHER);
    }
    ctx.skipRemainingHandlers();
  }

  private void signOut(Context ctx) {
    Session session = session(ctx);
    if (!Secrets.same(session.formToken(), ctx.formParam("form"))) {
      signIn.forged(ctx, session);
      return;
    }
    data.audited(action(Kind.SIGNED_OUT, session, Peers.remote(ctx), Peers.local(ctx), null));
    String cookie = Cookies.SESSION.of(ctx);
    if (cookie != null) {
      sessions.end(cookie);
    }
    Cookies.SESSION.remove(ctx);
    ctx.redirect(SIGN_IN, HttpStatus.SEE_OTHER);
  }

  private void asset(Context ctx) {
    Optional<Assets.Asset> asset = assets.find(ctx.req().getRequestURI());
    if (asset.isEmpty()) {
      ctx.status(HttpStatus.NOT_FOUND);
      return;
    }
    ctx.header("Cache-Control", "no-cache");
    ctx.contentType(asset.get().contentType()).result(asset.get().open());
  }

  private void report(Context ctx) {
    Optional<ReportSummary> report = find(ctx.pathParam("id"));
    if (report.isEmpty()) {
      ctx.status(HttpStatus.NOT_FOUND);
      return;
    }
    ctx.html(pages.report(session(ctx), report.get()));
  }

  private void reportContent(Context ctx) throws IOException {
    Optional<ReportSummary> report = find(ctx.pathParam("id"));
    Optional<Path> file = report.flatMap(r -> data.report(r.id()));
    if (report.isEmpty() || file.isEmpty()) {
      ctx.status(HttpStatus.NOT_FOUND);
      return;
    }
    Session session = session(ctx);
    String id = report.get().id();
    data.audited(action(Kind.REPORT_VIEWED, session, Peers.remote(ctx), Peers.local(ctx), id));
    SecurityHeaders.report(ctx);
    ctx.contentType("text/html; charset=utf-8").result(Files.newInputStream(file.get()));
  }

  private void bundle(Context ctx) throws IOException {
    Optional<ReportSummary> report = find(ctx.pathParam("id"));
    Optional<Path> file = report.flatMap(r -> data.bundle(r.id()));
    if (report.isEmpty() || file.isEmpty()) {
      ctx.status(HttpStatus.NOT_FOUND);
      return;
    }
    Session session = session(ctx);
    String id = report.get().id();
    data.audited(action(Kind.BUNDLE_TAKEN, session, Peers.remote(ctx), Peers.local(ctx), id));
    // The id is made of plain characters, so that it needs no quoting.
    ctx.header("Content-Disposition", "attachment; filename=\"" + id + ".zip\"");
    ctx.contentType("application/zip").result(Files.newInputStream(file.get()));
  }

  /** Only what the list names can be opened: an id is never made into a path here. */
  private Optional<ReportSummary> find(String id) {
    if (!REPORT_ID.matcher(id).matches() || id.contains("..")) {
      return Optional.empty();
    }
    return data.reports().stream().filter(report -> report.id().equals(id)).findFirst();
  }

  private void failed(Exception e, Context ctx) {
    LOG.error("console request {} {} failed", ctx.method(), ctx.path(), e);
    ctx.status(HttpStatus.INTERNAL_SERVER_ERROR);
    ctx.html(
        pages.problem(
            knownSession(ctx),
            "Something went wrong",
            "The server could not answer this request. Its log tells why; try again in a moment."));
  }

  private void problem(Context ctx) {
    boolean missing = ctx.status().equals(HttpStatus.NOT_FOUND);
    ctx.html(
        pages.problem(
            knownSession(ctx),
            missing ? "Nothing here" : "Not understood",
            missing
                ? "There is no page or report of this name."
                : "The server cannot do anything with this request."));
  }

  private ConsoleAction action(
      Kind kind,
      Session session,
      InetSocketAddress remote,
      InetSocketAddress local,
      @Nullable String report) {
    UUID id = session.id();
    return new ConsoleAction(kind, clock.instant(), session.user(), id, remote, local, report);
  }

  private static @Nullable Session knownSession(Context ctx) {
    return ctx.attribute(Session.class.getName());
  }

  private static Session session(Context ctx) {
    Session session = knownSession(ctx);
    if (session == null) {
      throw new IllegalStateException("a path without a session must not come here");
    }
    return session;
  }
}
