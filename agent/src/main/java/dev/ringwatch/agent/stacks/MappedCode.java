package dev.ringwatch.agent.stacks;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** A file that code was mapped from, open while the frames of a stack are named. */
final class MappedCode implements AutoCloseable {
    private static final Path DEBUG_FILES = Path.of("/usr/lib/debug/.build-id");
    private static final int FOLDER_DIGITS = 2;

    private final FileChannel channel;
    private final ElfFile elf;
    private final Optional<String> buildId;

    private MappedCode(FileChannel channel, ElfFile elf, Optional<String> buildId) {
        this.channel = channel;
        this.elf = elf;
        this.buildId = buildId;
    }

    /**
     * Opens it.
     *
     * @throws IOException also if it is no ELF file that can be read
     */
    static MappedCode open(FileChannel channel) throws IOException {
        try {
            ElfFile elf = ElfFile.of(channel);
            return new MappedCode(channel, elf, elf.buildId());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    Optional<String> buildId() {
        return buildId;
    }

    OptionalLong addressOf(long offset) {
        return elf.addressOf(offset);
    }

    /** The function at an address: by the file itself, else by the debug file of the same build. */
    Optional<ElfFile.Symbol> symbol(long address) throws IOException {
        Optional<ElfFile.Symbol> own = elf.symbol(address);
        return own.isPresent() || buildId.isEmpty() ? own : debugSymbol(buildId.get(), address);
    }

    private static Optional<ElfFile.Symbol> debugSymbol(String buildId, long address)
            throws IOException {
        if (buildId.length() <= FOLDER_DIGITS) {
            return Optional.empty();
        }
        Path file =
                DEBUG_FILES
                        .resolve(buildId.substring(0, FOLDER_DIGITS))
                        .resolve(buildId.substring(FOLDER_DIGITS) + ".debug");
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (FileChannel debug = FileChannel.open(file)) {
            return ElfFile.of(debug).symbol(address);
        } catch (NoSuchFileException e) {
            return Optional.empty(); // just removed
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
