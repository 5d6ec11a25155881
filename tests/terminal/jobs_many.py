"""The compute market among four people: one pays for a result, another trains it, the others check it; one takes a job and
never delivers."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from many import ROOT, World, until
from tap import Given, case, check, run, same

world = World(["ann", "ben", "cyd", "dan"], parameters="commit_blocks 1000\nreveal_blocks 1000\nexpiry_blocks 2000\nunbonding_blocks 20000\n"
              "finder_ppm 500000\nattest_ppm 20000\n")
ann, ben, cyd, dan = world
known = Given()
MARKET = os.path.join(ROOT, "samples", "synthetic_market.csv")


def balance(p):
    return [a for a in p.ask("chain", "status")["accounts"] if a["address"] == p.main["address"]][0]["balance"]


def sign(p, *words, **options):
    """The passphrase is the same for both keys; the identity signs."""
    return p.sign(*words, "--key", "main", **options)


def job(p, of):
    found = [j for j in p.ask("chain", "jobs")["jobs"] if j["job"] == known[of]]
    return found[0] if found else None


def sealed(p, tx):
    """Has a block of this party's chain it?"""
    return any(t["tx"] == tx for b in p.ask("chain", "log")["blocks"] for t in b["transactions"])


def send(p, *words, **options):
    got = sign(p, *words, **options)
    for other in world:
        until(lambda other=other: sealed(other, got["tx"]), "%s in a block of %s" % (words[1], other.name))
    return got


@case("four validators follow; one puts a task on the chain")
def _():
    ann.call("data", "add", MARKET, "--asset", "m")
    ann.call("task", "set", "--asset", "m", "--target", "direction", "--lookback", "8", "--folds", "2", "--features", "log_return")
    ann.call("arch", "new", "mlp", "--width", "4")
    world.begin()
    for p in world:
        world.follow(p, "--idle", "0.5")
    known["task"] = send(ann, "chain", "task", "--pool", "0", "--epochs", "2")["task"]


@case("a job is offered, and taken by somebody who never saw the data file")
def _():
    ann.call("chain", "job", "mlp", "--pay", "300", "--deposit", "0", "--key", "main", expect=4, says="deposit", sign=True)
    before = balance(ann)
    known["job"] = send(ann, "chain", "job", "mlp", "--pay", "300", "--deposit", "500", "--blocks", "5000")["job"]
    same(before - balance(ann), 301, "what it cost")
    ann.call("chain", "take", known["job"], "--key", "main", expect=4, says="nobody takes their own", sign=True)
    until(lambda: job(dan, "job")["here"], "the job's architecture at dan's")
    before = balance(dan)
    got = send(dan, "chain", "take", known["job"][:10])
    known["proposal"] = got["proposal"]
    same(before - balance(dan), 501, "the deposit and the fee")
    ben.call("chain", "take", known["job"], "--key", "main", expect=4, says="the job is taken", sign=True)
    ben.call("chain", "result", known["job"], "--key", "main", expect=4, says="somebody else has taken", sign=True)


@case("its result is checked by the others as a proposal is, and paid")
def _():
    send(dan, "chain", "result", known["job"])
    dan.call("chain", "result", known["job"], "--key", "main", expect=4, says="its result is there", sign=True)
    for p in (ann, ben, cyd):
        until(lambda p=p: p.ask("chain", "show", known["proposal"])["state"] == "claimed", "the result at " + p.name)
        got = sign(p, "chain", "attest", known["proposal"])
        check(got["matches"], got)
    until(lambda: dan.ask("chain", "show", known["proposal"])["state"] == "revealing", "the end of the commits")
    send(dan, "chain", "open", known["proposal"])
    before = balance(dan)
    for p in (ann, ben, cyd):
        got = sign(p, "chain", "attest", known["proposal"])
        check(got["matches"], got)
    for p in world:
        until(lambda p=p: job(p, "job")["state"] == "paid", "the pay at " + p.name)
    same(balance(dan) - before, 300 + 500 - 9, "pay and deposit, less three shares of a fiftieth")
    same(ann.ask("chain", "show", known["proposal"])["state"], "accepted", "the proposal")
    ann.call("chain", "approve", known["proposal"], "--reason", "good", "--key", "main", expect=4, sign=True)


@case("who takes a job and delivers nothing loses the deposit, half of it to whom it was promised")
def _():
    known["late"] = send(ann, "chain", "job", "mlp", "--pay", "200", "--deposit", "401", "--blocks", "2", "--seconds", "1")["job"]
    known["idle"] = send(ann, "chain", "job", "mlp", "--pay", "100", "--deposit", "10")["job"]
    before = balance(ann), balance(cyd)
    send(cyd, "chain", "take", known["late"])
    for p in world:
        until(lambda p=p: job(p, "late")["state"] == "returned", "the end of the job at " + p.name)
    same((balance(ann) - before[0], balance(cyd) - before[1]), (200 + 200, -402), "what each has")
    send(ann, "chain", "refund", known["idle"])
    same(job(ann, "idle")["state"], "withdrawn", "the job that nobody took")


@case("a model changes hands among them: the delivery is in a block that all have checked")
def _():
    out = ann.call("train", "mlp", "--epochs", "1", "--json")
    model = json.loads(out[out.rindex("\n{"):] if "\n{" in out else out)["model"]
    listing = send(ann, "chain", "list", model, "--price", "77")["listing"]
    send(ben, "chain", "buy", listing)
    until(lambda: all(any(l["listing"] == listing and l["here"] for l in p.ask("chain", "listings")["listings"]) for p in world),
          "the object at everyone's")
    send(ann, "chain", "deliver", listing)
    got = ben.ask("chain", "fetch", listing)
    same((got["model"], got["known"]), (model, False), "what ben has now")


@case("all have one chain, which verifies, and nothing was lost")
def _():
    for p in world:
        verdict = p.ask("chain", "verify")
        check(verdict["ok"], verdict)
        totals = p.ask("chain", "status")["totals"]
        same(sum(totals[k] for k in ("balances", "stakes", "escrows", "treasury", "burnt")), totals["supply"], "the supply")
        same(totals["escrows"], 0, "escrows")
    world.agree(min(p.height() for p in world))


try:
    run()
finally:
    world.close()
