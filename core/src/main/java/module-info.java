/** Reference graphs of open files, the questions asked of them, and the verdicts drawn from them. */
@org.jspecify.annotations.NullMarked
module dev.ringwatch.core {
    requires static org.jspecify;

    exports dev.ringwatch.core.graph;
    exports dev.ringwatch.core.kernel;
    exports dev.ringwatch.core.leak;
    exports dev.ringwatch.core.scenario;
    exports dev.ringwatch.core.sim;
}
