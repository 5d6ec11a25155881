"""Test cases in Python that speak TAP, as the unit tests do.

    @case("a name")
    def _():
        check(x == 1, "x is %r" % x)

    run()

Cases run in the order of their definition. Anything raised fails a case; Skip skips it and says why.
"""

import sys
import traceback

cases = []


class Skip(Exception):
    """The machine lacks what this case needs."""


class Failed(Exception):
    """A check did not hold."""


def case(name):
    def add(function):
        cases.append((name, function))
        return function
    return add


class Given(dict):
    """What cases hand on to later ones; what is missing fails with the reason."""

    def __missing__(self, key):
        raise Failed("an earlier case did not get as far as %r" % key)


def check(condition, text):
    if not condition:
        raise Failed(text)


def same(got, expected, what):
    check(got == expected, "%s: expected %r, got %r" % (what, expected, got))


def comment(text):
    for line in str(text).splitlines():
        print("# " + line)


def skip_all(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def run():
    print("1..%d" % len(cases), flush=True)
    failures = 0
    for number, (name, function) in enumerate(cases, 1):
        try:
            function()
            print("ok %d - %s" % (number, name), flush=True)
        except Skip as why:
            print("ok %d - %s # SKIP %s" % (number, name, why), flush=True)
        except Exception as error:
            failures += 1
            print("not ok %d - %s" % (number, name))
            comment(error if isinstance(error, Failed) else traceback.format_exc(limit=-3))
            sys.stdout.flush()
    sys.exit(1 if failures else 0)
