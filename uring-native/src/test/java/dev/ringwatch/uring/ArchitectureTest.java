package dev.ringwatch.uring;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import org.junit.jupiter.api.Test;

/** Who may import whom. */
class ArchitectureTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.ringwatch.uring");

    @Test
    void resourceStandsAlone() {
        classes()
                .that()
                .resideInAPackage("dev.ringwatch.uring.resource")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.ringwatch.uring.resource", "java..", "jdk.jfr..", "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void sysStandsOnResourceAlone() {
        classes()
                .that()
                .resideInAPackage("dev.ringwatch.uring.sys")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.ringwatch.uring.sys",
                        "dev.ringwatch.uring.resource",
                        "java..",
                        "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void onlyTheMetersNeedMicrometer() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.ringwatch.uring.meters")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.micrometer..")
                .check(CLASSES);
    }

    @Test
    void aRingKnowsNoLoop() {
        noClasses()
                .that()
                .resideInAPackage("dev.ringwatch.uring")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.ringwatch.uring.loop", "dev.ringwatch.uring.meters")
                .check(CLASSES);
    }

    @Test
    void onlySysCallsNativeCode() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.ringwatch.uring.sys")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Linker.class)
                .check(CLASSES);
    }
}
