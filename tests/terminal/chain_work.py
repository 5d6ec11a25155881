"""Working on a task of the chain without ever having seen its files: `chain work` sets it up from the chain's objects, and
what is found there is claimed, re-run and paid like anybody's.

Ann has the data, put the task on the chain and validates; Ben has nothing but a copy of the chain's folder.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from many import ROOT, Party
from tap import Given, case, check, run, same

SAMPLE = os.path.join(ROOT, "samples", "synthetic_market.csv")
FOLDER = tempfile.mkdtemp(prefix="morphsmith-work-")
ann, ben, cyn = (Party(FOLDER, name) for name in ("ann", "ben", "cyn"))
GENESIS = """morphsmith-genesis 1
name work
time 2026-01-01T00:00:00Z
supply 1000000
min_fee 1
reveal_blocks 3
holder %s 500000
holder %s 400000
validator %s %s 100000
"""
known = Given()


def hand(giver, taker):
    """The chain's folder, whole."""
    shutil.rmtree(taker.chain, ignore_errors=True)
    shutil.copytree(giver.chain, taker.chain)


def seal():
    hand(ben, ann)
    ann.sign("chain", "seal-block")
    hand(ann, ben)


def objects(p):
    return [os.path.join(p.chain, "objects", n) for n in sorted(os.listdir(os.path.join(p.chain, "objects")))]


def nothing_stored(p):
    same(p.ask("data", "list")["series"], [], "series")
    check(p.call("task", "show", expect=None) == "", "a task is in force")


@case("Ann's task comes onto the chain, with a hold-out that stays sealed; Ben gets the folder")
def _():
    for p in (ann, ben, cyn):
        p.call("init", p.workspace)
        p.main = p.sign("key", "new", "--name", "main")
    ann.call("data", "add", SAMPLE, "--asset", "m")
    ann.call("task", "set", "--asset", "m", "--lookback", "16", "--folds", "2", "--holdout", "0.2")
    ann.call("arch", "new", "mlp", "--width", "8")
    genesis = os.path.join(FOLDER, "genesis.txt")
    with open(genesis, "w", encoding="utf-8") as f:
        f.write(GENESIS % tuple(p.main["public_key"] for p in (ann, ben, ann, ann)))
    ann.ask("chain", "init", "--genesis", genesis)
    hand(ann, ben)
    ben.call("chain", "work", expect=4, says="no task is on this chain yet")
    known["task"] = ann.sign("chain", "task", "--pool", "1000", "--reviewers", ann.main["address"], "--epochs", "2")
    ann.sign("chain", "seal-block")
    hand(ann, ben)
    ben.call("chain", "work", "0000000000", expect=4, says="no task on the chain has an id that begins with 0000000000")


