"""On Graph b sets the batch, m measures the architecture at hand with it and v shows one cost after the other beside its
nodes; what is shown is what the command line says."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import harness
from tap import Given, case, check, run

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
LONG = 180

harness.required()

FOLDER = tempfile.mkdtemp(prefix="morphsmith-graph-")
ENV = {"HOME": FOLDER, "XDG_DATA_HOME": os.path.join(FOLDER, "data")}
known = Given()


def morphsmith(*arguments):
    done = subprocess.run([PROGRAM, "-w", "ws", *arguments], cwd=FOLDER, env={**os.environ, **ENV}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == 0, "%s: %d\n%s" % (arguments, done.returncode, done.stderr))
    return done.stdout


def shown(*more):
    return json.loads(morphsmith("arch", "show", "tcn", "--json", *more))


def prepare():
    shutil.copy(os.path.join(ROOT, "samples", "synthetic_market.csv"), FOLDER)
    subprocess.run([PROGRAM, "init", "ws"], cwd=FOLDER, env={**os.environ, **ENV}, check=True, stdout=subprocess.DEVNULL)
    morphsmith("data", "add", "synthetic_market.csv")
    morphsmith("task", "set", "--horizon", "1", "--lookback", "32")
    morphsmith("arch", "new", "tcn", "--width", "8", "--depth", "2")


prepare()


@case("b asks for the batch that memory is told for, and refuses what is none")
def _():
    t = known["terminal"] = harness.Terminal([PROGRAM, "-w", "ws"], size=(120, 40), env=ENV, cwd=FOLDER)
    t.wait_for("Data")
    t.keys("2")
    t.wait_for("at batch 64")
    t.wait_for("not measured yet: m runs some steps")
    for typed, then in (("none", "a batch is a whole number from 1 to"), ("24", "at batch 24")):
        t.keys("b")
        t.wait_for("Samples a step, for memory and for measuring")
        t.keys("C-u")
        t.type(typed)
        t.keys("Enter")
        t.wait_for(then)
    bytes_of = {b: shown("--batch", str(b))["plan"]["training_bytes"] for b in (24, 64)}
    check(bytes_of[24] < bytes_of[64], "%r" % bytes_of)


@case("m measures with that batch, and what is shown is kept as the command line has it")
def _():
    t = known["terminal"]
    check("measured" not in shown(), "measured before")
    t.keys("m")
    t.wait_for(r"ms a step +[\d,]+ samples/s", LONG)
    t.wait_for(r"batch 24, \d+ threads?, fresh weights")
    measured = shown()["measured"]
    check(measured["batch"] == 24 and measured["weights"] is None, "%r" % measured)
    step = float(re.search(r"([\d.]+) ms a step", t.snapshot()).group(1))
    check(abs(step - 1e3 * measured["step_seconds"]) <= 0.0051, "%r on the screen, %r kept" % (step, measured))


@case("v goes through the costs and back to the first")
def _():
    t = known["terminal"]
    names = ("multiply-adds of a sample", "parameters", "memory in training", "norm of the gradient",
             "share of the time of a training step")
    for name in names:
        t.keys("v")
        t.wait_for("cost: " + name)
        t.refuse(r"cost: .*\(m measures it\)")
    t.close()


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
