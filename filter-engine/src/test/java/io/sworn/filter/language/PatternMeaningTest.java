package io.sworn.filter.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sworn.filter.Decision;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What patterns mean, by PCRE2 10.42 in UTF mode: each expectation was taken from that library.
 * Both matchers run the same translation, so that one cannot find the other's mistakes in it.
 */
class PatternMeaningTest {

  /**
   * Pattern, options, text, found, why. {@code <LF>} and the like stand for what cannot be seen.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      ignoreLeadingAndTrailingWhitespace = true,
      textBlock =
          """
          (?i)^É$ ~ <> ~ é ~ true ~ inline i is Unicode, too
          ^É$ ~ i ~ é ~ true ~ option i
          ^[à-ü]$ ~ i ~ É ~ true ~ ranges fold
          ^k$ ~ i ~ <KELVIN> ~ true ~ case sets of more than two
          ^<KELVIN>$ ~ i ~ k ~ true ~ ^<KELVIN>$
          ^ſ$ ~ i ~ S ~ true ~ ^ſ$
          ^ß$ ~ i ~ ẞ ~ true ~ both directions
          ^ẞ$ ~ i ~ ß ~ true ~ ^ẞ$
          ^σ$ ~ i ~ ς ~ true ~ ^σ$
          ^[^k]$ ~ i ~ <KELVIN> ~ false ~ a negated class folds
          ^\\w$ ~ i ~ <KELVIN> ~ false ~ a shorthand does not fold
          ^[\\w]$ ~ i ~ ſ ~ false ~ ^[\\w]$
          ^\\p{Lu}$ ~ i ~ a ~ false ~ a property does not fold
          ^[[:upper:]]$ ~ i ~ a ~ true ~ a POSIX class does
          (?i)a(?-i)B ~ <> ~ Ab ~ false ~ i ends
          (?i)a(?-i)B ~ <> ~ AB ~ true ~ (?i)a(?-i)B
          (?i:A)b ~ <> ~ ab ~ true ~ i in a group only
          (?i:A)b ~ <> ~ aB ~ false ~ (?i:A)b
          (a(?i)b|c) ~ <> ~ C ~ true ~ i goes on into the next alternative
          (?:a(?i)b)c ~ <> ~ aBC ~ false ~ and ends with its group
          (?^)A ~ i ~ a ~ false ~ (?^) takes the options back
          \\bx ~ <> ~ éx ~ true ~ \\b knows ASCII words only
          \\bx ~ <> ~ _x ~ false ~ \\bx
          \\Bx ~ <> ~ éx ~ false ~ \\Bx
          \\bx\\b ~ <> ~ a x. ~ true ~ \\bx\\b
          [[:<:]]x ~ <> ~ a x ~ true ~ start of a word
          x[[:>:]] ~ <> ~ xy ~ false ~ end of a word
          ^\\w$ ~ <> ~ é ~ false ~ \\w is ASCII
          ^\\d$ ~ <> ~ ٣ ~ false ~ \\d is ASCII
          ^\\s$ ~ <> ~ <VT> ~ true ~ \\s holds VT
          ^\\s$ ~ <> ~ <NBSP> ~ false ~ \\s is ASCII
          ^[[:space:]]$ ~ <> ~ <VT> ~ true ~ ^[[:space:]]$
          ^[[:alpha:]]$ ~ <> ~ é ~ false ~ POSIX classes are ASCII
          ^[[:^alpha:]]$ ~ <> ~ é ~ true ~ ^[[:^alpha:]]$
          ^[[:alpha:][:digit:]]$ ~ <> ~ 7 ~ true ~ ^[[:alpha:][:digit:]]$
          [[:alpha:]] ~ <> ~ : ~ false ~ [[:alpha:]]
          ^[[:punct:]]$ ~ <> ~ + ~ true ~ ^[[:punct:]]$
          ^[[:word:]]$ ~ <> ~ _ ~ true ~ ^[[:word:]]$
          ^[[:ascii:]]$ ~ <> ~ é ~ false ~ ^[[:ascii:]]$
          [a b]c ~ x ~ <SP>c ~ true ~ white space in a class stands for itself
          ^[a#]$ ~ x ~ # ~ true ~ and so does #
          a<SP>b ~ x ~ ab ~ true ~ x ignores white space
          a\\ b ~ x ~ a b ~ true ~ not behind a backslash
          a<NEL>b ~ x ~ ab ~ true ~ Unicode pattern white space
          a<NBSP>b ~ x ~ ab ~ false ~ NBSP is none
          (?x) a b ~ <> ~ ab ~ true ~ inline x
          (?x: a ) b ~ <> ~ a b ~ true ~ x in a group only
          a # [<LF>[ab] ~ x ~ ab ~ true ~ a class is not opened in a comment
          a # (<LF>b ~ x ~ ab ~ true ~ nor is a group
          ^a#c<LF>b ~ x ~ ab ~ true ~ LF ends a comment
          ^a#c<CR>b ~ x ~ ab ~ true ~ CR does not
          ^a#c<LS>b ~ x ~ ab ~ true ~ nor does LS
          \\# ~ x ~ # ~ true ~ \\#
          a +b ~ x ~ aab ~ true ~ a quantifier behind white space
          ^a+ +a ~ x ~ aa ~ false ~ possessive behind white space
          a(?#c)+$ ~ <> ~ baa ~ true ~ a quantifier behind a comment
          ^\\101$ ~ <> ~ A ~ true ~ octal
          ^\\07$ ~ <> ~ <BS> ~ false ~ ^\\07$
          ^\\010$ ~ <> ~ <BS> ~ true ~ ^\\010$
          ^\\10$ ~ <> ~ <BS> ~ true ~ octal where there is no group 10
          ^(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10$ ~ <> ~ abcdefghijj ~ true ~ a reference where there is one
          ^\\400$ ~ <> ~ Ā ~ true ~ octal above 377
          ^\\o{101}$ ~ <> ~ A ~ true ~ ^\\o{101}$
          ^[\\101]$ ~ <> ~ A ~ true ~ ^[\\101]$
          ^[\\8]$ ~ <> ~ 8 ~ true ~ ^[\\8]$
          ^\\x{e9}$ ~ <> ~ é ~ true ~ ^\\x{e9}$
          ^\\x{1F600}$ ~ <> ~ 😀 ~ true ~ ^\\x{1F600}$
          ^\\xe9$ ~ <> ~ é ~ true ~ ^\\xe9$
          ^\\x4$ ~ <> ~ 4 ~ false ~ ^\\x4$
          ^\\N{U+e9}$ ~ <> ~ é ~ true ~ ^\\N{U+e9}$
          ^\\cA$ ~ <> ~ <SOH> ~ true ~ ^\\cA$
          ^\\ca$ ~ <> ~ <SOH> ~ true ~ \\c is of capitals
          ^\\c[$ ~ <> ~ <ESC> ~ true ~ ^\\c[$
          ^\\e$ ~ <> ~ <ESC> ~ true ~ ^\\e$
          ^[\\b]$ ~ <> ~ <BS> ~ true ~ ^[\\b]$
          ^\\N$ ~ <> ~ <CR> ~ true ~ \\N is all but LF
          ^\\N{2}$ ~ <> ~ ab ~ true ~ with a quantifier
          ^\\N$ ~ s ~ <LF> ~ false ~ also with s
          a.b ~ <> ~ a<CR>b ~ true ~ only LF is a new line
          a.b ~ <> ~ a<LS>b ~ true ~ a.b
          a.b ~ <> ~ a<NEL>b ~ true ~ a.b
          a.b ~ <> ~ a<LF>b ~ false ~ a.b
          a.b ~ s ~ a<LF>b ~ true ~ a.b
          (?s)a.b ~ <> ~ a<LF>b ~ true ~ (?s)a.b
          (?-s)a.b ~ s ~ a<LF>b ~ false ~ (?-s)a.b
          (?s:a.)b.c ~ <> ~ a<LF>b<LF>c ~ false ~ (?s:a.)b.c
          a$ ~ <> ~ a<LF> ~ true ~ $ before a last LF
          a$ ~ <> ~ a<LF><LF> ~ false ~ only the last
          a$ ~ <> ~ a<CR><LF> ~ false ~ not before CR LF
          a$ ~ <> ~ a<LS> ~ false ~ a$
          a\\z ~ <> ~ a<LF> ~ false ~ a\\z
          a\\Z ~ <> ~ a<LF> ~ true ~ a\\Z
          a$ ~ m ~ a<LF>b ~ true ~ a$
          a$ ~ m ~ a<CR>b ~ false ~ a$
          ^b ~ m ~ a<LF>b ~ true ~ ^b
          ^b ~ m ~ a<CR>b ~ false ~ ^b
          ^$ ~ m ~ a<LF> ~ false ~ no line behind a last LF
          ^$ ~ m ~ <> ~ true ~ an empty text is a line
          \\Ab ~ m ~ a<LF>b ~ false ~ \\Ab
          \\Gb ~ <> ~ ab ~ false ~ \\G is the start
          ^\\R$ ~ <> ~ <CR><LF> ~ true ~ ^\\R$
          ^\\R$ ~ <> ~ <LS> ~ true ~ ^\\R$
          ^\\R\\n$ ~ <> ~ <CR><LF> ~ false ~ \\R keeps CR LF together
          ^\\h\\H$ ~ <> ~ <NBSP>a ~ true ~ ^\\h\\H$
          ^\\v\\V$ ~ <> ~ <VT>a ~ true ~ ^\\v\\V$
          ^[\\h]$ ~ <> ~ <NBSP> ~ true ~ ^[\\h]$
          a\\Kb ~ <> ~ ab ~ true ~ \\K moves the start only
          \\Qa.b\\E ~ <> ~ a.b ~ true ~ \\Qa.b\\E
          \\Qa.b\\E ~ <> ~ axb ~ false ~ \\Qa.b\\E
          \\Qa+ ~ <> ~ a+ ~ true ~ without an end
          \\Qab\\E+$ ~ <> ~ abb ~ true ~ the last character is repeated
          ^[\\Q^]\\E]$ ~ <> ~ ] ~ true ~ quoting in a class
          ^[\\Qa-c\\E]$ ~ <> ~ b ~ false ~ no range
          a\\E ~ <> ~ a ~ true ~ a\\E
          ^[]a]$ ~ <> ~ ] ~ true ~ a first ] is text
          ^[^]a]$ ~ <> ~ b ~ true ~ ^[^]a]$
          ^[a[b]$ ~ <> ~ [ ~ true ~ classes do not nest
          ^[a[b]]$ ~ <> ~ b] ~ true ~ ^[a[b]]$
          ^[a&&b]$ ~ <> ~ a ~ true ~ && is text
          ^[a&&b]$ ~ <> ~ & ~ true ~ ^[a&&b]$
          ^[a-]$ ~ <> ~ - ~ true ~ ^[a-]$
          ^[\\w-]$ ~ <> ~ - ~ true ~ ^[\\w-]$
          ^[a-c-e]$ ~ <> ~ d ~ false ~ ^[a-c-e]$
          ^]$ ~ <> ~ ] ~ true ~ ^]$
          a{ ~ <> ~ a{ ~ true ~ no quantifier
          ^a{,3}$ ~ <> ~ a{,3} ~ true ~ no quantifier
          ^a{1,$ ~ <> ~ a{1, ~ true ~ ^a{1,$
          ^a}$ ~ <> ~ a} ~ true ~ ^a}$
          ^a{2}$ ~ <> ~ aa ~ true ~ ^a{2}$
          (?>a+)b ~ <> ~ aab ~ true ~ (?>a+)b
          ^(?>a|ab)c ~ <> ~ abc ~ false ~ atomic
          ^a++a ~ <> ~ aa ~ false ~ possessive
          ^(?:a?a){2}+$ ~ <> ~ aa ~ true ~ possessive as a whole
          (?U)^(a+)(a*)$ ~ <> ~ aaa ~ true ~ ungreedy
          (?U)^\\w$ ~ <> ~ é ~ false ~ and nothing else
          ^(?U)(?>a+)b ~ <> ~ aab ~ false ~ ^(?U)(?>a+)b
          ^(?U)(?>a+?)b ~ <> ~ aab ~ true ~ ^(?U)(?>a+?)b
          (?n)(a)(?<n>b)\\1 ~ <> ~ abb ~ true ~ n: only named groups count
          (?<=a|bc)d ~ <> ~ bcd ~ true ~ (?<=a|bc)d
          (?<!\\Aa)b ~ <> ~ ab ~ false ~ (?<!\\Aa)b
          (?<!^.)b ~ <> ~ 😀b ~ false ~ look-behind by whole characters
          (?<!^)(?!$) ~ <> ~ 😀 ~ false ~ and between them
          ^.$ ~ <> ~ 😀 ~ true ~ one character
          ^[😀-😂]$ ~ <> ~ 😁 ~ true ~ ^[😀-😂]$
          ^[^a]$ ~ <> ~ 😀 ~ true ~ ^[^a]$
          (?=a)*b ~ <> ~ b ~ true ~ a quantified assertion
          (?=a){2}b ~ <> ~ b ~ false ~ (?=a){2}b
          (|a)b ~ <> ~ b ~ true ~ an empty alternative
          () ~ <> ~ <> ~ true ~ ()
          (?P<n>a)(?P=n) ~ <> ~ aa ~ true ~ (?P<n>a)(?P=n)
          (?<n>a)\\k<n> ~ <> ~ aa ~ true ~ (?<n>a)\\k<n>
          (?'n'a)\\k'n' ~ <> ~ aa ~ true ~ (?'n'a)\\k'n'
          (?<n>a)\\k{n} ~ <> ~ aa ~ true ~ (?<n>a)\\k{n}
          (?<n>a)\\g{n} ~ <> ~ aa ~ true ~ (?<n>a)\\g{n}
          (a)\\g1 ~ <> ~ aa ~ true ~ (a)\\g1
          (a)(b)\\g{-1} ~ <> ~ abb ~ true ~ (a)(b)\\g{-1}
          (a)\\g-1 ~ <> ~ aa ~ true ~ (a)\\g-1
          ^(a)\\11 ~ <> ~ a<TAB> ~ true ~ octal 11
          ^(a)\\g{1}1 ~ <> ~ aa1 ~ true ~ ^(a)\\g{1}1
          (a)|b\\1 ~ <> ~ b ~ false ~ a group that took no part
          (?<é>a)\\k<é> ~ <> ~ aa ~ true ~ (?<é>a)\\k<é>
          ^\\p{Lu}\\P{Lu}$ ~ <> ~ Aa ~ true ~ ^\\p{Lu}\\P{Lu}$
          ^\\pL$ ~ <> ~ é ~ true ~ ^\\pL$
          ^\\p{^L}$ ~ <> ~ 1 ~ true ~ ^\\p{^L}$
          ^\\p{L&}$ ~ <> ~ a ~ true ~ ^\\p{L&}$
          ^\\p{L&}$ ~ <> ~ ª ~ false ~ ^\\p{L&}$
          ^[^\\p{L&}]$ ~ <> ~ ª ~ true ~ ^[^\\p{L&}]$
          ^\\p{Any}$ ~ <> ~ a ~ true ~ ^\\p{Any}$
          ^\\p{Xan}$ ~ <> ~ _ ~ false ~ ^\\p{Xan}$
          ^\\p{sc:Han}$ ~ <> ~ 漢 ~ true ~ ^\\p{sc:Han}$
          ^\\p{Script=Hani}$ ~ <> ~ 漢 ~ true ~ ^\\p{Script=Hani}$
          ^[\\p{Nd}x]$ ~ <> ~ ٣ ~ true ~ ^[\\p{Nd}x]$
          (*UTF)é ~ <> ~ é ~ true ~ (*UTF)é
          ^\\_\\/\\-\\.$ ~ <> ~ _/-. ~ true ~ ^\\_\\/\\-\\.$
          """)
  void meansWhatItMeansInPcre(
      String pattern, String options, String text, boolean found, String why) {
    BoundedPattern compiled = BoundedPattern.of(plain(pattern), plain(options));
    assertThat(compiled.find(plain(text))).as(why).isEqualTo(Decision.of(found));
  }

  /** No case here may depend on the version of Java: the pattern is refused by PCRE, too. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          (?d)a ~ no option of PCRE's
          (?u)a ~ no option of PCRE's
          (?R) ~ recursion is not supported
          (?1)(a) ~ recursion is not supported
          (a)(?-1) ~ recursion is not supported
          (?<n>a)(?&n) ~ recursion is not supported
          (?<n>a)(?P>n) ~ a call of a group is not supported
          (?<n>a)\\g<n> ~ a call of a group is not supported
          (a)?(?(1)b) ~ a condition is not supported
          (?|(a)|(b))\\1 ~ share numbers
          (?C)a ~ a callout is not supported
          (*UCP)\\bé ~ verbs
          (*ACCEPT) ~ verbs
          \\X ~ not supported
          \\C ~ not supported
          (a)(?i)\\1 ~ without regard to case
          (?=(a+))\\1 ~ into a repetition, look-around or atomic group
          (a|b)*\\1 ~ into a repetition, look-around or atomic group
          \\p{Han} ~ use \\p{sc:HAN}
          \\p{Nope} ~ is not supported
          [^\\W\\p{Lu}] ~ PCRE2 10.42 breaks its own rules
          [\\W[:space:]] ~ PCRE2 10.42 breaks its own rules
          (?xx)a ~ option 'xx'
          \\y ~ no escape of PCRE's
          \\u0041 ~ no escape of PCRE's
          \\N{name} ~ a character by its name
          [\\N] ~ not allowed in a class
          [a-\\d] ~ no range beside a class
          [\\w-z] ~ no range beside a class
          [z-a] ~ out of order
          [[:foo:]] ~ no POSIX class of this name
          [[.a.]] ~ no POSIX class of this name
          [:alpha:] ~ within another class
          [a ~ its ']' is missing
          (a ~ its ')' is missing
          a) ~ ')' without a '('
          a** ~ nothing before it that can be repeated
          *a ~ nothing before it that can be repeated
          ^*a ~ it cannot be repeated
          \\b+ ~ it cannot be repeated
          a(?i)+ ~ it cannot be repeated
          a{2,1} ~ out of order
          a{65536} ~ at most 65535
          \\8 ~ there is no group of this number
          (a)\\2 ~ there is no group of this number
          \\k<n> ~ there is no group of this name
          (?<n>a)(?<n>b) ~ two groups have this name
          (?<1>a) ~ no name of letters
          \\x{110000} ~ no number of a character
          \\x{d800} ~ no number of a character
          \\o{8} ~ no number of a character
          \\cé ~ printable ASCII
          (?#a ~ a comment without its ')'
          (?=a\\Kb) ~ not allowed in look-around
          a\\ ~ a backslash at the end
          """)
  void isRefusedWithItsReason(String pattern, String reason) {
    assertThatThrownBy(() -> BoundedPattern.of(plain(pattern), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  /** Pattern, options, prefix; {@code -} where an engine is needed. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          ^shop\\. ~ <> ~ shop.
          ^shop\\..* ~ <> ~ shop.
          ^shop[.] ~ <> ~ shop.
          ^shop. ~ <> ~ -
          ^shop\\.* ~ <> ~ -
          ^shop\\\\.* ~ <> ~ shop\\
          ^shop.*$ ~ <> ~ -
          ^shop.*x ~ <> ~ -
          ^shop.+ ~ <> ~ -
          ^shop.*? ~ <> ~ shop
          ^shop.*+ ~ <> ~ shop
          ^shop.{0,} ~ <> ~ shop
          ^shop.{0,3} ~ <> ~ -
          ^sho? ~ <> ~ -
          ^sho{2} ~ <> ~ -
          ^shop{ ~ <> ~ shop{
          ^shop{1 ~ <> ~ shop{1
          ^a|b ~ <> ~ -
          ^(a) ~ <> ~ -
          ^(?:a) ~ <> ~ -
          shop ~ <> ~ -
          ^ ~ <> ~ <>
          \\Ashop ~ <> ~ shop
          \\Gshop ~ m ~ shop
          ^^shop ~ <> ~ shop
          ^a^b ~ <> ~ -
          ^shop ~ m ~ -
          (?-m)^shop ~ m ~ shop
          (?m)^shop ~ <> ~ -
          ^shop ~ i ~ -
          (?i)^shop ~ <> ~ -
          ^42\\. ~ i ~ 42.
          ^s(?i)1 ~ <> ~ s1
          ^s(?i)h ~ <> ~ -
          ^shop ~ s ~ shop
          ^shop ~ u ~ shop
          ^sh op ~ x ~ shop
          ^sh op ~ <> ~ sh op
          ^ shop # c ~ x ~ shop
          (?x) ^ shop .* ~ <> ~ shop
          ^sh\\ op ~ x ~ sh op
          ^a#c<LF>.* ~ x ~ a
          ^a(?#c)b ~ <> ~ ab
          ^\\Qa.b\\E ~ <> ~ a.b
          ^\\Qa.* ~ <> ~ a.*
          ^\\Qa.\\E* ~ <> ~ -
          ^a\\Q\\E* ~ <> ~ -
          ^a\\E.* ~ <> ~ a
          ^\\x41\\n ~ <> ~ A<LF>
          ^é😀 ~ <> ~ é😀
          ^a\\d ~ <> ~ -
          ^a\\b ~ <> ~ -
          ^a$ ~ <> ~ -
          ^(a)\\1 ~ <> ~ -
          (?=^a) ~ <> ~ -
          """)
  void literalPrefixIsTheWholeMeaning(String pattern, String options, String prefix) {
    String literal = BoundedPattern.of(plain(pattern), plain(options)).literalPrefix();
    assertThat(literal).isEqualTo(prefix.equals("-") ? null : plain(prefix));
  }

  @ParameterizedTest
  @ValueSource(strings = {"i", "ı", "İ", "I"})
  void turkishLettersAreNoOtherCase(String letter) {
    boolean latin = letter.equals("i") || letter.equals("I");
    assertThat(BoundedPattern.of("^i$", "i").find(letter)).isEqualTo(Decision.of(latin));
    assertThat(BoundedPattern.of("^[h-j]$", "i").find(letter)).isEqualTo(Decision.of(latin));
  }

  @Test
  void halfACharacterIsNoPattern() {
    assertThatThrownBy(() -> BoundedPattern.of("a\uD83D", ""))
        .hasMessageContaining("half a character");
  }

  @Test
  void deepPatternIsRefused() {
    assertThatThrownBy(() -> BoundedPattern.of("(".repeat(10_000) + ")".repeat(10_000), ""))
        .hasMessageContaining("nested too deeply");
    assertThat(BoundedPattern.of("(".repeat(250) + "a" + ")".repeat(250), "").find("a"))
        .isEqualTo(Decision.KEEP);
  }

  /** What is told begins with what stands there, its length if it is long, and its place. */
  static Stream<Arguments> longPatterns() {
    String x = "x".repeat(20_000);
    return Stream.of(
        arguments(x + "(?<=a*)b", "'*' at 20005: in a look-behind only {n}", ""),
        arguments("(?<=(?:ab)+)c", "'+' at 10: in a look-behind only {n}", ""),
        arguments("(?<!a{1,3})", "'{1,3}' at 5: in a look-behind only {n}", ""),
        arguments("(a)(?<=\\1)b", "'\\1' at 7: a back reference in a look-behind", ""),
        arguments("(" + x, "'(xxx", "xxx... (20001 characters)' at 0: its ')' is missing"),
        arguments(x + "[a", "'[a' at 20000: its ']' is missing", ""),
        arguments("\\p{" + x + "}", "'\\p{xxx", "xxx... (20004 characters)' at 0: property 'xxx"),
        arguments("(".repeat(10_000), "'(' at 250: nested too deeply: at most 250 levels", ""),
        arguments(x + x, "pattern of 40000 characters: at most 32764", ""),
        arguments(x + "\0" + x.substring(9_000), "a NUL character at 20000: write \\x00", ""));
  }

