"""tests/run and tests/tally: a run that fails, crashes, hangs or never starts must not look green."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))

from tap import case, run, same

RUN = os.path.join(HERE, "..", "run")
TALLY = os.path.join(HERE, "..", "tally")


def stream(script, env=None):
    """What tests/run makes of a program that a shell script stands for: its TAP lines alone."""
    out = subprocess.run(["sh", RUN, "sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                         env={**os.environ, **(env or {})})
    same(out.returncode, 0, "status of tests/run")
    return [line for line in out.stdout.splitlines() if line.startswith(("ok", "not ok", "1.."))]


def tally(*logs):
    with tempfile.TemporaryDirectory(prefix="morphsmith-tally-") as folder:
        names = []
        for number, text in enumerate(logs):
            names.append(os.path.join(folder, str(number)))
            if text is not None:
                with open(names[-1], "w", encoding="utf-8") as f:
                    f.write(text)
        out = subprocess.run(["sh", TALLY] + names, stdout=subprocess.PIPE, text=True)
        return out.stdout.strip(), out.returncode


@case("groups of cmocka become one numbered stream")
def _():
    got = stream("echo 1..2; echo ok 1 - a; echo ok 2 - b; echo 1..1; echo ok 1 - c")
    same(got, ["ok 1 - a", "ok 2 - b", "ok 3 - c", "1..3"], "stream")


@case("a skipped case of cmocka is no failure")
def _():
    same(stream("echo 1..1; echo 'not ok 1 # SKIP needs two cores'"), ["ok 1 - needs two cores # SKIP", "1..1"], "stream")


@case("a failed case fails once, whatever the status")
def _():
    same(stream("echo 1..2; echo ok 1 - a; echo not ok 2 - b; exit 1"), ["ok 1 - a", "not ok 2 - b", "1..2"], "stream")


@case("a crash between cases fails")
def _():
    got = stream("echo 1..3; echo ok 1 - a; kill -ABRT $$")
    same(got[0], "ok 1 - a", "first line")
    same(got[1].startswith("not ok 2 - all 3 cases ran (1 did; status 134"), True, got)


@case("a bad status after good cases fails")
def _():
    same(stream("echo 1..1; echo ok 1 - a; exit 23")[1].startswith("not ok 2 - the program ended well"), True, "stream")


@case("a program without a plan fails")
def _():
    same(stream("true")[0].startswith("not ok 1"), True, "stream")


@case("a program that hangs is ended and fails")
def _():
    got = stream("echo 1..2; echo ok 1 - a; exec sleep 60", {"MORPHSMITH_TEST_TIMEOUT": "0.3"})
    same(got[1].startswith("not ok 2 - all 2 cases ran (1 did; status 124"), True, got)


@case("a program may skip as a whole")
def _():
    same(stream("echo '1..0 # SKIP no tmux'"), ["1..0 # SKIP no tmux"], "stream")


@case("a fuzz replay is one case, by its status")
def _():
    with tempfile.TemporaryDirectory(prefix="morphsmith-fuzz-") as folder:
        os.mkdir(os.path.join(folder, "fuzz"))
        for status, line in ((0, "ok 1"), (1, "not ok 1")):
            path = os.path.join(folder, "fuzz", "fuzz_x")
            with open(path, "w", encoding="ascii") as f:
                f.write("#!/bin/sh\necho 19 inputs\nexit %d\n" % status)
            os.chmod(path, 0o755)
            out = subprocess.run(["sh", RUN, path], stdout=subprocess.PIPE, text=True).stdout.splitlines()
            same([out[1].startswith(line), out[2]], [True, "1..1"], out)


@case("tally adds up summaries of make check")
def _():
    one = "# TOTAL: 4\n# PASS:  3\n# SKIP:  1\n# XFAIL: 0\n# FAIL:  0\n# XPASS: 0\n# ERROR: 0\n"
    same(tally(one, one), ("6 passed, 0 failed, 2 skipped", 0), "tally")
    same(tally(one, "8 passed, 0 failed, 0 skipped\n"), ("11 passed, 0 failed, 1 skipped", 0), "tally")


@case("tally counts errors as failures")
def _():
    same(tally("# PASS:  3\n# FAIL:  1\n# ERROR: 2\n"), ("3 passed, 3 failed, 0 skipped", 1), "tally")


@case("tally takes a run without results for a failure")
def _():
    same(tally("make: *** [Makefile:3: all] Error 2\n"), ("0 passed, 1 failed, 0 skipped", 1), "no summary")
    same(tally(None), ("0 passed, 1 failed, 0 skipped", 1), "no log")
    same(tally("# PASS:  0\n# FAIL:  0\n"), ("0 passed, 1 failed, 0 skipped", 1), "no test")
    same(tally("# PASS:  5\n# FAIL:  0\nmake: *** [x] Error 1\n"), ("5 passed, 1 failed, 0 skipped", 1), "broken after")
    same(tally(), ("0 passed, 1 failed, 0 skipped", 1), "no logs")


run()
