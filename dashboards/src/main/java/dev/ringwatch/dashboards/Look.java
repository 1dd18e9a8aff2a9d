package dev.ringwatch.dashboards;

import java.util.List;
import java.util.Optional;

/** How a panel shows its numbers. */
sealed interface Look {
    /** A line for each series; a gap where there is no value. */
    record Lines() implements Look {}

    /**
     * A bar over time for each series that is 0 or 1.
     *
     * @param normal the value that nobody needs to look at
     */
    record States(int normal, State zero, State one) implements Look {
        static final States GOOD_WHEN_ONE =
                new States(1, new State("no", "red"), new State("yes", "green"));
        static final States BAD_WHEN_ONE =
                new States(0, new State("no", "green"), new State("yes", "red"));
        static final States OFF_OR_ON =
                new States(1, new State("off", "orange"), new State("on", "green"));
        static final States EITHER =
                new States(0, new State("no", "green"), new State("yes", "blue"));
    }

    /**
     * One number in large type.
     *
     * @param absent what it says where there is no series; it has a colour of its own, because what is
     *     not known is not well
     */
    record Figure(Span span, Levels levels, State absent) implements Look {
        static final State NO_DATA = new State("no data", "text");
    }

    /** How often values fell into each bucket of a histogram, over time. */
    record Heatmap() implements Look {}

    /**
     * The values of one query now, a row for each series, the largest first.
     *
     * @param names the labels that are shown, in this order
     * @param value the last column; without it the rows are all there is to know
     */
    record Table(List<Name> names, Optional<Value> value) implements Look {
        public Table {
            names = List.copyOf(names);
        }

        Table(Value value, Name... names) {
            this(List.of(names), Optional.of(value));
        }

        Table(Name... names) {
            this(List.of(names), Optional.empty());
        }
    }

    /** A column that shows a label. */
    record Name(String label, String title, Optional<Link> link) {
        Name(String label, String title) {
            this(label, title, Optional.empty());
        }

        Name(String label, String title, Link link) {
            this(label, title, Optional.of(link));
        }
    }

    /** A column that shows a number. */
    record Value(String title, Unit unit, Levels levels) {}

    /**
     * What a value, or the lack of one, means.
     *
     * @param colour one of Grafana's named colours
     */
    record State(String text, String colour) {}

    /** What a figure is about. */
    enum Span {
        NOW,
        /** Last less first value of the time that the dashboard shows. */
        CHANGE
    }
}
