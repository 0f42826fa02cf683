package io.sworn.console;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.sworn.console.ConsoleAction.Kind;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** The form and what happens when it is sent. */
final class SignIn {

  private static final int USER_LENGTH_MAX = 128;
  private static final int PASSWORD_LENGTH_MAX = 512;

  /** A check of a password costs much CPU on purpose; visitors must not make many run at once. */
  private static final int CHECKS_AT_ONCE_MAX = 2;

  private final ConsoleData data;
  private final Sessions sessions;
  private final SignInGuard guard;
  private final Clock clock;
  private final Pages pages;
  private final Semaphore checks = new Semaphore(CHECKS_AT_ONCE_MAX);

  SignIn(ConsoleData data, Sessions sessions, SignInGuard guard, Clock clock, Pages pages) {
    this.data = data;
    this.sessions = sessions;
    this.guard = guard;
    this.clock = clock;
    this.pages = pages;
  }

  void form(Context ctx) {
    show(ctx, HttpStatus.OK, null);
  }

  void submit(Context ctx) {
    if (!Secrets.same(Cookies.FORM.of(ctx), ctx.formParam("form"))) {
      forged(ctx, null);
      return;
    }
    String user = Objects.requireNonNullElse(ctx.formParam("user"), "");
    String password = Objects.requireNonNullElse(ctx.formParam("password"), "");
    InetAddress from = Peers.remote(ctx).getAddress();
    Duration wait = guard.tryAcquire(from);
    if (!wait.isZero()) {
      data.audited(action(Kind.SIGN_IN_THROTTLED, ctx, user, UUID.randomUUID()));
      ctx.header("Retry-After", String.valueOf(wait.toSeconds() + 1));
      show(
          ctx,
          HttpStatus.TOO_MANY_REQUESTS,
          "Too many wrong attempts. Try again in " + (wait.toSeconds() + 1) + " seconds.");
      return;
    }
    if (!checks.tryAcquire()) {
      ctx.header("Retry-After", "1");
      show(ctx, HttpStatus.SERVICE_UNAVAILABLE, "The server is busy. Try again in a moment.");
      return;
    }
    boolean right;
    try {
      right = check(user, password);
    } finally {
      checks.release();
    }
    if (right) {
      guard.succeeded(from);
      enter(ctx, user);
    } else {
      data.audited(action(Kind.SIGN_IN_REFUSED, ctx, user, UUID.randomUUID()));
      show(ctx, HttpStatus.UNAUTHORIZED, "User or password is wrong.");
    }
  }

  /** Answers a form that was not sent from our own page. */
  void forged(Context ctx, @Nullable Session session) {
    ctx.status(HttpStatus.FORBIDDEN);
    ctx.html(
        pages.problem(
            session,
            "This form is out of date",
            "It was not sent from a page of this console, or the page was open for too long."
                + " Nothing was done. Open the page again and retry."));
  }

  private boolean check(String user, String password) {
    if (user.isEmpty()
        || user.length() > USER_LENGTH_MAX
        || password.isEmpty()
        || password.length() > PASSWORD_LENGTH_MAX) {
      return false;
    }
    char[] characters = password.toCharArray();
    try {
      return data.signIn(user, characters);
    } finally {
      Arrays.fill(characters, '\0');
    }
  }

  private void enter(Context ctx, String user) {
    String before = Cookies.SESSION.of(ctx);
    if (before != null) {
      sessions.end(before);
    }
    UUID id = UUID.randomUUID();
    data.audited(action(Kind.SIGNED_IN, ctx, user, id));
    Sessions.Opened opened = sessions.open(id, user, Peers.remote(ctx), Peers.local(ctx));
    Cookies.FORM.remove(ctx);
    Cookies.SESSION.set(ctx, opened.cookie());
    ctx.redirect("/", HttpStatus.SEE_OTHER);
  }

  private void show(Context ctx, HttpStatus status, @Nullable String message) {
    String formToken = Secrets.fresh();
    Cookies.FORM.set(ctx, formToken);
    ctx.status(status);
    ctx.html(pages.signIn(formToken, message));
  }

  private ConsoleAction action(Kind kind, Context ctx, String user, UUID id) {
    String shown = user.length() > USER_LENGTH_MAX ? user.substring(0, USER_LENGTH_MAX) : user;
    return new ConsoleAction(
        kind, clock.instant(), shown, id, Peers.remote(ctx), Peers.local(ctx), null);
  }
}
