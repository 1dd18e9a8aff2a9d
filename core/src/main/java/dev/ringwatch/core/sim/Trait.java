package dev.ringwatch.core.sim;

/** Why garbage stays although nothing is wrong with the model: what is known of an era's collector. */
public enum Trait {
    /** Members of one dead component carry different indices, so the component is never dead. */
    LOW_LINKS("members of a component have different indices: the collector never frees them"),
    /** A reference from a table, a request or a queue that the collector does not follow. */
    UNSEEN_BY_COLLECTOR("a loop runs over a reference that the collector does not follow"),
    /** A listener was judged dead while a connection was under way, whose packets were not found. */
    CONNECT_RACE(
            "the collector judged a listener while a connection to it was under way, found nothing to"
                    + " take, and takes the graph for acyclic until it changes"),
    /** Rings hold each other, or one itself, by requests: no socket is in the loop at all. */
    RING_LOOP("rings hold themselves by requests on rings"),
    /** A counter says more than there is. */
    COUNTER("a socket counts as in flight more often than it is");

    private final String about;

    Trait(String about) {
        this.about = about;
    }

    /** One sentence. */
    public String about() {
        return about;
    }
}
