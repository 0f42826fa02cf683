package io.sworn.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.sworn", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String OURS = "io.sworn..";

  @ArchTest static final ArchRule schemasKnowNobody = knowsOnly("io.sworn.event..");

  @ArchTest
  static final ArchRule evidenceKnowsOnlyEvents =
      knowsOnly("io.sworn.evidence..", "io.sworn.event..").allowEmptyShould(true);

  @ArchTest
  static final ArchRule databaseKnowsOnlyEvents =
      knowsOnly("io.sworn.database..", "io.sworn.event..");

  @ArchTest
  static final ArchRule filtersKnowOnlyEvents =
      knowsOnly("io.sworn.filter..", "io.sworn.event..").allowEmptyShould(true);

  @ArchTest
  static final ArchRule exportersKnowOnlyEvents =
      knowsOnly("io.sworn.export..", "io.sworn.event..");

  @ArchTest
  static final ArchRule reportsKnowOnlyEvidenceAndEvents =
      knowsOnly("io.sworn.report..", "io.sworn.evidence..", "io.sworn.event..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule consoleKnowsOnlyEvents =
      knowsOnly("io.sworn.console..", "io.sworn.event..").allowEmptyShould(true);

  @ArchTest
  static final ArchRule theBrokersClassesStayInOnePackage =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.sworn.server.broker..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("kafka..", "org.apache.kafka.metadata..", "org.apache.kafka.server..")
          .because("they are no public API of Kafka: an upgrade shall touch one package only");

  @ArchTest
  static final ArchRule exporterContractsDoNotKnowTheirHost =
      noClasses()
          .that()
          .resideInAnyPackage("io.sworn.export", "io.sworn.export.format..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.sworn.export.connect..", "org.apache.kafka.connect..")
          .because("an exporter must be testable, and usable, without Kafka Connect");

  @ArchTest
  static final ArchRule filterContractsDoNotKnowTheirHost =
      noClasses()
          .that()
          .resideInAPackage("io.sworn.filter")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.sworn.filter.stream..", "org.apache.kafka.streams..")
          .allowEmptyShould(true)
          .because("a filter must mean the same inside and outside of Kafka Streams");

  @ArchTest
  static final ArchRule reportContractsDoNotKnowTheirHost =
      noClasses()
          .that()
          .resideInAPackage("io.sworn.report")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.sworn.report.schedule..", "org.quartz..")
          .allowEmptyShould(true)
          .because("a report runs as well by hand as by the clock");

  /** Classes below {@code own} use, of ours, only {@code own} and {@code others}. */
  private static com.tngtech.archunit.lang.syntax.elements.ClassesShouldConjunction knowsOnly(
      String own, String... others) {
    return classes()
        .that()
        .resideInAPackage(own)
        .should()
        .onlyDependOnClassesThat(
            not(resideInAPackage(OURS)).or(resideInAPackage(own)).or(resideInAnyPackage(others)));
  }
}
