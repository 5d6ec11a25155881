#!/usr/bin/env python3
"""Makes a table for `morphsmith bench search`: cells whose scores follow a stated formula with noise.

    cells.py edges [SEED] > edges.tsv    15,625 cells of six operators between four nodes, as in NAS-Bench-201
    cells.py paths [SEED] > paths.tsv    about 12,000 cells of at most seven nodes and nine edges, as in NAS-Bench-101

A cell's worth grows with the operators that lie on its paths from input to output, each worth less the more of its kind
there are (square root); a short path beside a long one helps; a pooling in front of a convolution helps, two poolings in
a row hurt; a cell without a path learns nothing. Accuracy saturates: 95 - 9 exp(-worth / 4), less the noise of
training: 0.15 on the validation score, 0.08 on the test score, which is the mean of several runs.
"""

import itertools
import math
import random
import sys

VALUE = {"conv3": 1.0, "conv1": 0.55, "pool": 0.2, "skip": 0.1, "none": 0.0}


def longest(nodes, edges, start=0):
    """Nodes on paths from the first to the last, and lengths of the shortest and longest path; labels "none" are cut."""
    forward, backward = {start}, {len(nodes) - 1}
    for _ in nodes:
        forward |= {b for a, b in edges if a in forward and nodes[b] != "none"}
        backward |= {a for a, b in edges if b in backward and nodes[a] != "none"}
    live = forward & backward
    short, far = {start: 0}, {start: 0}
    for _ in nodes:
        for a, b in edges:
            if a in live and b in live and a in far:
                step = 0 if nodes[b] == "skip" else 1
                far[b] = max(far.get(b, 0), far[a] + step)
                short[b] = min(short.get(b, 99), short[a] + step)
    end = len(nodes) - 1
    return live, short.get(end), far.get(end)


def worth(nodes, edges):
    live, short, far = longest(nodes, edges)
    if far is None or not live:
        return None
    count = {}
    for i in live:
        if nodes[i] in VALUE:
            count[nodes[i]] = count.get(nodes[i], 0) + 1
    w = sum(VALUE[op] * n ** 0.5 * 1.6 for op, n in count.items())
    w += 0.35 * min(far - short, 2)
    for a, b in edges:
        if a in live and b in live:
            w += 0.25 * (nodes[a] == "pool" and nodes[b] == "conv3") - 0.3 * (nodes[a] == nodes[b] == "pool")
            w += 0.15 * (nodes[a] == "conv1" and nodes[b] == "conv3")
    return w - 0.12 * max(far - 4, 0)


def row(name, nodes, edges, rng):
    w = worth(nodes, edges)
    true = 10.0 if w is None else 95.0 - 9.0 * math.exp(-w / 4)
    spread = 0.0 if w is None else 1.0
    return "%s\t%.3f\t%.3f\t%s\t%s" % (
        name, true + spread * rng.gauss(0, 0.15), true + spread * rng.gauss(0, 0.08), ",".join(nodes),
        ",".join("%d>%d" % e for e in edges))


def edges_table(rng):
    """Operators stand on the six edges of four nodes; each becomes a node of the graph."""
    places = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]
    edges = []
    for i, (a, b) in enumerate(places):
        edges += [(0, i + 1)] if a == 0 else [(j + 1, i + 1) for j, (_, end) in enumerate(places) if end == a]
        edges += [(i + 1, 7)] if b == 3 else []
    for ops in itertools.product(["none", "skip", "conv1", "conv3", "pool"], repeat=6):
        yield row("|".join(ops), ["input", *ops, "output"], sorted(edges), rng)


def paths_table(rng, most=12000):
    """Cells reached by random changes of one label or one edge, so that neighbours are in the table too."""
    seen = {}
    while len(seen) < most:
        n = rng.choice([5, 6, 7, 7])
        nodes = ["input", *(rng.choice(["conv1", "conv3", "pool"]) for _ in range(n - 2)), "output"]
        edges = {e for e in itertools.combinations(range(n), 2) if rng.random() < 0.4}
        for _ in range(40):
            if rng.random() < 0.4:
                nodes[rng.randrange(1, n - 1)] = rng.choice(["conv1", "conv3", "pool"])
            else:
                edges ^= {tuple(sorted(rng.sample(range(n), 2)))}
            if len(edges) <= 9 and worth(nodes, edges) is not None:
                seen[(tuple(nodes), tuple(sorted(edges)))] = True
    for i, (nodes, edges) in enumerate(seen):
        yield row("c%05d" % i, nodes, edges, rng)


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else ""
    if kind not in ("edges", "paths"):
        sys.exit(__doc__)
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print("#maximise")
    for line in (edges_table if kind == "edges" else paths_table)(rng):
        print(line)


main()
