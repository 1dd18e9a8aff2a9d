package dev.ringwatch.core.scenario;

import java.util.List;

/**
 * A program with what is expected of it, as {@link ScenarioParser} reads it.
 *
 * @param name how it is asked for
 * @param description what it is about, for people; its first sentence can stand alone. Paragraphs
 *     are parted by an empty line. May be empty
 * @param lines what happens and what is expected, in order
 * @param names the name of each handle; that of the first process is empty
 */
public record Scenario(String name, String description, List<Line> lines, List<String> names) {

    /** Copies the lists. */
    public Scenario {
        lines = List.copyOf(lines);
        names = List.copyOf(names);
    }

    /**
     * A line that is not empty and no comment.
     *
     * @param number in the text, from 1
     * @param text without comment and without space around it
     */
    public record Line(int number, String text, Statement statement) {}

    /** The first sentence of the description, or the name where there is none. */
    public String about() {
        String first = description.split("\n\n", 2)[0];
        int end = first.indexOf(". ");
        String sentence = end < 0 ? first : first.substring(0, end + 1);
        return sentence.isEmpty() ? name : sentence;
    }

    /** All steps, in order, without what is expected. */
    public List<Step> steps() {
        return lines.stream()
                .filter(line -> line.statement() instanceof Statement.Act)
                .flatMap(line -> ((Statement.Act) line.statement()).steps().stream())
                .toList();
    }

    /** The same without what comes behind a line of the text. */
    public Scenario upTo(int line) {
        List<Line> before = lines.stream().filter(each -> each.number() <= line).toList();
        return new Scenario(name, description, before, names);
    }

    /** What a handle is called. */
    public String nameOf(int handle) {
        return names.get(handle);
    }
}
