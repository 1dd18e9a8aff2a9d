package dev.ringwatch.core.scenario;

import java.util.ArrayList;
import java.util.List;

/** The words of one line, read one after the other. For one thread. */
final class LineReader {
    private static final int MOST_SHOWN = 40;

    /** What a word looks like. */
    enum Kind {
        WORD,
        NUMBER,
        QUOTED,
        SIGN,
        END
    }

    /**
     * A word.
     *
     * @param text of a quoted text what is between the quotes
     * @param column from 1
     */
    record Token(Kind kind, String text, int column) {}

    private final String source;
    private final int number;
    private final String line;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    private int next;

    /**
     * Takes a line apart.
     *
     * @param number of the line, from 1
     */
    LineReader(String source, int number, String line) throws ScenarioSyntaxException {
        this.source = source;
        this.number = number;
        this.line = line;
        scan();
    }

    private void scan() throws ScenarioSyntaxException {
        while (position < line.length() && line.charAt(position) != '#') {
            char c = line.charAt(position);
            int column = position + 1;
            if (Character.isWhitespace(c)) {
                position++;
            } else if (isDigit(c)) {
                tokens.add(new Token(Kind.NUMBER, takeWord(), column));
            } else if (isLetter(c)) {
                tokens.add(new Token(Kind.WORD, takeWord(), column));
            } else if (c == '"') {
                tokens.add(new Token(Kind.QUOTED, takeQuoted(column), column));
            } else if (line.startsWith("->", position)) {
                tokens.add(new Token(Kind.SIGN, "->", column));
                position += 2;
            } else if (",=:".indexOf(c) >= 0) {
                tokens.add(new Token(Kind.SIGN, String.valueOf(c), column));
                position++;
            } else {
                throw at(column, "a word", shown(line.substring(position).split("\\s", 2)[0]));
            }
        }
        tokens.add(
                new Token(Kind.END, "", line.substring(0, position).stripTrailing().length() + 1));
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isPartOfWord(char c) {
        return isLetter(c) || isDigit(c);
    }

    /** Letters, digits, and single signs between them, as in "scc-6.12". */
    private String takeWord() {
        int begin = position;
        while (position < line.length() && (isPartOfWord(line.charAt(position)) || joins())) {
            position++;
        }
        return line.substring(begin, position);
    }

    private boolean joins() {
        char c = line.charAt(position);
        return (c == '-' || c == '.')
                && position + 1 < line.length()
                && isPartOfWord(line.charAt(position + 1));
    }

    private String takeQuoted(int column) throws ScenarioSyntaxException {
        StringBuilder text = new StringBuilder();
        position++;
        while (position < line.length() && line.charAt(position) != '"') {
            if (line.charAt(position) == '\\' && position + 1 < line.length()) {
                position++;
            }
            text.append(line.charAt(position++));
        }
        if (position == line.length()) {
            throw at(column, "a closing quote", "the end of the line");
        }
        position++;
        return text.toString();
    }

    /** The line without its comment and without space around it. */
    String text() {
        return line.substring(0, tokens.getLast().column() - 1).strip();
    }

    boolean isEmpty() {
        return tokens.size() == 1;
    }

    Token peek() {
        return peek(0);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(next + ahead, tokens.size() - 1));
    }

    Token next() {
        Token token = peek();
        next = Math.min(next + 1, tokens.size() - 1);
        return token;
    }

    boolean is(String text) {
        Token token = peek();
        return token.kind() != Kind.QUOTED && token.kind() != Kind.END && token.text().equals(text);
    }

    /** Takes the next word if it is this one. */
    boolean accept(String text) {
        if (is(text)) {
            next();
            return true;
        }
        return false;
    }

    void require(String text) throws ScenarioSyntaxException {
        if (!accept(text)) {
            throw expected("\"" + text + "\"");
        }
    }

    /** Takes the next word, which has to be one of these. */
    String oneOf(List<String> words, String lead) throws ScenarioSyntaxException {
        for (String word : words) {
            if (accept(word)) {
                return word;
            }
        }
        throw expected(lead + alternatives(words));
    }

    /** "a", "b" or "c". */
    static String alternatives(List<String> words) {
        List<String> quoted = words.stream().map(word -> "\"" + word + "\"").toList();
        return listed(quoted);
    }

    /** a, b or c. */
    static String listed(List<String> words) {
        int last = words.size() - 1;
        return last < 1
                ? String.join("", words)
                : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }

    /** Takes a number from 0 to a greatest one. */
    int number(String what, int most) throws ScenarioSyntaxException {
        Token token = peek();
        if (token.kind() == Kind.NUMBER) {
            try {
                int value = Integer.parseInt(token.text());
                if (value <= most) {
                    next();
                    return value;
                }
            } catch (NumberFormatException e) {
                // Too long, or letters in it: said below.
            }
        }
        throw expected("%s from 0 to %d".formatted(what, most));
    }

    void requireEnd() throws ScenarioSyntaxException {
        if (peek().kind() != Kind.END) {
            throw expected("the end of the line");
        }
    }

    ScenarioSyntaxException expected(String what) {
        return expected(what, peek());
    }

    ScenarioSyntaxException expected(String what, Token found) {
        return at(
                found.column(),
                what,
                found.kind() == Kind.END ? "the end of the line" : shown(found.text()));
    }

    private ScenarioSyntaxException at(int column, String what, String found) {
        return new ScenarioSyntaxException(source, number, column, what, found);
    }

    /** In quotes, shortened, and without what a terminal would not show as one character. */
    private static String shown(String text) {
        StringBuilder shown = new StringBuilder("\"");
        for (int i = 0; i < Math.min(text.length(), MOST_SHOWN); i++) {
            char c = text.charAt(i);
            shown.append(c >= ' ' && c <= '~' ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        return shown.append(text.length() > MOST_SHOWN ? "…\"" : "\"").toString();
    }
}
