package dev.ringwatch.agent.page;

import static j2html.TagCreator.time;

import j2html.tags.DomContent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Numbers, ages and times as people read them. */
final class Words {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private Words() {}

    /** {@code 12,345}. */
    static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    /** {@code 1 ring}, {@code 2 rings}. */
    static String count(long n, String one) {
        return count(n, one, one + "s");
    }

    static String count(long n, String one, String many) {
        return number(n) + " " + (n == 1 ? one : many);
    }

    /** {@code 0.4 s}, {@code 12 s}, {@code 3 min 12 s}, {@code 5 h 2 min}, {@code 9 d 4 h}. */
    static String age(Duration age) {
        long s = Math.max(0, age.toSeconds());
        if (s < 10) {
            return tenths(Math.max(0, age.toMillis()) / 1000.0) + " s";
        }
        if (s < 60) {
            return s + " s";
        }
        if (s < 3600) {
            return s / 60 + " min " + s % 60 + " s";
        }
        return s < 86_400
                ? s / 3600 + " h " + s % 3600 / 60 + " min"
                : s / 86_400 + " d " + s % 86_400 / 3600 + " h";
    }

    /** {@code 80 µs}, {@code 4.2 ms}, and from a second on an age. */
    static String took(Duration d) {
        if (d.toMillis() >= 1000) {
            return age(d);
        }
        double micros = d.toNanos() / 1e3;
        return micros < 1000 ? Math.round(micros) + " µs" : tenths(micros / 1e3) + " ms";
    }

    /** {@code 512 B}, {@code 4.0 KiB}. */
    static String bytes(long n) {
        double scaled = n;
        int unit = 0;
        while (scaled >= 1024 && unit < 4) {
            scaled /= 1024;
            unit++;
        }
        return unit == 0 ? n + " B" : tenths(scaled) + " " + " KMGT".charAt(unit) + "iB";
    }

    private static String tenths(double n) {
        return String.format(Locale.ROOT, "%.1f", n);
    }

    /** A share as per cent; never 100 where something is left. */
    static String percent(double share) {
        return (share < 1 ? Math.min(99, Math.round(share * 100)) : Math.round(share * 100)) + " %";
    }

    static String at(Instant instant) {
        return TIME.format(instant);
    }

    /** A moment, with the time of day. */
    static DomContent moment(Instant instant) {
        return time(at(instant)).attr("datetime", machine(instant));
    }

    /** A moment, told by how long ago it was. */
    static DomContent ago(Instant instant, Instant now) {
        return time(age(Duration.between(instant, now)) + " ago")
                .attr("datetime", machine(instant))
                .withTitle(at(instant));
    }

    private static String machine(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