@case("an object that is missing or damaged is named, and nothing is stored")
def _():
    check(len(objects(ben)) >= 2, "the task's objects: %r" % objects(ben))
    for path in objects(ben):
        with open(path, "rb") as f:
            data = f.read()
        os.remove(path)
        ben.call("chain", "work", expect=None, says=os.path.basename(path)[:12])
        nothing_stored(ben)
        with open(path, "wb") as f:
            f.write(data[:-1] + bytes([data[-1] ^ 1]))
        ben.call("chain", "work", expect=4, says=os.path.basename(path)[:12])
        nothing_stored(ben)
        with open(path, "wb") as f:
            f.write(data[:len(data) // 2])
        ben.call("chain", "work", expect=4, says=os.path.basename(path)[:12])
        nothing_stored(ben)
        with open(path, "wb") as f:
            f.write(data)


@case("killed at any moment, it is simply asked again")
def _():
    chance = random.Random(5)
    for _ in range(12):
        p = subprocess.Popen(ben.words(["chain", "work"], False), env=ben.environment(), cwd=ben.home,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, 0.03))
        p.send_signal(signal.SIGKILL)
        p.wait()
    done = ben.ask("chain", "work")
    same(len(done["series"]), 1, "series")
    same([s["rows"] for s in ben.ask("data", "list")["series"]], [s["rows"] for s in ann.ask("data", "list")["series"]], "rows")
    same(ben.ask("task", "show")["task"], ann.ask("task", "show")["task"], "the data set")
    again = ben.ask("chain", "work")
    check(all(s["known"] for s in again["series"]), "stored twice: %r" % again["series"])
    same(len(ben.ask("data", "list")["series"]), 1, "series")


@case("a series of one's own with that name stays; what oneself had sealed opens only if one says so")
def _():
    hand(ann, cyn)
    with open(SAMPLE, encoding="utf-8") as f:
        lines = f.readlines()
    other = os.path.join(cyn.home, "synthetic_market.csv")
    with open(other, "w", encoding="utf-8") as f:
        f.writelines(lines[:1500])
    cyn.call("data", "add", other, "--asset", "m")
    cyn.call("task", "set", "--asset", "m", "--lookback", "16", "--folds", "2", "--holdout", "0.4")
    before = cyn.ask("data", "list")["series"]
    task = cyn.ask("task", "show")
    cyn.call("chain", "work", expect=3, says="open them for good with --open-sealed")
    same(cyn.ask("task", "show")["task"], task["task"], "the task in force")
    same(cyn.ask("data", "list")["series"], before, "the series after a refusal")
    done = cyn.ask("chain", "work", "--open-sealed")
    name = done["series"][0]["name"]
    check(name.startswith(before[0]["name"] + "-"), "the name of the chain's series: %r" % name)
    same([s for s in cyn.ask("data", "list")["series"] if s["name"] == before[0]["name"]], before, "the own series")
    same(cyn.ask("task", "show")["task"], ann.ask("task", "show")["task"], "the data set")


@case("nor does a series of one's own go that has even the name with the hash behind it")
def _():
    dan = Party(FOLDER, "dan")
    dan.call("init", dan.workspace)
    hand(ann, dan)
    frame = ann.ask("data", "list")["series"][0]["frame"]
    for name in ("synthetic_market", "synthetic_market-" + frame[:12]):
        with open(SAMPLE, encoding="utf-8") as f:
            lines = f.readlines()[:1000 + len(name)]
        path = os.path.join(dan.home, name + ".csv")
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(lines)
        dan.call("data", "add", path, "--asset", "m")
    before = dan.ask("data", "list")["series"]
    dan.ask("chain", "work", "--open-sealed")
    after = dan.ask("data", "list")["series"]
    same([s for s in after if s["name"] in [b["name"] for b in before]], before, "the own series")
    same(len(after), 3, "series")
    shutil.rmtree(dan.home, ignore_errors=True)


@case("Ben searches with the task's own recipe, claims what he found, and it is re-run, approved and paid")
def _():
    done = ben.ask("chain", "work")
    recipe = [w for name, value in done["recipe"].items() for w in ("--" + name, str(value))]
    check(recipe, "the task's recipe is told: %r" % done)
    ben.call("arch", "new", "mlp", "--width", "8")
    found = ben.ask("search", "--trials", "3", "--seed", "3", *recipe)
    arch = found["best"]["arch"]
    claim = ["chain", "propose", arch, "--stake", "500"]
    same(ben.sign(*claim)["state"], "announced", "the first step")
    seal()
    claimed = ben.sign(*claim)
    same(claimed["state"], "claimed", "the second step")
    hand(ben, ann)
    got = ann.sign("chain", "attest", claimed["proposal"])
    ann.sign("chain", "seal-block")
    hand(ann, ben)
    ben.sign("chain", "open", claimed["proposal"])
    seal()
    ann.sign("chain", "attest", claimed["proposal"])
    ann.sign("chain", "seal-block")
    shown = ann.ask("chain", "show", claimed["proposal"])
    check(got and shown["verified"], "%r" % shown)
    ann.sign("chain", "approve", claimed["proposal"], "--reason", "the same bits")
    ann.sign("chain", "seal-block")
    same(ann.ask("chain", "show", claimed["proposal"])["state"], "accepted", "the end")
    hand(ann, cyn)
    verified = cyn.ask("chain", "verify", "--rerun")
    check(verified["ok"] and verified["reruns"] == 1, "%r" % verified)


try:
    run()
finally:
    for p in (ann, ben, cyn):
        shutil.rmtree(p.home, ignore_errors=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
