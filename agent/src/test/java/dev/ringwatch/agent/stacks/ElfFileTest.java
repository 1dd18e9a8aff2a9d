package dev.ringwatch.agent.stacks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.zoo.CalledProgram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against programs that gcc makes, and what binutils says of them. */
class ElfFileTest {
    private static final int BROKEN_FILES = 3000;

    private Path folder;

    @BeforeEach
    void in(@TempDir Path into) {
        folder = into;
    }

    @ParameterizedTest
    @ValueSource(strings = {"-pie", "-no-pie"})
    void everyFunctionIsFoundAtItsFirstAndLastByte(String option) throws Exception {
        Path program = compiled(option);
        try (FileChannel channel = FileChannel.open(program)) {
            ElfFile elf = ElfFile.of(channel);
            int functions = 0;
            for (String line : lines("nm", "-S", "--defined-only", program.toString())) {
                String[] words = line.split(" "); // address, size, type, name
                if (words.length == 4 && words[2].equalsIgnoreCase("t")) {
                    long start = Long.parseUnsignedLong(words[0], 16);
                    long bytes = Long.parseUnsignedLong(words[1], 16);
                    assertEquals(words[3], name(elf, start));
                    assertEquals(words[3], name(elf, start + bytes - 1));
                    functions++;
                }
            }
            assertTrue(functions > 6, "nm named " + functions);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-pie", "-no-pie"})
    void aPlaceInTheFileIsAnAddressOfItsSymbols(String option) throws Exception {
        Path program = compiled(option);
        try (FileChannel channel = FileChannel.open(program)) {
            ElfFile elf = ElfFile.of(channel);
            String[] text =
                    lines("readelf", "-SW", program.toString()).stream()
                            .filter(line -> line.contains(" .text "))
                            .findFirst()
                            .orElseThrow()
                            .replaceFirst("^ *\\[ *\\d+\\] *", "")
                            .split(" +"); // name, type, address, offset
            assertEquals(
                    Long.parseUnsignedLong(text[2], 16),
                    elf.addressOf(Long.parseUnsignedLong(text[3], 16)).orElseThrow());
            assertTrue(elf.addressOf(Files.size(program) + 1).isEmpty());
        }
    }

    @Test
    void theBuildIdIsTheLinkers() throws Exception {
        Path program = compiled("-Wl,--build-id=0xc0ffee00c0ffee");
        try (FileChannel channel = FileChannel.open(program)) {
            assertEquals(Optional.of("c0ffee00c0ffee"), ElfFile.of(channel).buildId());
        }
        Path without = compiled("-Wl,--build-id=none");
        try (FileChannel channel = FileChannel.open(without)) {
            assertEquals(Optional.empty(), ElfFile.of(channel).buildId());
        }
    }

    @Test
    void aStrippedFileStillNamesWhatItExports() throws Exception {
        long outer = addressOf(compiled("-rdynamic"), "outer");
        Path stripped = compiled("-rdynamic", "-s");
        try (FileChannel channel = FileChannel.open(stripped)) {
            assertEquals("outer", name(ElfFile.of(channel), outer));
        }
    }

    @Test
    void aStrippedFileNamesNothingElse() throws Exception {
        long outer = addressOf(compiled("-O2"), "outer");
        Path stripped = compiled("-s");
        try (FileChannel channel = FileChannel.open(stripped)) {
            assertEquals(Optional.empty(), ElfFile.of(channel).symbol(outer));
        }
    }

    @Test
    void whatIsNoElfFileIsRefused() throws Exception {
        for (String text : List.of("", "x", "#!/bin/sh\n" + " ".repeat(100))) {
            Path file = Files.writeString(folder.resolve("text"), text);
            try (FileChannel channel = FileChannel.open(file)) {
                assertTrue(isRefused(channel), text);
            }
        }
    }

    /** The file belongs to the watched process: nothing in it may do more than be refused. */
    @Test
    void aBrokenFileIsRefusedOrReadAndNothingElse() throws Exception {
        byte[] whole = Files.readAllBytes(compiled("-pie"));
        long seed = Long.getLong("ringwatch.seed", System.nanoTime());
        Random random = new Random(seed);
        Path file = folder.resolve("broken");
        int refused = 0;
        for (int i = 0; i < BROKEN_FILES; i++) {
            byte[] broken = whole.clone();
            int sections =
                    (int)
                            java.nio.ByteBuffer.wrap(whole)
                                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                                    .getLong(40);
            for (int n = random.nextInt(1, 8); n > 0; n--) {
                int at =
                        random.nextBoolean()
                                ? random.nextInt(1024)
                                : sections + random.nextInt(whole.length - sections);
                broken[at] = (byte) random.nextInt();
            }
            Files.write(
                    file,
                    random.nextInt(4) == 0
                            ? java.util.Arrays.copyOf(broken, random.nextInt(whole.length))
                            : broken);
            try (FileChannel channel = FileChannel.open(file)) {
                ElfFile elf = ElfFile.of(channel);
                elf.buildId();
                elf.addressOf(random.nextLong());
                elf.symbol(random.nextInt(1 << 16));
            } catch (IOException e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("-Dringwatch.seed=" + seed, e);
            }
        }
        assertTrue(refused > 0 && refused < BROKEN_FILES, refused + " were refused");
    }

    /** A file of some kilobytes, the rest of it a hole, may point at its tables as often as it likes. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void onlyOneTableOfAKindIsSearched() throws Exception {
        int sections = 4000;
        int bytes = 64 << 20;
        ByteBuffer head = ByteBuffer.allocate(64 * (1 + sections)).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1);
        head.putLong(40, 64).putShort(58, (short) 64).putShort(60, (short) sections);
        for (int at = 64; at < head.limit(); at += 64) {
            head.putInt(at + 4, 2).putLong(at + 24, head.limit()).putLong(at + 32, bytes);
        }
        Path file = Files.write(folder.resolve("tables"), head.array());
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), head.limit() + (long) bytes);
            assertEquals(Optional.empty(), ElfFile.of(channel).symbol(0x1000));
        }
    }

    private static boolean isRefused(FileChannel channel) {
        try {
            ElfFile.of(channel);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private Path compiled(String... options) throws Exception {
        return CalledProgram.compile(
                folder.resolve("calls" + String.join("", options).replace('/', '_')),
                List.of(options));
    }

    private static String name(ElfFile elf, long address) throws IOException {
        return elf.symbol(address).map(ElfFile.Symbol::name).orElse("nothing");
    }

    private static long addressOf(Path program, String function) throws Exception {
        for (String line : lines("nm", program.toString())) {
            if (line.endsWith(" " + function)) {
                return Long.parseUnsignedLong(line.split(" ")[0], 16);
            }
        }
        throw new AssertionError("nm does not know " + function);
    }

    private static List<String> lines(String... command) throws Exception {
        Process process = new ProcessBuilder(command).start();
        String all = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", command));
        return all.lines().toList();
    }
}
