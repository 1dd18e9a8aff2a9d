package dev.ringwatch.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which package of the core may import which. */
@AnalyzeClasses(
        packages = "dev.ringwatch.core",
        importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String GRAPH = "dev.ringwatch.core.graph";
    private static final String LEAK = "dev.ringwatch.core.leak";
    private static final String KERNEL = "dev.ringwatch.core.kernel";
    private static final String SCENARIO = "dev.ringwatch.core.scenario";
    private static final String SIM = "dev.ringwatch.core.sim";
    private static final String NULLNESS = "org.jspecify.annotations";

    @ArchTest
    static final ArchRule graphImportsNothingOfOurs =
            classes()
                    .that()
                    .resideInAPackage(GRAPH)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage("java..", GRAPH);

    @ArchTest
    static final ArchRule leakImportsGraphOnly =
            classes()
                    .that()
                    .resideInAPackage(LEAK)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage("java..", LEAK, GRAPH);

    @ArchTest
    static final ArchRule kernelImportsNothingOfOurs =
            classes()
                    .that()
                    .resideInAPackage(KERNEL)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage("java..", KERNEL, NULLNESS);

    @ArchTest
    static final ArchRule scenarioImportsKernelOnly =
            classes()
                    .that()
                    .resideInAPackage(SCENARIO)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage("java..", SCENARIO, KERNEL, NULLNESS);

    @ArchTest
    static final ArchRule simImportsGraphKernelAndScenarioOnly =
            classes()
                    .that()
                    .resideInAPackage(SIM)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage("java..", SIM, SCENARIO, KERNEL, GRAPH, NULLNESS);
}
