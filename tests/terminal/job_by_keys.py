"""The analyst's job in the workbench, by keys alone, as a person would do it: files, task, networks, a morphism, training,
scoring, suggestions, a search. What is claimed of it on a chain goes on in chain_by_keys.py.

With MORPHSMITH_TEST_DATA the data are real files; else the bundled synthetic market.
"""

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
REAL = os.environ.get("MORPHSMITH_TEST_DATA")
LONG = 180  # seconds that a search or a training may take on a busy machine

harness.required()

FOLDER = tempfile.mkdtemp(prefix="morphsmith-keys-")
ENV = {"HOME": FOLDER, "XDG_DATA_HOME": os.path.join(FOLDER, "data")}
known = Given()


def prepare():
    files = [os.path.join(ROOT, "samples", "synthetic_market.csv")]
    if REAL:
        files = [os.path.join(REAL, "coinmetrics-2019", "btc.csv"), os.path.join(REAL, "fear-greed", "fear_greed_index.csv")]
    for path in files:
        shutil.copy(path, FOLDER)
    subprocess.run([PROGRAM, "init", "ws"], cwd=FOLDER, env={**os.environ, **ENV}, check=True, stdout=subprocess.DEVNULL)
    return [os.path.basename(path) for path in files]


def down_to(t, regex):
    """Moves the cursor down to the row that matches."""
    for _ in range(30):
        if re.search(r"▸ *" + regex, t.snapshot()):
            return
        before = t.snapshot()
        t.keys("Down")
        t.until(lambda: t.snapshot() != before or None, "the cursor to move", 5)
    check(False, "no row /%s/:\n%s" % (regex, t.snapshot()))


FILES = prepare()
terminal = harness.Terminal([PROGRAM, "-w", "ws"], size=(120, 40), env=ENV, cwd=FOLDER)
t = terminal


@case("an empty workspace says how to begin")
def _():
    t.wait_for("No data yet")
    t.wait_for("adds a file")


@case("files are chosen in a browser, with a preview, and the report says what was guessed")
def _():
    for name in FILES:
        t.keys("a")
        t.wait_for("Enter opens")
        down_to(t, re.escape(name))
        t.keys("Enter")
        t.wait_for(r"Enter: [\d,]+ rows", LONG)
        t.wait_for(r"\$ morphsmith data add .*" + re.escape(name))
        t.keys("Enter")
        t.wait_for("Imported", LONG)
        t.wait_for("time column")
        t.keys("Esc")
        t.wait_gone("Imported")


@case("the task has a form that shows its folds and what the leak detector says before it is set")
def _():
    t.keys("t")
    t.wait_for(r"Enter: [\d,]+ samples", LONG)
    t.wait_for("fold 5")
    t.wait_for("Leak detector")
    t.keys("Enter")
    t.wait_for("in force", LONG)
    t.wait_for("sealed")


@case("two networks are made, and one is seen as a graph with lanes")
def _():
    t.keys("2")
    for template in ("mlp", "tcn"):
        t.keys("c")
        t.wait_for("A new architecture")
        down_to(t, template)
        t.keys("Enter")
        t.wait_for(template + r"  \d+ nodes")
    t.wait_for(r"conv +\[32, ")
    t.wait_for("[├╮╯]")


@case("a morphism keeps the function to the bit")
def _():
    t.keys("3")
    t.wait_for("that apply")
    t.keys("Enter")
    t.wait_for(r"max \|delta\| = 0 over \d+ windows")


@case("a training is watched live, and the keys are answered meanwhile")
def _():
    t.keys("5")
    t.wait_for("At hand tcn")
    t.keys("o")
    t.wait_for("epochs")
    t.keys("Esc")
    t.keys("t")
    t.wait_for(r"epoch \d+", LONG)
    t.keys("1")
    t.wait_for("in force")
    t.keys("5")
    t.wait_for(r"train \w+: done|Trained:", LONG)
    t.wait_for("trace root")


@case("a score and suggestions from the surrogate, explained")
def _():
    t.keys("c")
    t.wait_for(r"score \w+: done", LONG)
    t.keys("4", "s")
    t.wait_for(r"suggest.*: done", LONG)
    t.wait_for(r"±")
    t.keys("e")
    t.wait_for("EI")
    t.keys("Esc")


@case("a search runs by itself, is watched, and ends with one sentence")
def _():
    t.keys("r")
    t.wait_for("A new search")
    t.keys("Enter")
    t.wait_for("Trials: 1 to")
    t.type("5")
    t.keys("Enter")
    t.wait_for("= search --trials 5")
    t.keys("r")
    t.wait_for(r"trial \d+ of 5", LONG)
    t.keys("7")
    t.wait_for("What happened")
    t.keys("4")
    t.wait_for(r"search: done", LONG)
    t.wait_for(r"[Ee]vidence of skill")


@case("any size is drawn, down to one cell and back")
def _():
    for size in ((60, 20), (30, 8), (1, 1), (200, 60), (120, 40)):
        t.resize(*size)
    t.wait_for(r"Search 1")


@case("q leaves and gives the terminal back")
def _():
    t.keys("q")
    check(t.status() == 0, "status %d" % t.status())


try:
    run()
finally:
    terminal.close()
    shutil.rmtree(FOLDER, ignore_errors=True)