  @ParameterizedTest
  @MethodSource
  void longPatterns(String pattern, String told, String more) {
    assertThatThrownBy(() -> BoundedPattern.of(pattern, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .startsWith(told)
        .contains(more)
        .hasSizeLessThan(350)
        .doesNotContain("\n");
  }

  /** As PCRE2 does: what is looked ahead for, and what is repeated outside, may have any length. */
  @ParameterizedTest
  @ValueSource(strings = {"(?<=a{2})b", "(?<=(?=a*b)aa)b", "(?:(?<=aa)b)*", "(?<!(?=b)?c)b+"})
  void onlyWhatIsLookedBackForHasAFixedLength(String pattern) {
    assertThat(BoundedPattern.of(pattern, "").find("aab")).isEqualTo(Decision.KEEP);
  }

  private static String plain(String cell) {
    return cell.replace("<>", "")
        .replace("<LF>", "\n")
        .replace("<CR>", "\r")
        .replace("<SP>", " ")
        .replace("<VT>", "\u000B")
        .replace("<NEL>", "\u0085")
        .replace("<LS>", "\u2028")
        .replace("<NBSP>", "\u00A0")
        .replace("<KELVIN>", "\u212A")
        .replace("<TAB>", "\t")
        .replace("<BS>", "\b")
        .replace("<ESC>", "\u001B")
        .replace("<SOH>", "\u0001");
  }
}
