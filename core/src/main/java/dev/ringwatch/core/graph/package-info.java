/** Who refers to which open file, and the linear-time questions: components, reachability, holding paths. */
package dev.ringwatch.core.graph;
