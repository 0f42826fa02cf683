package io.sworn.database.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.ServerFirstMessage;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramParseException;
import io.sworn.event.RoleName;
import io.sworn.event.UserName;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

final class ScramConversationTest {

  private static final ScramMechanism SHA_256 = ScramMechanism.SCRAM_SHA_256;
  private static final UserName ANN = new UserName("ann", "shop");

  private final MemoryStore store = new MemoryStore();
  private final UserStore users = new UserStore(store);

  ScramConversationTest() {
    users.put(
        User.create(
            ANN, "correct horse".toCharArray(), List.of(new RoleName("read", "shop")), null));
  }

  @Test
  void rightPasswordIsProvenAndTheServerProvesItselfToo() throws ScramParseException {
    ScramConversation conversation = start("n,,n=ann,r=abc").orElseThrow();
    assertThat(conversation.user()).isEqualTo(ANN);
    ServerFirstMessage challenge = challenge(conversation, "abc");
    assertThat(challenge.getIterationCount()).isEqualTo(15_000);
    assertThat(Base64.getDecoder().decode(challenge.getSalt())).hasSize(28);

    byte[] last = conversation.finish(proof(conversation, "abc", "correct horse")).orElseThrow();
    assertThat(new String(last, StandardCharsets.UTF_8)).startsWith("v=");
  }

  @Test
  void wrongPasswordFails() throws ScramParseException {
    ScramConversation conversation = start("n,,n=ann,r=abc").orElseThrow();
    assertThat(conversation.finish(proof(conversation, "abc", "wrong"))).isEmpty();
  }

  @Test
  void unknownUserGetsTheSameStableSaltEachTimeAndNeverAfterARestart() throws ScramParseException {
    String salt = challenge(start("n,,n=nobody,r=a").orElseThrow(), "a").getSalt();
    assertThat(challenge(start("n,,n=nobody,r=b").orElseThrow(), "b").getSalt()).isEqualTo(salt);
    assertThat(challenge(start("n,,n=other,r=c").orElseThrow(), "c").getSalt())
        .isNotEqualTo(salt)
        .hasSameSizeAs(salt);

    UserStore restarted = new UserStore(store);
    ScramConversation again =
        ScramConversation.start(bytes("n,,n=nobody,r=d"), "shop", restarted).orElseThrow();
    assertThat(challenge(again, "d").getSalt()).isEqualTo(salt);
    assertThat(again.finish(proof(again, "d", "anything"))).isEmpty();
  }

  @Test
  void unknownUserTakesTheSamePathAsAKnownOne() throws ScramParseException {
    // Both go through the whole proof; the number of their messages and its form are the same.
    ScramConversation known = start("n,,n=ann,r=abc").orElseThrow();
    ScramConversation unknown = start("n,,n=bob,r=abc").orElseThrow();
    assertThat(unknown.challenge()).hasSameSizeAs(known.challenge());
    assertThat(known.finish(proof(known, "abc", "wrong"))).isEmpty();
    assertThat(unknown.finish(proof(unknown, "abc", "wrong"))).isEmpty();
    assertThat(users.matches(new UserName("bob", "shop"), "x".toCharArray())).isFalse();
  }

  @Test
  void whatIsNoFirstMessageStartsNothing() {
    for (String message :
        List.of("", "n,,", "y,,n=ann,r=a", "p=tls-unique,,n=ann,r=a", "n,a=x,n=ann,r=a", "junk")) {
      assertThat(start(message)).as(message).isEmpty();
    }
  }

  @Test
  void finalMessageOfAnotherConversationIsRefused() throws ScramParseException {
    ScramConversation one = start("n,,n=ann,r=abc").orElseThrow();
    ScramConversation other = start("n,,n=ann,r=abc").orElseThrow();
    assertThat(other.finish(proof(one, "abc", "correct horse"))).isEmpty();
    for (String junk : List.of("", ",p=", "c=biws,r=x,p=!!", "p=AAAA")) {
      assertThat(one.finish(bytes(junk))).as(junk).isEmpty();
    }
  }

  @Test
  void namesWithCommaAndEqualsSignAreDecoded() {
    assertThat(start("n,,n=a=2Cb=3Dc,r=x").orElseThrow().user().user()).isEqualTo("a,b=c");
  }

  @Test
  void storedUserHoldsNeitherPasswordNorTellsItsCredential() {
    User user = User.create(ANN, "correct horse".toCharArray(), List.of(), new BsonDocument());
    assertThat(user.toDocument().toJson()).doesNotContain("correct horse");
    assertThat(user.toString()).contains("***").doesNotContain("storedKey");
    assertThat(User.fromDocument(user.toDocument()).toDocument()).isEqualTo(user.toDocument());
  }

  private Optional<ScramConversation> start(String message) {
    return ScramConversation.start(bytes(message), "shop", users);
  }

  private static ServerFirstMessage challenge(ScramConversation conversation, String nonce)
      throws ScramParseException {
    return ServerFirstMessage.parseFrom(
        new String(conversation.challenge(), StandardCharsets.UTF_8), nonce);
  }

  /** What a client that knows {@code password} answers. */
  private static byte[] proof(ScramConversation conversation, String nonce, String password)
      throws ScramParseException {
    ServerFirstMessage challenge = challenge(conversation, nonce);
    byte[] salted =
        ScramFunctions.saltedPassword(
            SHA_256,
            StringPreparation.SASL_PREPARATION,
            password.toCharArray(),
            Base64.getDecoder().decode(challenge.getSalt()),
            challenge.getIterationCount());
    byte[] clientKey = ScramFunctions.clientKey(SHA_256, salted);
    String withoutProof = "c=biws,r=" + challenge.getNonce();
    String auth =
        "n=" + conversation.user().user() + ",r=" + nonce + "," + challenge + "," + withoutProof;
    byte[] signature =
        ScramFunctions.clientSignature(SHA_256, ScramFunctions.storedKey(SHA_256, clientKey), auth);
    String proof =
        Base64.getEncoder().encodeToString(ScramFunctions.clientProof(clientKey, signature));
    return bytes(withoutProof + ",p=" + proof);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
