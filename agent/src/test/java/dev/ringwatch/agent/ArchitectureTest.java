package dev.ringwatch.agent;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.stream.Stream;

/** Which package of the agent may import which of the project's. */
@AnalyzeClasses(
        packages = "dev.ringwatch.agent",
        importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String OURS = "dev.ringwatch..";
    private static final String ROOT = "dev.ringwatch.agent";
    private static final String PROC = ROOT + ".proc";
    private static final String BPF = ROOT + ".bpf";
    private static final String STACKS = ROOT + ".stacks";
    private static final String OBSERVE = ROOT + ".observe";
    private static final String TRACK = ROOT + ".track";
    private static final String WHY = ROOT + ".why";
    private static final String METRICS = ROOT + ".metrics";
    private static final String REPORT = ROOT + ".report";
    private static final String DRAW = ROOT + ".draw";
    private static final String TOP = ROOT + ".top";
    private static final String PAGE = ROOT + ".page";
    private static final String SERVE = ROOT + ".serve";
    private static final String FLEET = ROOT + ".fleet";
    private static final String CONFIG = ROOT + ".config";
    private static final String WEB = ROOT + ".web";
    private static final String SYSTEMD = ROOT + ".systemd";
    private static final String PRIVILEGE = ROOT + ".privilege";
    private static final String SYS = "dev.ringwatch.uring.sys";
    private static final String URING = "dev.ringwatch.uring..";
    private static final String GRAPH = "dev.ringwatch.core.graph";
    private static final String CORE = "dev.ringwatch.core..";

    @ArchTest static final ArchRule proc = importsOnly(PROC, SYS, GRAPH);

    @ArchTest static final ArchRule bpf = importsOnly(BPF, PRIVILEGE, SYS, GRAPH);

    @ArchTest static final ArchRule observe = importsOnly(OBSERVE, PROC, BPF, STACKS, CORE, URING);

    @ArchTest static final ArchRule stacks = importsOnly(STACKS, BPF, SYS);

    @ArchTest static final ArchRule track = importsOnly(TRACK, OBSERVE, CORE);

    @ArchTest static final ArchRule why = importsOnly(WHY, OBSERVE, BPF, PROC, CORE, SYS);

    @ArchTest static final ArchRule metrics = importsOnly(METRICS, TRACK, OBSERVE, CORE);

    @ArchTest
    static final ArchRule report =
            importsOnly(REPORT, TRACK, WHY, OBSERVE, STACKS, METRICS, DRAW, CORE);

    @ArchTest static final ArchRule top = importsOnly(TOP, TRACK, OBSERVE, CORE);

    @ArchTest
    static final ArchRule page = importsOnly(PAGE, REPORT, DRAW, METRICS, TRACK, OBSERVE, CORE);

    @ArchTest static final ArchRule web = importsOnly(WEB, CONFIG, SERVE);

    @ArchTest static final ArchRule systemd = importsOnly(SYSTEMD, SYS);

    @ArchTest static final ArchRule privilege = importsOnly(PRIVILEGE, SYS);

    /** A drawing knows nothing of what it shows. */
    @ArchTest static final ArchRule draw = importsOnly(DRAW);

    /** The HTTP server knows nothing of what it serves. */
    @ArchTest static final ArchRule serve = importsOnly(SERVE);

    @ArchTest
    static final ArchRule fleet = importsOnly(FLEET, METRICS, TRACK, OBSERVE, SERVE, GRAPH);

    @ArchTest
    static final ArchRule config = importsOnly(CONFIG, PRIVILEGE, BPF, OBSERVE, TRACK, SERVE);

    @ArchTest
    static final ArchRule nothingImportsTheCommandLine =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(ROOT)
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(ROOT);

    private static ArchRule importsOnly(String owner, String... others) {
        String[] allowed =
                Stream.concat(Stream.of(owner), Arrays.stream(others)).toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(owner)
                .should(
                        onlyDependOnClassesThat(
                                resideOutsideOfPackage(OURS).or(resideInAnyPackage(allowed))))
                .allowEmptyShould(true);
    }
}
