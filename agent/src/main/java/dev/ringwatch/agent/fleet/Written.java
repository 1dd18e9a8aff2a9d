package dev.ringwatch.agent.fleet;

/** What has been answered to scrapes. Safe for any thread. */
public final class Written {
    private long scrapes;
    private long samples;
    private long bytes;

    /** Takes in an exposition in a text format: a line that is no comment is a sample. */
    void add(byte[] text) {
        long lines = samples(text);
        synchronized (this) {
            scrapes++;
            samples += lines;
            bytes += text.length;
        }
    }

    static long samples(byte[] text) {
        long samples = 0;
        boolean begin = true;
        for (byte b : text) {
            if (begin && b != '#' && b != '\n') {
                samples++;
            }
            begin = b == '\n';
        }
        return samples;
    }

    /** How much it was. */
    synchronized Amount amount() {
        return new Amount(scrapes, samples, bytes);
    }

    /**
     * An amount of what was written.
     *
     * @param bytes before compression
     */
    public record Amount(long scrapes, long samples, long bytes) {
        Amount plus(Amount more) {
            return new Amount(scrapes + more.scrapes, samples + more.samples, bytes + more.bytes);
        }

        /** What came after. */
        public Amount minus(Amount earlier) {
            return new Amount(
                    scrapes - earlier.scrapes, samples - earlier.samples, bytes - earlier.bytes);
        }
    }
}
