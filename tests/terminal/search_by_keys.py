"""A race of strategies in the workbench: begun from the form by keys, watched, paused, cancelled, resumed; then a suggestion
is accepted, another skipped, and the Pareto front, the race and the posterior along a chain are looked at."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import harness
from tap import Given, case, check, run

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
LONG = 120

harness.required()

FOLDER = tempfile.mkdtemp(prefix="morphsmith-search-")
ENV = {"HOME": FOLDER, "XDG_DATA_HOME": os.path.join(FOLDER, "data")}
known = Given()


def morphsmith(*arguments):
    done = subprocess.run([PROGRAM, "-w", "ws", *arguments], cwd=FOLDER, env={**os.environ, **ENV}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == 0, "%s: %d\n%s" % (arguments, done.returncode, done.stderr))
    return done.stdout


def sql(text):
    with sqlite3.connect("file:%s?mode=ro" % os.path.join(FOLDER, "ws", "workspace.db"), uri=True) as db:
        return db.execute(text).fetchall()


def prepare():
    subprocess.run([PROGRAM, "init", "ws"], cwd=FOLDER, env={**os.environ, **ENV}, check=True, stdout=subprocess.DEVNULL)
    morphsmith("synth", "planted", "market.csv", "--bars", "1200")
    morphsmith("data", "add", "market.csv")
    morphsmith("task", "set", "--horizon", "1", "--lookback", "8", "--folds", "2")
    morphsmith("arch", "new", "mlp", "--width", "8")


def set_in_form(t, row, *keys):
    """Goes to the row of the form whose title begins so, from its top, and presses the keys."""
    t.keys("g")
    at = t.wait_for(r"▸ +(Trials) ").group(1)
    while not at.startswith(row):
        t.keys("j")
        at = t.wait_for(r"▸ +((?!%s  )\S.*?)  " % re.escape(at)).group(1)
    t.keys(*keys)


prepare()


@case("a race is begun from the form")
def _():
    t = known["terminal"] = harness.Terminal([PROGRAM, "-w", "ws"], size=(132, 43), env=ENV, cwd=FOLDER)
    t.wait_for("Data")
    t.keys("5", "o")
    t.wait_for("Learning rate")
    t.keys("Enter")
    t.wait_for("epochs: 1 to")
    t.type("3")
    t.keys("Enter")
    t.wait_for(r"--epochs 3")
    t.keys("Esc", "4")
    t.wait_for("Press r to search")
    t.keys("r")
    t.wait_for("A new search")
    set_in_form(t, "Strategy evolution", "Enter")
    t.wait_for("--strategy bayes,evolution")
    set_in_form(t, "Strategy random", "Enter")
    t.wait_for("--strategy bayes,evolution,random")
    set_in_form(t, "Trials", "Enter")
    t.wait_for("Trials: 1 to")
    t.type("400")
    t.keys("Enter")
    t.wait_for("--trials 400")
    t.keys("r")
    t.wait_for(r"running +trial \d+ of 400", LONG)


@case("it is watched, paused, and goes on")
def _():
    t = known["terminal"]
    t.keys("V", "V")
    t.wait_for(r"\[Races 3\]", LONG)
    t.wait_for(r"Best so far, % over trials", LONG)
    t.wait_for(r"evolution +\d+\.\d\d %", LONG)
    t.keys("P")
    t.wait_for("P goes on")
    t.until(lambda: not sql("select 1 from trial where state='running'"), "trials in flight to end", LONG)
    before = sql("select count(*) from trial")
    t.keys("o")
    t.wait_for("over seconds of training")
    t.keys("Left", "Left")
    t.wait_for(r"at [\d.]+ s")
    check(sql("select count(*) from trial") == before, "it goes on while it is paused")
    t.keys("P")
    t.until(lambda: sql("select count(*) from trial") != before, "another trial", LONG)


@case("x cancels it with what was scored, and R goes on with it")
def _():
    t = known["terminal"]
    t.keys("x")
    t.wait_for(r"interrupted after \d+ of 400 trials; R resumes", LONG)
    done = sql("select count(*) from trial where state='done'")[0][0]
    check(done > 0, "nothing was kept")
    t.keys("R")
    t.wait_for(r"running +trial \d+ of 400", LONG)
    t.until(lambda: sql("select count(*) from trial where state='done'")[0][0] > done, "another trial", LONG)
    t.keys("x")
    t.wait_for(r"interrupted after \d+ of 400 trials; R resumes", LONG)
    check(len(sql("select 1 from search")) == 1, "another search")
    asked = {row[0] for row in sql("select distinct strategy from trial where parent<>0 or strategy<>''")}
    check({"bayes", "evolution", "random"} <= asked, "raced: %r" % asked)


@case("the Pareto front, with another cost")
def _():
    t = known["terminal"]
    t.keys("V")
    t.wait_for(r"\[Pareto \d+\]")
    t.wait_for(r"over parameters \(log\)")
    t.keys("o")
    t.wait_for(r"over multiply-adds \(log\)")
    t.keys("j")
    t.wait_for(r"trial \d+: \d+\.\d\d %, [\d,.kM]+")


@case("a suggestion is skipped, taken back, pinned and accepted")
def _():
    t = known["terminal"]
    t.keys("s")
    t.wait_for(r"\[Suggestions 8\]", LONG)
    t.wait_for("fitted to")
    t.keys("d")
    t.wait_for("is never suggested again")
    skipped = sql("select arch from mark where mark='skip'")
    check(len(skipped) == 1, "%r" % skipped)
    check(skipped[0][0][:12] not in morphsmith("suggest", "-n", "8"), "a skipped one was suggested")
    t.keys("u")
    t.wait_for("may be suggested again")
    check(not sql("select 1 from mark"), "the mark stayed")
    t.keys("j", "p")
    t.wait_for(r"▸ +1\* ")
    t.keys("a")
    t.wait_for("is being scored")
    t.wait_for(r"score \w+: done", LONG)
    accepted = sql("select parent, steps from trial where search=0 and state='done'")
    check(len(accepted) == 1, "it was not scored")
    check(accepted[0][0] > 0 and accepted[0][1], "it did not grow from its parent's weights: %r" % accepted)


@case("the posterior along the chain behind a trial")
def _():
    t = known["terminal"]
    t.keys("V")
    t.wait_for(r"\[Trials \d+\]")
    t.keys("c")
    t.wait_for(r"how trial \d+ came about")
    t.wait_for(r"posterior from \d+ scored trials", LONG)
    t.wait_for("Score along the chain")
    t.keys("e")
    t.wait_for("Today's posterior|It was not tried")
    t.keys("Esc")
    t.wait_gone("Esc closes")


@case("b scores the manual models, which stand on the board")
def _():
    t = known["terminal"]
    t.keys("b")
    t.wait_for(r"▸ quick")
    t.keys("Enter")
    t.wait_for(r"Out of fold +score", LONG)
    t.wait_for(r"majority +\d+\.\d\d %")
    t.wait_for(r"Found: ")
    t.keys("Esc")
    t.wait_gone("Esc closes")
    check(sql("select count(*) from trial where strategy='baseline' and state='done'")[0][0] >= 3, "no trials of them")


@case("C compares two on the same bars")
def _():
    t = known["terminal"]
    while not re.search(r"\[Trials \d+\]", t.snapshot()):
        t.keys("v")
        t.wait_for(r"\[(Suggestions|Family|Pareto|Races|Chain|Trials) \d+\]")
    t.keys("g", "C")
    t.wait_for("Compared on the same bars with")
    t.keys("g", "Enter")
    t.wait_for(r"against \d+\.\d\d, [+-]\d+\.\d\d points \[", LONG)
    t.wait_for(r"majority")
    t.keys("Esc")
    t.wait_gone("Esc closes")


@case("H opens the hold-out once, for the typed word alone, and shows it afterwards")
def _():
    t = known["terminal"]
    t.keys("H")
    t.wait_for("Open the sealed hold-out, once and for good")
    t.keys("Enter")
    t.wait_for("Type open to go on")
    check(not sql("select 1 from holdout"), "Enter alone opened it")
    t.type("open")
    t.keys("Enter")
    t.wait_for("On the hold-out, which nothing had read before", LONG)
    t.wait_for("majority")
    check(len(sql("select 1 from holdout where ended_us>0")) == 1, "it was not opened")
    t.keys("Esc")
    t.wait_gone("Esc closes")
    t.keys("H")
    t.wait_for("On the hold-out, which nothing had read before", LONG)
    check(len(sql("select 1 from opening where kind='holdout'")) == 1, "it was opened twice")
    t.keys("Esc")
    t.wait_gone("Esc closes")
    t.keys("q")
    check(t.status() == 0, "it did not end well")
    t.close()


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
