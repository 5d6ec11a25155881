#!/usr/bin/env python3
"""Writes tests/unit/metric_reference.inc: scores of made-up predictions, computed from their definitions.

    python3 tests/unit/metric_reference.py > tests/unit/metric_reference.inc

Written apart from src/train/metric*.c and by other ways: areas by counting all pairs, the coefficient of several classes
as the correlation of two indicator matrices, ranks by counting what is below, sums exact (fractions, fsum). The tests
read only what it wrote.
"""

import math
import random
import struct
from fractions import Fraction

CASES = 6
random.seed(20)


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def number(x):
    return "%.17g" % x


def floats(values):
    texts = ["%.9g" % v for v in values]
    return "{" + ", ".join(t + ("F" if "." in t or "e" in t else ".0F") for t in texts) + "}"


def mean(values):
    values = list(values)
    return math.fsum(values) / len(values)


def area(values, positive):
    ups = [v for v, p in zip(values, positive) if p]
    downs = [v for v, p in zip(values, positive) if not p]
    wins = sum(Fraction(1) if u > d else Fraction(1, 2) if u == d else Fraction(0) for u in ups for d in downs)
    return float(wins / (len(ups) * len(downs)))


def correlation(x, y):
    mx, my = mean(x), mean(y)
    xy = math.fsum((a - mx) * (b - my) for a, b in zip(x, y))
    xx, yy = math.fsum((a - mx) ** 2 for a in x), math.fsum((b - my) ** 2 for b in y)
    return xy / math.sqrt(xx * yy)


def matrix_correlation(target, said, classes):
    """Gorodkin 2004, equation 3: covariance of the two indicator matrices over the root of their own."""
    n = len(target)

    def covariance(a, b):
        total = Fraction(0)
        for k in range(classes):
            x, y = [int(v == k) for v in a], [int(v == k) for v in b]
            total += Fraction(sum(p * q for p, q in zip(x, y)), n) - Fraction(sum(x), n) * Fraction(sum(y), n)
        return total

    whole = covariance(target, target) * covariance(said, said)
    return float(covariance(target, said)) / math.sqrt(whole) if whole else 0.0


def f1(target, said, k):
    both = sum(t == k and s == k for t, s in zip(target, said))
    precision = Fraction(both, max(1, sum(s == k for s in said)))
    recall = Fraction(both, max(1, sum(t == k for t in target)))
    return 2 * precision * recall / (precision + recall) if both else Fraction(0)


def recalls(target, said):
    return [Fraction(sum(t == k and s == k for t, s in zip(target, said)), target.count(k)) for k in sorted(set(target))]


def class_case(i):
    classes, n = 3 + i % 3, 40 + 7 * i
    target = random.choices(range(classes), [3] + [1] * (classes - 1), k=n)
    p = []
    for row, t in enumerate(target):
        logit = [random.gauss(0.8 if k == t else 0, 1) for k in range(classes)]
        if i % 2 and row < n // 4:
            logit = [float(round(z)) for z in logit]  # ties
        whole = math.fsum(math.exp(z) for z in logit)
        p.append([single(math.exp(z) / whole) for z in logit])
    if i == 4:  # one class never occurs, though it may be predicted
        target = [0 if t == 1 else t for t in target]
    said = [row.index(max(row)) for row in p]
    seen = sorted(set(target))
    named = sorted(set(target) | set(said))
    scores = [
        sum(t == s for t, s in zip(target, said)) / n,
        float(sum(recalls(target, said)) / len(seen)),
        float(sum(f1(target, said, k) for k in named) / len(named)),
        matrix_correlation(target, said, classes),
        mean(area([row[k] for row in p], [t == k for t in target]) for k in seen),
        -mean(math.log(row[t]) for row, t in zip(p, target)),
        mean(math.fsum((row[k] - (k == t)) ** 2 for k in range(classes)) for row, t in zip(p, target)) / 2,
    ]
    print("    {%d, %d,\n     %s,\n     %s,\n     {%s}}," % (n, classes, floats(v for row in p for v in row), floats(target),
                                                      ", ".join(number(s) for s in scores)))


def ranks(values):
    return [sum(b < a for b in values) + (sum(b == a for b in values) + 1) / 2 for a in values]


def return_case(i):
    n, reference = 50 + 9 * i, 0.001 * i
    y = [random.gauss(0.001, 0.03) for _ in range(n)]
    x = [0.3 * v + random.gauss(0, 0.01 + 0.01 * i) for v in y]
    if i % 2:
        x[: n // 3] = [round(v, 2) for v in x[: n // 3]]  # ties, and zeros
        y[: n // 5] = [round(v, 2) for v in y[: n // 5]]
    x, y = [single(v) for v in x], [single(v) for v in y]
    up, said = [int(v > 0) for v in y], [int(v > 0) for v in x]
    scores = [
        sum(a == b for a, b in zip(up, said)) / n,
        float(sum(recalls(up, said)) / 2),
        float(f1(up, said, 1)),
        matrix_correlation(up, said, 2),
        area(x, up),
        1 - math.fsum((a - b) ** 2 for a, b in zip(y, x)) / math.fsum((a - reference) ** 2 for a in y),
        mean(abs(a - b) for a, b in zip(y, x)),
        correlation(x, y),
        correlation(ranks(x), ranks(y)),
    ]
    print("    {%d, %s,\n     %s,\n     %s,\n     {%s}}," % (n, number(reference), floats(x), floats(y),
                                                      ", ".join(number(s) for s in scores)))


print("/* Made by tests/unit/metric_reference.py. */")
print("#define REFERENCE_CASES %d\n" % CASES)
print("/* accuracy, balanced accuracy, macro F1, MCC, macro AUC, log loss, Brier */")
print("static const struct {\n    size_t n;\n    int classes;\n    float prediction[400], target[100];\n    double score[7];\n}"
      " class_reference[REFERENCE_CASES] = {")
for case in range(CASES):
    class_case(case)
print("};\n\n/* accuracy, balanced accuracy, F1, MCC of the signs, AUC, R2, MAE, Pearson, Spearman */")
print("static const struct {\n    size_t n;\n    double reference;\n    float prediction[100], target[100];\n    double score[9];\n}"
      " return_reference[REFERENCE_CASES] = {")
for case in range(CASES):
    return_case(case)
print("};")
