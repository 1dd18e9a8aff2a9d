package dev.ringwatch.agent;

/** The command line. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        System.out.println("x");
    }
}
