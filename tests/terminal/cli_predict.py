"""`predict` from the command line: the workspace's bars, a file of new ones, a stream, a file that grows."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from tap import case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
FOLDER = tempfile.mkdtemp(prefix="morphsmith-predict-")
WORKSPACE = os.path.join(FOLDER, "w")
LIMIT = 120

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("MORPHSMITH_", "XDG_"))}
ENVIRONMENT.update(HOME=FOLDER, LC_ALL="C.UTF-8", TERM="dumb")


def line(*words):
    return [PROGRAM, "-w", WORKSPACE] + list(words)


def call(*words, expect=0, says=None, given=None):
    """Standard output and standard error of one call."""
    done = subprocess.run(line(*words), env=ENVIRONMENT, cwd=FOLDER, input=given, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=LIMIT)
    err = done.stderr.decode("utf-8", "replace")
    same(done.returncode, expect, "status of %s (%s)" % (" ".join(words), err.strip()[-500:]))
    if says is not None:
        check(says in err, "%s: no %r in %r" % (" ".join(words), says, err))
    return done.stdout.decode("utf-8")


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def without_outcomes(text):
    return [l.rsplit(",", 1)[0] for l in text.splitlines()]


MARKET = os.path.join(FOLDER, "all.csv")
OLD = os.path.join(FOLDER, "m.csv")
NEW = os.path.join(FOLDER, "new.csv")
call("synth", "planted", "--bars", "400", "--seed", "7", MARKET)
with open(MARKET, encoding="utf-8") as f:
    LINES = f.read().splitlines(True)
for name, part in ((OLD, LINES[:301]), (NEW, LINES[:1] + LINES[301:])):
    with open(name, "w", encoding="utf-8") as f:
        f.writelines(part)
call("init", WORKSPACE)
call("data", "add", OLD, "--asset", "m")
call("task", "set", "--asset", "m", "--lookback", "8", "--folds", "2")
call("arch", "new", "mlp")
MODEL = json.loads(call("train", "mlp", "--epochs", "2", "--json"))["model"]


@case("standard output holds the predictions alone, standard error how good they were")
def _():
    out = call("predict", "mlp", says="sealed bars left out: --open-sealed")
    told = rows(out)
    same(out.splitlines()[0], "time,known_at,asset,state,prediction,probability_up,outcome", "the header")
    same({r["state"] for r in told}, {"training", "validation", "unused", "new"}, "states")
    for r in told:
        check(r["prediction"] == ("up" if float(r["probability_up"]) > 0.5 else "down"), "a word that its number is not")
    same(told[-1]["outcome"], "", "the outcome of the newest bar")
    same(rows(call("predict", MODEL[:10], "--last", "1")), told[-1:], "--last 1, by a prefix of the model")


@case("--json: an object a prediction, and the summary last")
def _():
    values = [json.loads(l) for l in call("predict", "mlp", NEW, "--json").splitlines()]
    same([v.get("event") for v in values[:-1]], ["prediction"] * 99 + ["prediction"], "events")
    last = values[-1]
    same([last["done"], last["model"], last["rows"], last["assets"][0]["predictions"]], [True, MODEL, 100, 100], "summary")
    same(last["assets"][0]["scores"][0]["total"], 99, "bars with an outcome")
    check({"mean", "low", "high"} <= set(last["assets"][0]["scores"][0]["directional_accuracy"]), "an interval")
    table = rows(call("predict", "mlp", NEW))
    same([float(r["probability_up"]) for r in table], [v["probability_up"] for v in values[:-1]], "CSV and JSON")


@case("a stream gives what the file gives, as does one bar at a time")
def _():
    with open(NEW, "rb") as f:
        given = f.read()
    file = call("predict", "mlp", NEW)
    same(without_outcomes(call("predict", "mlp", "-", given=given)), without_outcomes(file), "the stream")
    same(call("predict", "mlp", NEW, "--batch", "1"), file, "--batch 1")


@case("each prediction is there when its line is whole")
def _():
    p = subprocess.Popen(line("predict", "mlp", "-"), env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    want = without_outcomes(call("predict", "mlp", NEW))
    p.stdin.write((LINES[0] + LINES[301][:10]).encode())
    p.stdin.flush()
    time.sleep(0.1)
    for i in range(301, 311):
        p.stdin.write((LINES[i][10:] + LINES[i + 1][:10]).encode())
        p.stdin.flush()
        if i == 301:
            same(p.stdout.readline().decode().rstrip("\n").rsplit(",", 1)[0], want[0], "the header")
        same(p.stdout.readline().decode().rstrip("\n").rsplit(",", 1)[0], want[i - 300], "bar %d" % (i - 300))
    p.send_signal(signal.SIGINT)
    same(p.wait(LIMIT), 130, "status after Ctrl-C")
    p.communicate()


@case("--follow reads a file as it grows")
def _():
    path = os.path.join(FOLDER, "growing.csv")
    with open(path, "w", encoding="utf-8") as f:
        f.writelines([LINES[0], LINES[301]])
    p = subprocess.Popen(line("predict", "mlp", "--follow", path), env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    want = without_outcomes(call("predict", "mlp", NEW))
    for i in range(2):
        same(p.stdout.readline().decode().rstrip("\n").rsplit(",", 1)[0], want[i], "what is there")
    with open(path, "a", encoding="utf-8") as f:
        f.write(LINES[302])
    same(p.stdout.readline().decode().rstrip("\n").rsplit(",", 1)[0], want[2], "what came")
    with open(path, "w", encoding="utf-8") as f:
        f.write("x")
    same(p.wait(LIMIT), 3, "status after it was cut short")
    check(b"cut short" in p.communicate()[1], "why")


@case("bad rows of a stream are named by their line, or left out and counted")
def _():
    bad = "".join([LINES[0]] + LINES[301:304] + ["nonsense,1\n"] + LINES[304:306]).encode()
    same(len(rows(call("predict", "mlp", "-", given=bad, expect=3, says="line 5: "))), 3, "the rows before it")
    same(len(rows(call("predict", "mlp", "-", "--skip-bad", given=bad, says="1 row left out"))), 5, "the good rows")
    twice = "".join([LINES[0]] + LINES[301:304] + LINES[303:304]).encode()
    call("predict", "mlp", "-", given=twice, expect=3, says="line 5: the bar of")
    call("predict", "mlp", "-", given=b"", expect=3, says="empty")


@case("what does not fit is refused with what to do")
def _():
    for words, status, says in ((["nothing"], 2, "there is no model nothing"), (["mlp", OLD + "x"], 1, "cannot be opened"),
                                (["mlp", "-", "--last", "3"], 2, "--last"), (["mlp", "-", "--out", "x"], 2, "--out"),
                                (["mlp", NEW, "--skip-bad"], 2, "--skip-bad"), (["mlp", "--asset", "z"], 2, "no asset z"),
                                (["mlp", NEW, "--follow", NEW], 2, "--follow")):
        call("predict", *words, expect=status, says=says)
    path = os.path.join(FOLDER, "daily.csv")
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(LINES[:1] + LINES[301::24])
    call("predict", "mlp", path, expect=3, says="those of the task are of 3600 s")


@case("--out writes all or nothing, and never over a failure")
def _():
    path = os.path.join(FOLDER, "out.csv")
    same(call("predict", "mlp", NEW, "--out", path), "", "standard output")
    with open(path, encoding="utf-8") as f:
        before = f.read()
    same(before, call("predict", "mlp", NEW), "the file")
    call("predict", "mlp", OLD + "x", "--out", path, expect=1)
    with open(path, encoding="utf-8") as f:
        same(f.read(), before, "the file after a failure")
    same([n for n in os.listdir(FOLDER) if ".tmp" in n], [], "left-overs")


@case("sealed bars are opened by --open-sealed alone, and that is kept")
def _():
    same(json.loads(call("task", "show", "--json")).get("opened", 0), 0, "openings before")
    call("--read-only", "predict", "mlp", "--open-sealed", expect=2, says="read-only")
    out = rows(call("predict", "mlp", "--open-sealed", says="opened"))
    check(sum(r["state"] == "opened" for r in out) > 30, "opened bars")
    check(sum(r["state"] == "opened" for r in rows(call("predict", "mlp"))) > 30, "they stay open")


@case("a closed pipe ends it")
def _():
    p = subprocess.Popen(line("predict", "mlp"), env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    p.stdout.close()
    same(p.wait(LIMIT), 1, "status")
    p.stderr.close()


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
