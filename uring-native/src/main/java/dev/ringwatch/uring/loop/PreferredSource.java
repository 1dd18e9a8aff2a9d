package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.util.Optional;

/**
 * One source, or another where the kernel does not know what the first is made with (EINVAL before
 * the first item). Found out by trying.
 *
 * @param <T> what comes
 */
final class PreferredSource<T> implements Pump.Source<T> {
    private final Pump.Opening<T> substitute;
    private Pump.Source<T> source;
    private boolean tried;

    PreferredSource(Pump.Opening<T> preferred, Pump.Opening<T> substitute) throws IOException {
        this.substitute = substitute;
        source = open(preferred);
    }

    private Pump.Source<T> open(Pump.Opening<T> preferred) throws IOException {
        try {
            return preferred.open();
        } catch (ErrnoException e) {
            requireUnknown(e);
            return substitute();
        }
    }

    @Override
    public Optional<T> next() throws IOException, InterruptedException {
        try {
            Optional<T> item = source.next();
            tried = true;
            return item;
        } catch (ErrnoException e) {
            requireUnknown(e);
            source.close();
            source = substitute();
            return source.next();
        }
    }

    private Pump.Source<T> substitute() throws IOException {
        tried = true;
        return substitute.open();
    }

    private void requireUnknown(ErrnoException e) throws ErrnoException {
        if (tried || e.errno() != Errno.EINVAL) {
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
