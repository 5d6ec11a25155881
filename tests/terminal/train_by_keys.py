"""A training in the workbench is paused, goes on, is cancelled, resumed, cut off by leaving the workbench, offered again
after a restart, and ends with the bits of one that nobody touched. On the command line Ctrl-C keeps it and --resume goes
on."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import harness
from tap import Given, case, check, run

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
LONG = 180
EPOCHS = 80 # without an end before: long enough to be interrupted on a fast machine

harness.required()

FOLDER = tempfile.mkdtemp(prefix="morphsmith-train-")
ENV = {"HOME": FOLDER, "XDG_DATA_HOME": os.path.join(FOLDER, "data")}
known = Given()


def morphsmith(*arguments, expect=0):
    done = subprocess.run([PROGRAM, "-w", "ws", *arguments], cwd=FOLDER, env={**os.environ, **ENV}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == expect, "%s: %d\n%s" % (arguments, done.returncode, done.stderr))
    return done


def prepare():
    shutil.copy(os.path.join(ROOT, "samples", "synthetic_market.csv"), FOLDER)
    subprocess.run([PROGRAM, "init", "ws"], cwd=FOLDER, env={**os.environ, **ENV}, check=True, stdout=subprocess.DEVNULL)
    morphsmith("data", "add", "synthetic_market.csv")
    morphsmith("task", "set", "--horizon", "1", "--lookback", "32")
    morphsmith("arch", "new", "lstm", "--width", "40", "--depth", "1")
    shutil.copytree(os.path.join(FOLDER, "ws"), os.path.join(FOLDER, "other"))
    with sqlite3.connect(os.path.join(FOLDER, "ws", "workspace.db")) as db: # as its form keeps it
        db.execute("insert into setting values ('train.options', 'epochs=%d patience=0')" % EPOCHS)


def sql(workspace, text):
    with sqlite3.connect("file:%s?mode=ro" % os.path.join(FOLDER, workspace, "workspace.db"), uri=True) as db:
        return db.execute(text).fetchall()


def workbench():
    t = harness.Terminal([PROGRAM, "-w", "ws"], size=(120, 40), env=ENV, cwd=FOLDER)
    t.wait_for("Data")
    t.keys("5")
    t.wait_for("At hand lstm|No network is at hand")
    return t


def epochs(workspace="ws"):
    return sql(workspace, "select run, count(*), max(epoch) from epoch where kind='train' group by run order by run")


prepare()


@case("an unbroken training, for comparison")
def _():
    done = subprocess.run([PROGRAM, "-w", "other", "train", "lstm", "--epochs", str(EPOCHS), "--patience", "0", "--json"], cwd=FOLDER, env={**os.environ, **ENV},
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == 0, done.stderr)
    known["unbroken"] = json.loads(done.stdout)


@case("p pauses a training in the middle of an epoch, and p lets it go on")
def _():
    # Graph makes the network the one at hand
    t = known["terminal"] = harness.Terminal([PROGRAM, "-w", "ws"], size=(120, 40), env=ENV, cwd=FOLDER)
    t.keys("2")
    t.wait_for("lstm")
    t.keys("5")
    t.wait_for("At hand lstm")
    t.keys("t")
    t.wait_for(r"epoch \d+ of at most %d" % EPOCHS, LONG)
    t.keys("p")
    t.wait_for(r"paused at epoch \d+ of %d" % EPOCHS)
    check(sql("ws", "select state from training") == [("paused",)], sql("ws", "select state from training"))
    check(len(os.listdir(os.path.join(FOLDER, "ws", "checkpoints"))) == 2, "a checkpoint and a lock")
    before = epochs()
    time.sleep(1)
    check(epochs() == before, "it trains while it is paused")
    t.keys("p")
    t.wait_gone(r"paused at epoch", LONG)
    t.until(lambda: epochs() != before or None, "another epoch", LONG)


@case("x keeps what was trained, and R goes on with it")
def _():
    t = known["terminal"]
    t.keys("x")
    t.wait_for(r"Training 1 of lstm.* was interrupted in epoch \d+ of %d: R goes on with it" % EPOCHS, LONG)
    t.wait_for("stopped")
    before = epochs()[0][1]
    t.keys("R")
    t.wait_gone("was interrupted", LONG)
    t.until(lambda: epochs()[0][1] > before or None, "another epoch", LONG)
    check(len(epochs()) == 1, "resumed under another number: %r" % epochs())


@case("who leaves the workbench in the middle is offered the training when it is opened again")
def _():
    t = known["terminal"]
    t.keys("q")
    t.wait_for("A job is running")
    t.keys("Down", "Enter")
    t.status()
    t.close()
    t = known["terminal"] = workbench()
    t.wait_for(r"Training 1 of lstm.* was interrupted in epoch \d+ of %d: R goes on with it" % EPOCHS, LONG)
    t.keys("R")
    t.wait_for(r"Trained: best epoch", LONG)
    t.wait_for("train 1 +done")
    shown = re.search(r"Weights (\w{12}), trace +root (\w{12})", re.sub(r"\s+", " ", t.snapshot()))
    check(shown, "no hashes in\n" + t.snapshot())
    check(known["unbroken"]["weights_hash"].startswith(shown.group(1)), shown.group(0))
    check(known["unbroken"]["trace_root"].startswith(shown.group(2)), shown.group(0))
    check(epochs() == epochs("other"), "another curve: %r, %r" % (epochs(), epochs("other")))
    check(os.listdir(os.path.join(FOLDER, "ws", "checkpoints")) == [], "left: %r" % os.listdir(os.path.join(FOLDER, "ws", "checkpoints")))
    t.close()


@case("Ctrl-C on the command line keeps it too: 130, and --resume goes on")
def _():
    arguments = ["train", "lstm", "--seed", "7", "--epochs", "30", "--patience", "0", "--json"]
    began = time.monotonic()
    whole = json.loads(morphsmith(*arguments).stdout)
    moment = (time.monotonic() - began) / 6
    cuts = 0
    for _ in range(20):
        child = subprocess.Popen([PROGRAM, "-w", "ws", *arguments, *(["--resume"] if cuts else [])], cwd=FOLDER,
                                 env={**os.environ, **ENV}, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(moment)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=LONG)
        if child.returncode == 0:
            break
        check(child.returncode == 130, "%d: %s" % (child.returncode, err))
        check(re.search(r"stopped at step \d+, in epoch \d+ of 30; `train lstm --resume --run \d+` goes on", err), err)
        cuts += 1
        if cuts == 3:
            mention = morphsmith(*arguments, "--lr", "0.5", "--resume", expect=2).stderr
            check("no training of lstm with these settings was interrupted" in mention, mention)
    check(cuts >= 2, "it was too fast to be interrupted")
    if child.returncode != 0:
        out = morphsmith(*arguments, "--resume").stdout
    resumed = json.loads(out)
    check(resumed["resumed_steps"] > 0, resumed)
    for key in ("weights_hash", "trace_root", "steps", "best_epoch", "train_loss", "valid"):
        check(resumed[key] == whole[key], "%s: %r, %r" % (key, resumed[key], whole[key]))
    check("there is nothing to resume" in morphsmith(*arguments, "--resume", expect=2).stderr, "resumed what has ended")


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
