package dev.ringwatch.agent.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Users and the bcrypt hashes of their passwords.
 *
 * <p>One check at a time, since each takes some 100 ms of CPU time by design. What came out is
 * remembered for a while, right or wrong, under a keyed digest: passwords are not kept. The two are
 * apart, so that who guesses cannot have who is known forgotten, and checked behind all guesses. A user that
 * does not exist is checked against a hash of the same cost that no password has. Safe for any
 * thread.
 */
final class Users {
    private static final int MAX_REMEMBERED = 100;
    private static final Duration REMEMBERED = Duration.ofMinutes(5);
    private static final String DIGEST = "HmacSHA256";
    private static final int KEY_BYTES = 32;
    private static final int LEAST_COST = 10;

    /** Salt and digest of a hash that nothing is known to have. */
    private static final String NOBODYS =
            "......................" + "...............................";

    private final Map<String, String> hashes;
    private final String unknown;
    private final SecretKeySpec key;
    /** By digest, when it was found, on System.nanoTime; this one guards both. */
    private final Map<String, Long> right = bounded();

    private final Map<String, Long> wrong = bounded();
    private final Object oneAtATime = new Object();

    Users(Map<String, String> hashes) {
        this.hashes = Map.copyOf(hashes);
        int cost = hashes.values().stream().mapToInt(Users::cost).max().orElse(LEAST_COST);
        unknown = "$2y$%02d$%s".formatted(cost, NOBODYS);
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        key = new SecretKeySpec(random, DIGEST);
    }

    private static int cost(String hash) {
        int dollar = hash.indexOf('$', 1);
        return Integer.parseInt(hash, dollar + 1, dollar + 3, 10);
    }

    boolean isEmpty() {
        return hashes.isEmpty();
    }

    /** Forgets the one that came first when there are too many. */
    private static Map<String, Long> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                return size() > MAX_REMEMBERED;
            }
        };
    }

    /** What a check found a short time ago; who is known stays so by coming again. */
    Optional<Boolean> remembers(String user, String password) {
        String digest = digest(user, password);
        synchronized (right) {
            if (isFresh(right.get(digest))) {
                right.put(digest, System.nanoTime());
                return Optional.of(true);
            }
            return isFresh(wrong.get(digest)) ? Optional.of(false) : Optional.empty();
        }
    }

    private static boolean isFresh(@Nullable Long nanos) {
        return nanos != null && System.nanoTime() - nanos <= REMEMBERED.toNanos();
    }

    /** Whether it is the user's password. */
    boolean knows(String user, String password) {
        synchronized (oneAtATime) {
            // Another request with the same password may have been checked meanwhile.
            return remembers(user, password).orElseGet(() -> check(user, password));
        }
    }

    private boolean check(String user, String password) {
        String hash = hashes.getOrDefault(user, unknown);
        boolean fits =
                BCrypt.verifyer(
                                BCrypt.Version.VERSION_2Y,
                                LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2Y))
                        .verify(password.getBytes(UTF_8), hash.getBytes(UTF_8))
                        .verified;
        boolean known = fits && hashes.containsKey(user);
        synchronized (right) {
            (known ? right : wrong).put(digest(user, password), System.nanoTime());
        }
        return known;
    }

    private String digest(String user, String password) {
        try {
            Mac mac = Mac.getInstance(DIGEST);
            mac.init(key);
            mac.update(user.getBytes(UTF_8));
            mac.update((byte) 0);
            return new String(
                    mac.doFinal(password.getBytes(UTF_8)),
                    java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(DIGEST + " is part of every JDK", e);
        }
    }
}
