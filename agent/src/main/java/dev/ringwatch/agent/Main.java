package dev.ringwatch.agent;

/** The command line. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        long t = System.nanoTime();
        try (var o = new dev.ringwatch.agent.observe.Observer(java.time.InstantSource.system())) {
            System.err.println("load " + (System.nanoTime() - t) / 1e6);
            for (int i = 0; i < 5; i++) {
                var x = o.observe();
                System.out.println(x.rings());
                System.out.println(
                        x.sockets().size()
                                + " sockets "
                                + x.files().size()
                                + " files "
                                + x.graph().referenceCount()
                                + " refs "
                                + x.inFlightSockets()
                                + x.incomplete());
                for (int r = 0; i == 0 && r < x.graph().referenceCount() && r < 30; r++) {
                    System.out.println(
                            x.graph().by(r)
                                    + " "
                                    + x.files().get(x.graph().from(r))
                                    + " -> "
                                    + x.files().get(x.graph().to(r))
                                    + " count "
                                    + x.graph().kernelCount(x.graph().to(r))
                                    + " unexplained "
                                    + x.graph().unexplained(x.graph().to(r)));
                }
            }
        }
        System.err.println("all " + (System.nanoTime() - t) / 1e6);
    }
}
