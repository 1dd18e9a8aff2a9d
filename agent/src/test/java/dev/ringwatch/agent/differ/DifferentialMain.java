package dev.ringwatch.agent.differ;

import dev.ringwatch.core.sim.Seed;
import java.time.Duration;

/**
 * Plays random programs on both sides for a time or for a number of steps, and says in one line at
 * the end how it went. {@code --first} says with which program of the seed to begin. With {@code -Dringwatch.guest=true} the machine may be spoilt.
 */
final class DifferentialMain {
    private DifferentialMain() {}

    public static void main(String[] args) throws Exception {
        Duration time = Duration.ofSeconds(60);
        long steps = Long.MAX_VALUE;
        int most = 1;
        int first = 0;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--seconds" -> time = Duration.ofSeconds(Long.parseLong(args[++i]));
                case "--steps" -> {
                    steps = Long.parseLong(args[++i]);
                    time = Duration.ofDays(1);
                }
                case "--first" -> first = Integer.parseInt(args[++i]);
                case "--most-disagreements" -> most = Integer.parseInt(args[++i]);
                default -> throw new IllegalArgumentException(args[i]);
            }
        }
        boolean guest = Boolean.getBoolean("ringwatch.guest");
        Seed seed = Seed.given();
        System.out.println("differential: seed " + seed);
        int disagreements;
        try (Fuzz fuzz = new Fuzz(guest)) {
            System.out.println("differential: rules " + fuzz.era());
            disagreements = fuzz.run(seed, first, time, steps, most, System.out::println);
            System.out.println(fuzz.counts().kinds);
            System.out.println("differential: " + fuzz.summary());
        }
        System.exit(disagreements == 0 ? 0 : 1);
    }
}
