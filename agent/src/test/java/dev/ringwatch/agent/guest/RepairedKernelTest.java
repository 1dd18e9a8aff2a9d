package dev.ringwatch.agent.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringwatch.agent.guest.Guest.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The repair of what the collector never frees (docs/patches), in two kernels that differ by nothing
 * else: both are built here from Debian's source of 6.12.
 */
class RepairedKernelTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Path IMAGES = TOP.resolve(".ringwatch/guest");
    private static final String REPAIR = "docs/patches/af_unix-one-index-per-component.patch";

    private static final int PROGRAMS = 3;

    /** The first build takes minutes. */
    private static final long BUILD_MINUTES = 60;

    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    @Test
    void theRepairFreesWhatStaysWithoutIt() throws Exception {
        assumeTrue(Boolean.getBoolean("ringwatch.long"), "only with ./verify --long");
        Guest.assumePossible();
        Path plain = built("none", "plain");
        assertEquals(0, neverFreed(plain).status(), "as the unrepaired rules say");
        assertEquals(1, neverFreed(plain, "--repaired").status(), "not as the repaired say");

        Path repaired = built(REPAIR, "repaired");
        Run run = neverFreed(repaired, "--repaired");
        assertEquals(0, run.status(), run.output());
        assertEquals(
                PROGRAMS,
                run.output().lines().filter(l -> l.endsWith(": model and kernel agree")).count(),
                run.output());
    }

    private static Run neverFreed(Path image, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(PROGRAMS)));
        arguments.addAll(List.of(options));
        return Guest.kernel(image.toString())
                .run(
                        TIMEOUT,
                        Guest.java(
                                List.of("-Dringwatch.guest=true"),
                                "dev.ringwatch.agent.differ.NeverFreed",
                                arguments.toArray(String[]::new)));
    }

    private static Path built(String patch, String name) throws Exception {
        Path image = IMAGES.resolve(name);
        Process build =
                new ProcessBuilder(
                                TOP.resolve(".ci/build-kernel").toString(), patch, image.toString())
                        .directory(TOP.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            assertTrue(build.waitFor(BUILD_MINUTES, TimeUnit.MINUTES), "the build ends");
            assertEquals(0, build.exitValue(), () -> ".ci/build-kernel " + patch + " " + image);
        } finally {
            build.destroy();
        }
        return image;
    }
}
