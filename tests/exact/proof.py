"""What one run of the program `prove` must print: the golden hashes, whatever it was built by and runs on."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))

from tap import Skip, check, same

GOLDEN = os.path.join(HERE, "golden.txt")
THREADS = (1, 2, 4)


def kernels_of(machine):
    return {"x86_64": ("portable", "avx2", "avx512"), "aarch64": ("portable", "neon")}.get(machine, ("portable",))


def golden():
    """The first line names the numeric version; each other one a network or part of a claim, and its hash."""
    with open(GOLDEN, encoding="ascii") as f:
        version, *lines = f.read().splitlines()
    check(len(lines) > 15, "golden.txt has %d hashes only" % len(lines))
    return version, lines


def prove(program, isa, *arguments):
    """Its lines, the first of which must say that the kernels asked for are what ran."""
    env = {name: value for name, value in os.environ.items() if name != "MORPHSMITH_ISA"}
    out = subprocess.run([*program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                         env={**env, "MORPHSMITH_ISA": isa} if isa else env)
    if isa and "this processor lacks these instructions" in out.stderr:
        raise Skip("this processor does not run %s" % isa)
    same(out.returncode, 0, "status of prove (%s)" % out.stderr.strip())
    head, *lines = out.stdout.splitlines()
    version, expected = golden()
    check(head.startswith(version + ","), "prove says '%s', golden.txt '%s'" % (head, version))
    check(not isa or ", kernels %s, " % isa in head, "%s was asked for, but: %s" % (isa, head))
    return head, lines


def must_be_golden(program, isa, threads):
    head, lines = prove(program, isa, "--threads", str(threads))
    check(head.endswith(", %d threads" % threads), "%d threads were asked for, but: %s" % (threads, head))
    for got, expected in zip(lines, golden()[1]):
        same(got, expected, head)
    same(len(lines), len(golden()[1]), "hashes")


def must_keep_denormals(program, isa):
    """Flushing switched on by others changes nothing; switched on amid the work it is seen, so that the first half says
    something."""
    expected = golden()[1]
    for threads in ("1", "4"):
        before = prove(program, isa, "--threads", threads, "--flush", "before", "denormal")[1]
        check(len(before) == 1 and before[0] in expected, "flushed before: %r" % before)
    amid = prove(program, isa, "--flush", "amid", "denormal")[1]
    check(len(amid) == 1 and amid[0] not in expected, "no hash hangs on whether denormals are flushed: %r" % amid)
