/**
 * The benchmarks of this module: contenders as processes of their own, a load that is the same for
 * each, ratios of pairs that ran next to each other.
 */
package dev.ringwatch.uring.bench;
