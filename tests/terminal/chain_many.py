"""A chain for many: four people who share a folder reach blocks by votes; nobody rules."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from many import Party, SECONDS, World, until
from tap import case, check, run, same

NAMES = ("ann", "ben", "cem", "dan")
world = World(NAMES)
ann, ben, cem, dan = world


def parameters_of(*lines, refused=None):
    """What a genesis of two validators comes to, by name; or the words with which it is refused."""
    maker = Party(os.path.join(world.share, ".."), os.path.basename(world.share) + "-maker")
    try:
        maker.call("init", maker.workspace)
        file = os.path.join(maker.home, "genesis.txt")
        with open(file, "w", encoding="utf-8") as f:
            f.write("\n".join(("morphsmith-genesis 1", "name two", "supply 2200") + lines))
            for p in (ann, ben):
                f.write("\nholder %s 100" % p.main["public_key"])
                f.write("\nvalidator %s %s 1000" % (p.main["public_key"], p.vote["public_key"]))
        if refused:
            return maker.call("chain", "init", "--genesis", file, expect=4, says=refused)
        text = maker.ask("chain", "init", "--genesis", file)["genesis"]
        return {line.split()[0]: line.split()[1] for line in text.splitlines()[3:] if line.count(" ") == 1}
    finally:
        shutil.rmtree(maker.home)
        shutil.rmtree(maker.workspace)


@case("windows that a genesis for many does not give last hours, not blocks alone; what it gives holds")
def _():
    left = {"unbonding_blocks": 20000, "unbonding_seconds": 1209600, "expiry_blocks": 1000, "expiry_seconds": 604800,
            "commit_blocks": 1, "commit_seconds": 3600, "reveal_blocks": 100, "reveal_seconds": 3600,
            "dispute_blocks": 100, "dispute_seconds": 3600, "evidence_blocks": 10000, "least_stake": 3, "min_fee": 1}
    got = parameters_of()
    for name, value in left.items():
        same(got[name], str(value), name)
    given = {"unbonding_seconds": 604801, "commit_seconds": 0, "reveal_seconds": 7, "expiry_blocks": 2000, "dispute_seconds": 0}
    got = parameters_of(*("%s %d" % p for p in given.items()))
    for name, value in {**left, **given}.items():
        same(got[name], str(value), name)
    parameters_of("unbonding_seconds 608400", refused="unbonding_seconds is 608400, but must be above expiry_seconds + dispute_seconds = 608400")
    parameters_of("unbonding_blocks 1100", "evidence_blocks 9", refused="unbonding_blocks is 1100, but must be above expiry_blocks")
    parameters_of("min_fee 0", refused="min_fee is at least 1")


@case("a genesis with four validators; the others join by naming one folder")
def _():
    world.begin()
    for p in world:
        same(p.ask("chain", "status")["height"], 0, "the height before the first block")
    view = ben.ask("chain", "votes")
    same(len(view["validators"]), 4, "seats")
    check("nothing waits" in view["stage"], view["stage"])


@case("a folder without anybody's chain is told, with what was expected and where deeper down there is one")
def _():
    empty = tempfile.mkdtemp(prefix="morphsmith-empty-")
    inner = os.path.join(empty, "a", "b")
    os.makedirs(inner)
    try:
        ben.call("chain", "pull", empty, expect=4, says="holds no chain: expected is the workspace of another")
        ben.call("chain", "pull", ben.workspace, expect=4, says="no chain but this workspace's own")
        shutil.copytree(cem.chain, os.path.join(inner, "cem"))
        ben.call("chain", "pull", empty, expect=4, says="deeper down there is %s: name it" % os.path.join(inner, "cem"))
        told = ben.ask("chain", "pull", world.share, empty)
        same(sorted(p["name"] for p in told["parties"]), ["ann", "cem", "dan"], "parties")
        check(empty + " holds no folder with a chain" in told["absent"], told["absent"])
        told = ben.sign("chain", "follow", empty, "--key", "vote", "--once")
        check("holds no folder with a chain" in told["absent"], told)
        check("absent" not in ben.ask("chain", "pull", world.share), "a share of all")
    finally:
        shutil.rmtree(empty)


@case("a payment of one is in a block of all, by follow --once in turns")
def _():
    paid = ann.sign("chain", "transfer", ben.main["address"], 500)
    for _ in range(6):
        for p in world:
            p.sign("chain", "follow", world.share, "--key", "vote", "--once", "--every", "0.2")
        if all(p.height() == 1 for p in world):
            break
    world.agree(1)
    txs = dan.ask("chain", "log", "--from", 1)["blocks"][0]["transactions"]
    same([t["tx"] for t in txs], [paid["tx"]], "the block's transactions")
    for p in world:
        check(p.ask("chain", "verify")["ok"], "the chain of " + p.name)


@case("four that follow at once make a block of each payment")
def _():
    for p in world:
        world.follow(p)
    for n in range(5):
        before = ann.height()
        (ann, ben, cem, dan)[n % 4].sign("chain", "transfer", (ben, cem, dan, ann)[n % 4].main["address"], 1 + n)
        until(lambda: all(p.height() > before for p in world), "block %d" % (before + 1))
    for p in world:
        p.end(expect=143)
    top = min(p.height() for p in world)
    check(top >= 6, "height %d" % top)
    world.agree(top)


@case("whoever runs for another process ends with it, status 0; what was asked for and came is 0, too")
def _():
    other = subprocess.Popen(["sleep", "100000"])
    follow = world.follow(ann, "--while", other.pid)
    until(lambda: any(e["event"] == "stage" for e in ann.events(follow)), "ann to follow")
    other.kill()
    other.wait()
    same(follow.wait(SECONDS), 0, "status")
    ann.end()
    ann.sign("chain", "follow", world.share, "--until-height", ann.height(), "--every", "0.1")
    follow = world.follow(ann)
    until(lambda: any(e["event"] == "stage" for e in ann.events(follow)), "ann to follow")
    os.killpg(follow.pid, signal.SIGINT)
    same(follow.wait(SECONDS), 130, "status of Ctrl-C")
    with open(follow.out, encoding="utf-8") as f:
        last = json.loads(f.read().strip().split("\n")[-1])
    check(last["done"] and last["interrupted"], "the last line: %r" % last)
    ann.end()


@case("one who was away is brought up to date by one pull, and votes again")
def _():
    away, there = dan, [ann, ben, cem]
    for p in there:
        world.follow(p)
    for n in range(8):
        before = ann.height()
        ben.sign("chain", "transfer", ann.main["address"], 1 + n)
        until(lambda: all(p.height() > before for p in there), "block %d without one of four" % (before + 1), 120)
    before = away.height()
    got = away.ask("chain", "pull", world.share)
    check(got["height"] >= before + 8, "%r" % got)
    same(got["blocks"], got["height"] - before, "blocks that were pulled")
    world.follow(away)
    done = away.running[-1]
    until(lambda: any(e["event"] == "stage" for e in away.events(done)), "the one who was away to be there")

    def voted():
        before = ann.height()
        cem.sign("chain", "transfer", ann.main["address"], 100)
        until(lambda: all(p.height() > before for p in world), "a block of all four")
        return any(e["event"] == "vote" for e in away.events(done))
    until(voted, "a vote of the one who was away")
    for p in world:
        p.end(expect=143)
    world.agree(min(p.height() for p in world))


@case("by hand: whose turn it is proposes a block, an empty one too, the others vote twice")
def _():
    before = ann.height()
    whose = [p for p in world if p.main["address"] == ann.ask("chain", "votes")["proposer"]][0]
    others = [p for p in world if p is not whose]
    others[0].call("chain", "propose-block", world.share, "--key", "vote", sign=True, expect=4, says="no block was proposed")
    made = whose.sign("chain", "propose-block", world.share, "--key", "vote")
    for _ in range(2):
        for p in others + [whose]:
            p.sign("chain", "vote", world.share, "--key", "vote")
    for p in world:
        p.ask("chain", "pull", world.share)
        same(p.height(), before + 1, "the height of " + p.name)
    same(world.agree(before + 1), made["proposed"], "the block")


@case("a fifth stakes, registers and votes; another retires, and the rest goes on")
def _():
    eve = Party(world.share, "eve")
    world.party["eve"] = eve
    eve.call("init", eve.workspace)
    eve.main = eve.sign("key", "new", "--name", "main")
    eve.vote = eve.sign("key", "new", "--name", "vote")
    eve.ask("chain", "join", world.share)
    for p in world:
        world.follow(p)
    ann.sign("chain", "transfer", eve.main["address"], 5000)

    def settled():
        return all(not waiting(p) for p in world)
    until(settled, "the tokens")
    eve.call("chain", "register", "--key", "main", "--voting", "vote", sign=True, expect=4, says="stake first")
    eve.sign("chain", "stake", 2000, "--key", "main")
    until(settled, "the stake")
    eve.sign("chain", "register", "--key", "main", "--voting", "vote")
    until(lambda: len(ann.ask("chain", "votes")["validators"]) == 5, "five seats")
    dan.sign("chain", "retire", "--key", "main")
    until(lambda: len(ann.ask("chain", "votes")["validators"]) == 4, "four seats")
    before = ann.height()
    ben.sign("chain", "transfer", ann.main["address"], 9)
    until(lambda: all(p.height() > before for p in world), "a block of the new four")
    until(lambda: any(e["event"] == "vote" for e in eve.events()), "a vote of the newcomer")
    for p in world:
        p.end(expect=143)
    check(eve.ask("chain", "verify")["ok"], "the chain of the newcomer")


@case("killed at any moment, again and again, the chain goes on and all agree")
def _():
    chance = random.Random(11)
    for p in world:
        world.follow(p)
    start, paid = max(p.height() for p in world), []
    for n in range(14):
        victim = chance.choice(list(world))
        payer = chance.choice([p for p in world if p is not victim])
        paid.append(payer.sign("chain", "transfer", victim.main["address"], 1 + n)["tx"])
        time.sleep(chance.uniform(0, 0.5))
        victim.kill()
        if chance.random() < 0.8:
            world.follow(victim)
    for p in world:
        if not p.running or p.running[-1].poll() is not None:
            world.follow(p)
    # Several payments may share a block: how many blocks it takes is a matter of time, that each is in one is not.
    until(lambda: all(not waiting(p) for p in world), "what waits to be in blocks", 180)
    until(lambda: len({p.head() for p in world}) == 1, "one head", 60)
    for p in world:
        p.end(expect=143)
    for p in world:
        check(p.ask("chain", "verify")["ok"], "the chain of " + p.name)
    top = ann.height()
    world.agree(top)
    blocks = dan.ask("chain", "log", "--from", start + 1, "--to", top)["blocks"]
    same(sorted(t["tx"] for b in blocks for t in b["transactions"]), sorted(paid), "the payments in blocks %d to %d" % (start + 1, top))


@case("stopped at each write in turn, half done or with what was not synced lost, it goes on where it was")
def _():
    for p in world:
        p.kill()  # whoever still follows, should the case before have ended early, holds the guard

    def turn(p, env=None):
        p.call("chain", "follow", world.share, "--key", "vote", "--once", "--every", "0.2", sign=True,
               expect=None if env else 0, env=env)
    for n in range(1, 9):
        if not waiting(ann):
            ben.sign("chain", "transfer", cem.main["address"], n)
        turn(ann, {"MORPHSMITH_FAULT": "%s:%d" % (("kill", "torn", "lost", "after")[n % 4], 1 + n)})
        for p in world:
            if p is not ann:
                turn(p)
    for _ in range(30):
        for p in world:
            turn(p)
        if len({p.head() for p in world}) == 1 and not any(waiting(p) for p in world):
            break
    same(len({p.head() for p in world}), 1, "heads")
    same(waiting(ann), [], "what waits")
    for p in world:
        check(p.ask("chain", "verify")["ok"], "the chain of " + p.name)
    check(not ann.ask("chain", "evidence")["evidence"] and not ben.ask("chain", "evidence")["evidence"], "a double signature")


@case("the pools hold no more than the next height")
def _():
    for p in world:
        check(len(p.pool()) <= 1 + 3 * 4 * 2, "%s: %d files" % (p.name, len(p.pool())))


def waiting(p):
    return p.ask("chain", "status")["pool"]


try:
    run()
finally:
    world.close()
