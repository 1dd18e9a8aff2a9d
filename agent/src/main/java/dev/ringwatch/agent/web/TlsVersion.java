package dev.ringwatch.agent.web;

/** A version of TLS, as the file names it. */
enum TlsVersion {
    TLS10("TLSv1"),
    TLS11("TLSv1.1"),
    TLS12("TLSv1.2"),
    TLS13("TLSv1.3");

    private final String java;

    TlsVersion(String java) {
        this.java = java;
    }

    /** The name in the JDK. */
    String java() {
        return java;
    }

    static TlsVersion parse(String text) {
        return switch (text) {
            case "TLS10" -> TLS10;
            case "TLS11" -> TLS11;
            case "TLS12" -> TLS12;
            case "TLS13" -> TLS13;
            default ->
                    throw new IllegalArgumentException(
                            "'" + text + "' is none of TLS10, TLS11, TLS12, TLS13");
        };
    }
}
