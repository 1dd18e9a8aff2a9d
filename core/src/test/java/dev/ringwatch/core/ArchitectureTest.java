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
}
