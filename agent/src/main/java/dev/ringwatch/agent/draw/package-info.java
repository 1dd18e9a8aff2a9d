/** Small graphs as pictures: in the language of Graphviz, or laid out in layers as svg. */
package dev.ringwatch.agent.draw;
