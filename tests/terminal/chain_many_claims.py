"""A claim among strangers who share nothing but folders: validators re-run and attest unattended, the proposer's follow opens
it, a person approves. Their workspaces hold no data: all they check came as objects."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from many import ROOT, World, until
from tap import Given, case, check, run, same

world = World(("ann", "ben", "cem"), parameters="commit_blocks 4\nreveal_blocks 30\n")
ann, ben, cem = world
known = Given()


def proposal(p):
    found = p.ask("chain", "status")["proposals"]
    return found[0] if found else None


def attests():
    return ann.ask("chain", "show", proposal(ann)["proposal"])["attests"]


def until_state(state, seconds=240):
    """In sealed blocks of everybody."""
    until(lambda: all(proposal(p) and proposal(p)["state"] == state for p in world), state, seconds)


@case("three validators follow with voting keys and identities; one puts a task on the chain")
def _():
    world.begin()
    ann.call("data", "add", os.path.join(ROOT, "samples", "synthetic_market.csv"), "--asset", "m")
    ann.call("task", "set", "--asset", "m", "--lookback", "16", "--folds", "2")
    ann.call("arch", "new", "mlp", "--width", "8")
    for p in world:
        p.start("chain", "follow", world.share, "--key", "vote", "--as", "main", "--attest", "--every", "0.2", "--idle",
                "100000")  # windows end by what is sent, not by how slowly this machine trains
    ann.sign("chain", "task", "--pool", "1000", "--reviewers", ben.main["address"])
    until(lambda: all(p.ask("chain", "status")["tasks"] for p in world), "the task in a block")


@case("a claim is committed to, opened and revealed by nobody's hand, and verified")
def _():
    ann.sign("chain", "propose", "mlp", "--stake", "500")
    until(lambda: proposal(ann) and proposal(ben), "the announcement in a block")
    until(lambda: ann.ask("chain", "status")["pool"] == [], "nothing that waits")
    ann.sign("chain", "propose", "mlp", "--stake", "500")
    until(lambda: len(attests()) == 2, "two commitments", 600)
    while proposal(ann)["state"] == "claimed":
        before = ann.height()
        ann.sign("chain", "transfer", ben.main["address"], 1)
        until(lambda: all(p.height() > before for p in world), "a block")
    until(lambda: all(proposal(p)["verified"] for p in world), "the verdict", 600)
    shown = cem.ask("chain", "show", proposal(cem)["proposal"])
    check(not shown.get("problems"), "%r" % shown.get("problems"))
    attested = {a["who"] for a in shown["attests"]}
    same(attested, {ben.main["address"], cem.main["address"]}, "who attested")


@case("approving is a person's")
def _():
    height = ann.height()
    same(proposal(ann)["state"], "revealing", "the state before anybody approves")
    ben.sign("chain", "approve", proposal(ben)["proposal"], "--reason", "as claimed", "--rerun")
    until_state("accepted")
    check(ann.height() > height, "no block")
    for p in world:
        p.end(expect=143)
    world.agree(min(p.height() for p in world))


@case("who has only folders re-runs all that was judged")
def _():
    got = cem.ask("chain", "verify", "--rerun")
    check(got["ok"] and got["reruns"] == 1, "%r" % got)


try:
    run()
finally:
    world.close()
