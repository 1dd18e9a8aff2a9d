package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import org.opentest4j.TestAbortedException;

/** The backends that live tests run over. */
enum TestBackend {
    RINGS(UringOptions.Choice.IO_URING),
    PLAIN(UringOptions.Choice.JDK_CHANNELS);

    private final UringOptions.Choice choice;

    TestBackend(UringOptions.Choice choice) {
        this.choice = choice;
    }

    /** Two loops with 8 slots each, or a test that is skipped with the reason printed. */
    Uring open() throws IOException {
        try {
            return Uring.open(
                    UringOptions.defaults()
                            .with(choice)
                            .withLoops(2)
                            .withLoop(LoopOptions.defaults().withName("test").withFileSlots(8)));
        } catch (ErrnoException refusal) {
            String text = "SKIPPED on " + this + ": " + refusal.getMessage();
            System.out.println(text);
            throw new TestAbortedException(text);
        }
    }
}
