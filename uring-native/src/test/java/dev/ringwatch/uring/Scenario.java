package dev.ringwatch.uring;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which of liburing's test scenarios a test holds; all are listed in scenarios.txt. */
@Target(ElementType.METHOD)
@ExtendWith(ScenarioTally.class)
@Retention(RetentionPolicy.RUNTIME)
@interface Scenario {
    /** Names of liburing's test programs, without ending. */
    String[] value();
}
