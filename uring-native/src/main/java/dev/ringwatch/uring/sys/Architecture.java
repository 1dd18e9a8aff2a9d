package dev.ringwatch.uring.sys;

/** The processors whose system call numbers and flag values are known here. */
public enum Architecture {
    /** 64-bit x86; {@code os.arch} is amd64 or x86_64. */
    X86_64,
    /** 64-bit Arm; {@code os.arch} is aarch64 or arm64. */
    AARCH64;

    private static final Architecture CURRENT = of(System.getProperty("os.arch", ""));

    /** The one this JVM runs on. */
    public static Architecture current() {
        return CURRENT;
    }

    /**
     * The architecture a JVM means by a name.
     *
     * @param osArch a value of the system property {@code os.arch}
     * @throws UnsupportedOperationException if it is none of the two
     */
    public static Architecture of(String osArch) {
        return switch (osArch) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64", "arm64" -> AARCH64;
            default ->
                    throw new UnsupportedOperationException(
                            "system call numbers are known for x86_64 and aarch64, not for "
                                    + osArch);
        };
    }
}
