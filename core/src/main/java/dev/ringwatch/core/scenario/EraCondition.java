package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.KernelEra;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * About which eras something is said: alternatives, each of which may ask for several things at
 * once. What is asked for is an era's name, or that one of its rules has a value; so that it is
 * right also for an era that was probed and has no known name.
 *
 * @param alternatives of which one has to hold; none means every era
 */
public record EraCondition(List<List<Term>> alternatives) {
    /** About every era. */
    public static final EraCondition ALWAYS = new EraCondition(List.of());

    /** Copies the lists. */
    public EraCondition {
        alternatives = alternatives.stream().map(List::copyOf).toList();
    }

    /** Something that an era is or is not. */
    public record Term(boolean negated, String text, Predicate<KernelEra> predicate) {
        /** Whether it is true of an era. */
        public boolean holds(KernelEra era) {
            return predicate.test(era) != negated;
        }
    }

    /** Whether it is about an era. */
    public boolean holds(KernelEra era) {
        return alternatives.isEmpty()
                || alternatives.stream().anyMatch(all -> all.stream().allMatch(t -> t.holds(era)));
    }

    /** For each rule that eras differ in, its values, and whether an era has that. */
    static final Map<String, Map<String, Predicate<KernelEra>>> RULES = rules();

    private static Map<String, Map<String, Predicate<KernelEra>>> rules() {
        Map<String, Map<String, Predicate<KernelEra>>> rules = new TreeMap<>();
        rules.put("collector", values(KernelEra.Collector.values(), KernelEra::collector));
        rules.put("run", values(KernelEra.Run.values(), KernelEra::run));
        rules.put("indices", values(KernelEra.Indices.values(), KernelEra::indices));
        rules.put("table", values(KernelEra.Table.values(), KernelEra::table));
        rules.put("sending", values(KernelEra.SendRing.values(), KernelEra::sendRing));
        rules.put("slots", values(KernelEra.Slots.values(), KernelEra::slots));
        rules.put("lookup", values(KernelEra.Lookup.values(), KernelEra::lookup));
        rules.put("requests", values(KernelEra.Requests.values(), KernelEra::requests));
        Map<String, Predicate<KernelEra>> repairs = new TreeMap<>();
        for (KernelEra.Repair repair : KernelEra.Repair.values()) {
            repairs.put(word(repair), era -> era.repairs().contains(repair));
        }
        rules.put("repair", repairs);
        return rules;
    }

    private static <E extends Enum<E>> Map<String, Predicate<KernelEra>> values(
            E[] values, java.util.function.Function<KernelEra, E> rule) {
        Map<String, Predicate<KernelEra>> predicates = new TreeMap<>();
        for (E value : values) {
            predicates.put(word(value), era -> rule.apply(era) == value);
        }
        return predicates;
    }

    /** A constant as a word of the language. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Reads what follows the word "under", as far as it goes. */
    static EraCondition read(LineReader in) throws ScenarioSyntaxException {
        List<List<Term>> alternatives = new ArrayList<>();
        do {
            List<Term> all = new ArrayList<>();
            do {
                all.add(readTerm(in));
            } while (in.accept("and"));
            alternatives.add(all);
        } while (in.accept(","));
        return new EraCondition(alternatives);
    }

    private static Term readTerm(LineReader in) throws ScenarioSyntaxException {
        boolean negated = in.accept("not");
        Map<String, Predicate<KernelEra>> values = RULES.get(in.peek().text());
        if (values == null) {
            String name = in.oneOf(eraNamesAndRules(), "an era or a rule: ");
            return new Term(negated, name, era -> era.name().equals(name));
        }
        String rule = in.next().text();
        String value = in.oneOf(List.copyOf(values.keySet()), "");
        Predicate<KernelEra> predicate = values.get(value);
        return new Term(negated, rule + " " + value, predicate == null ? era -> false : predicate);
    }

    private static List<String> eraNamesAndRules() {
        return Stream.concat(
                        KernelEra.presets().stream().map(KernelEra::name), RULES.keySet().stream())
                .toList();
    }

    @Override
    public String toString() {
        List<String> texts = new ArrayList<>();
        for (List<Term> all : alternatives) {
            List<String> terms = new ArrayList<>();
            for (Term term : all) {
                terms.add((term.negated() ? "not " : "") + term.text());
            }
            texts.add(String.join(" and ", terms));
        }
        return String.join(", ", texts);
    }
}
