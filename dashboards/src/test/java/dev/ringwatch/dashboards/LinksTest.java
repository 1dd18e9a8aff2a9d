package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Links within the project, in every page of it, lead to a file and to a heading. Takes a second. */
class LinksTest {
    /** What is built or installed, and no page of the project. */
    private static final Set<String> NOT_OURS =
            Set.of(".git", ".ringwatch", "node_modules", "target");

    private static final Pattern CODE = Pattern.compile("(?ms)^ *```.*?^ *```$|`[^`\n]*`");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```.*?^ *```$");
    private static final Pattern LINK =
            Pattern.compile("]\\((?!\\w+:)(?<path>[^)#\\s]*)(#(?<heading>[^)\\s]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (?<text>.+)$");

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        Files.walkFileTree(
                Checkout.TOP,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes is) {
                        return NOT_OURS.contains(String.valueOf(folder.getFileName()))
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes is) {
                        if (file.toString().endsWith(".md")) {
                            pages.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return pages;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkLeadsSomewhere(Path page) throws IOException {
        for (MatchResult link : links(Files.readString(page))) {
            String path = link.group("path");
            Path target = path.isEmpty() ? page : page.resolveSibling(path);
            assertTrue(Files.exists(target), page + ": " + link.group());
            assertTrue(
                    link.group("heading") == null
                            || headings(Files.readString(target)).contains(link.group("heading")),
                    page + ": " + link.group());
        }
    }

    @Test
    void linksAreFoundAndHeadingsHaveTheirNames() {
        String text =
                "# A `b_c` of 2.0, d\n[a](b.md#c) [a](https://d)\n```\n# e\n```\n# A b_c\n# A b_c\n";
        assertTrue(links(text).size() == 1 && links(text).getFirst().group("heading").equals("c"));
        assertTrue(headings(text).equals(Set.of("a-b_c-of-20-d", "a-b_c", "a-b_c-1")));
        assertFalse(headings(text).contains("e"));
    }

    private static List<MatchResult> links(String text) {
        return LINK.matcher(CODE.matcher(text).replaceAll("")).results().toList();
    }

    /** By the names that GitHub gives them. */
    private static Set<String> headings(String text) {
        Map<String, Integer> times = new HashMap<>();
        Set<String> names = new HashSet<>();
        for (MatchResult heading :
                HEADING.matcher(BLOCK.matcher(text).replaceAll("")).results().toList()) {
            String name =
                    heading.group("text")
                            .replaceAll("]\\([^)]*\\)", "")
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^\\w\\- ]", "")
                            .strip()
                            .replace(' ', '-');
            int before = times.merge(name, 1, Integer::sum) - 1;
            names.add(before == 0 ? name : name + "-" + before);
        }
        return names;
    }
}
