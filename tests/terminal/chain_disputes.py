"""Disputes among four people: a false claim is found by a challenge before anybody accepts it, and refuted where it is wrong; a
groundless challenge is dismissed, another one lapses, a liar concedes. Every unit is counted."""

import hashlib
import json
import os
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from many import World, until
from tap import case, check, run, same

PPM = 1000000
MISSED, FINDER, ATTEST, DEPOSIT = 100000, 500000, 20000, 100000
STAKE = 5000
PARAMETERS = """missed_ppm %d
finder_ppm %d
attest_ppm %d
deposit_ppm %d
dispute_blocks 6
commit_blocks 3
reveal_blocks 6
expiry_blocks 400
epoch_blocks 1
""" % (MISSED, FINDER, ATTEST, DEPOSIT)

# cem's stake is small: what he says is a minority's word.
world = World(("ann", "ben", "cem", "dan"), stakes=[30000, 30000, 10000, 0], parameters=PARAMETERS)
ann, ben, cem, dan = world

# No block but of what somebody sends: an empty one each so many seconds would close a window on a machine that trains slowly.
ONLY_SENT = ("--idle", "100000")


# --- what a liar's workspace holds ------------------------------------------------------------------------------------

def H(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def merkle(hashes):
    if len(hashes) == 1:
        return H(b"\0" + hashes[0])
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return H(b"\1" + merkle(hashes[:k]) + merkle(hashes[k:]))


def alter_leaves(text, fold, leaf):
    """A list with one leaf made up, its root, and how many leaves each fold has."""
    lines = text.decode().splitlines()
    lists, heads = [], []
    for i, line in enumerate(lines[1:], 1):
        if line.startswith("fold "):
            lists.append([])
            heads.append(i)
        else:
            lists[-1].append(bytes.fromhex(line))
    lists[fold - 1][leaf - 1] = H(lists[fold - 1][leaf - 1])
    lines[heads[fold - 1] + leaf] = lists[fold - 1][leaf - 1].hex()
    return ("\n".join(lines) + "\n").encode(), merkle([merkle(l) for l in lists]), [len(l) for l in lists]


def falsify_run(party, fold, leaf):
    """The newest run that is remembered: i64 time, finding, blob of leaves, H of it all."""
    place = os.path.join(party.workspace, "reruns")
    newest = max((os.path.join(place, n) for n in os.listdir(place)), key=lambda p: os.stat(p).st_mtime_ns)
    with open(newest, "rb") as f:
        data = f.read()
    same(H(data[:-32]), data[-32:], "the hash of what is kept")
    root = 12 + 8 * int.from_bytes(data[8:12], "little")
    text, altered, _ = alter_leaves(data[root + 68:-32], fold, leaf)
    changed = data[:root] + altered + data[root + 32:root + 68] + text
    with open(newest, "wb") as f:
        f.write(changed + H(changed))


def falsify_state(party):
    """The state that is remembered to be before a place: another object than there is. Its id, H of that."""
    place = os.path.join(party.workspace, "disputes")
    newest = max((os.path.join(place, n) for n in os.listdir(place)), key=lambda p: os.stat(p).st_mtime_ns)
    with open(newest, "rb") as f:
        data = f.read()
    same((len(data), H(data[:32])), (64, data[32:]), "what is kept of a state")
    with open(newest, "wb") as f:
        f.write(H(data) + H(H(data)))


def falsify_trial(party, architecture, fold, leaf):
    """The score that is stored, from which a claim is made."""
    base = sqlite3.connect(os.path.join(party.workspace, "workspace.db"), timeout=30)
    number, result = base.execute("SELECT id, result FROM trial WHERE arch LIKE ? || '%' AND result LIKE '%leaves%'",
                                  (architecture,)).fetchone()
    result = json.loads(result)
    folder = os.path.join(party.workspace, "models")
    with open(os.path.join(folder, result["leaves"]), "rb") as f:
        text, root, leaves = alter_leaves(f.read(), fold, leaf)
    result.update(trace_root=root.hex(), leaves=H(text).hex())
    with open(os.path.join(folder, result["leaves"]), "wb") as f:
        f.write(text)
    base.execute("UPDATE trial SET result = ? WHERE id = ?", (json.dumps(result), number))
    base.commit()
    base.close()
    return leaves


arch = []

# --- steps ------------------------------------------------------------------------------------------------------------

def settled():
    """All have the same block and nothing waits."""
    heads = {p.head() for p in world}
    return len(heads) == 1 and not any(t for p in world for t in p.ask("chain", "status")["pool"])


def settle():
    until(settled, "all to have one head and nothing to wait")


def does(party, *words):
    result = party.sign(*words)
    settle()
    return result


def tick(n=1):
    for _ in range(n):
        does(ann, "chain", "transfer", ben.main["address"], 1)


def account(party):
    for a in ann.ask("chain", "status")["accounts"]:
        if a["address"] == party.main["address"]:
            return a
    raise AssertionError(party.name)


def wealth(party):
    a = account(party)
    return a["balance"], a["stake"]


def show(proposal):
    return ann.ask("chain", "show", proposal)


def disputed(challenge):
    return ben.ask("chain", "disputes", challenge)["disputes"][0]


def claim(arch, lie=None):
    """dan's; lie: (fold, leaf) that is made up. Opened, with ann and ben (and cem, if he lies too) behind it."""
    dan.ask("chain", "propose", arch, "--stake", STAKE, "--train")
    leaves = falsify_trial(dan, arch, *lie) if lie else None
    proposal = does(dan, "chain", "propose", arch, "--stake", STAKE)["proposal"]
    does(dan, "chain", "propose", arch, "--stake", STAKE)
    return proposal, leaves


def attested(proposal, *parties):
    for p in parties:
        does(p, "chain", "attest", proposal)
    while show(proposal)["state"] == "claimed":
        tick()
    does(dan, "chain", "open", proposal)


@case("a chain of four, a task, and a market that all who train have")
def _():
    world.begin()
    for p in world:
        world.follow(p, *ONLY_SENT)
    csv = os.path.join(world.share, "market.csv")
    ann.call("synth", "planted", "--seed", "3", "--bars", "900", csv)
    for p in (ann, dan):
        p.call("data", "add", csv, "--asset", "m")
        p.call("task", "set", "--horizon", "1", "--lookback", "16", "--folds", "2")
    does(ann, "chain", "task", "--pool", "20000", "--reviewers", ann.main["address"], "--approvals", "1", "--epochs", "60",
         "--patience", "0", "--batch", "256")
    for width in (4, 5, 6, 7, 8):
        arch.append(dan.ask("arch", "new", "lstm", "--width", width)["arch"])


@case("a false claim is challenged where it is wrong, and refuted: half of the stake to the challenger, the rest burnt")
def _():
    proposal, leaves = claim(arch[0], lie=(2, 3))
    check(leaves[1] > 3, "leaves %r" % leaves)
    attested(proposal, ann, ben)
    before = {p.name: wealth(p) for p in world}
    burnt = ann.ask("chain", "status")["totals"]["burnt"]
    made = does(ann, "chain", "challenge", proposal)
    same(made["place"], {"fold": 2, "leaf": 3}, "the place")
    same(made["deposit"], STAKE * DEPOSIT // PPM, "the deposit")
    challenge = made["dispute"]
    one = disputed(challenge)
    same((one["state"], one["leaf"], one["leaves"]), ("open", 3, leaves[1]), "what is disputed")
    check("steps" in one["place"], one["place"])
    until(lambda: disputed(challenge)["challenger_state"]["here"], "the state to be here")
    same(show(proposal)["state"], "revealing", "while it is open")
    ruled = does(ben, "chain", "verdict", challenge)
    same(ruled["upheld"], True, "ben's verdict")
    same(ruled["found"], one["challenger_found"], "what both found")
    same(show(proposal)["state"], "refuted", "the claim")
    same(disputed(challenge)["state"], "upheld", "the challenge")
    after = {p.name: wealth(p) for p in world}
    same(after["ann"], (before["ann"][0] - 1 + STAKE * FINDER // PPM, before["ann"][1]), "ann's")
    same(after["ben"], (before["ben"][0] - 1, before["ben"][1]), "ben's")
    same(after["dan"], before["dan"], "dan's, whose stake was locked")
    same(ann.ask("chain", "status")["totals"]["burnt"], burnt + STAKE - STAKE * FINDER // PPM, "burnt")


@case("a groundless challenge is dismissed, half of its deposit to the accused; the claim is verified and accepted")
def _():
    proposal, _ = claim(arch[1])
    attested(proposal, ann, ben)
    dan.call("chain", "challenge", proposal, expect=4, says="their own")
    ann.call("chain", "challenge", proposal, sign=True, expect=4, says="nothing to challenge")
    # cem says that his re-run parts from it: he has altered what he remembers; and the state that he names he keeps to himself
    cem.call("chain", "challenge", proposal, sign=True, expect=4, says="nothing to challenge")
    falsify_run(cem, 1, 3)
    burnt = ann.ask("chain", "status")["totals"]["burnt"]
    before = {p.name: wealth(p) for p in world}
    cem.sign("chain", "challenge", proposal, "--draft")
    falsify_state(cem)
    made = does(cem, "chain", "challenge", proposal, "--deposit", "701")
    same(made["place"], {"fold": 1, "leaf": 3}, "the place")
    same(disputed(made["dispute"])["challenger_state"]["here"], False, "whether ben has the state")
    # ann has trained the claim before; ben, who has forgotten it, trains it again and comes to the same
    shutil.rmtree(os.path.join(ben.workspace, "reruns"))
    ruled = does(ann, "chain", "verdict", made["dispute"])
    same(ruled["upheld"], False, "ann's verdict")
    same(disputed(made["dispute"])["state"], "dismissed", "the challenge")
    after = {p.name: wealth(p) for p in world}
    same(after["cem"], (before["cem"][0] - 1 - 701, before["cem"][1]), "cem's")
    same(after["dan"][0], before["dan"][0] + 350, "dan's")
    same(ann.ask("chain", "status")["totals"]["burnt"], burnt + 351, "burnt")
    for p in (ann, ben):
        does(p, "chain", "attest", proposal)
    same(show(proposal)["verified"], True, "behind the dispute")
    pot = STAKE * ATTEST // PPM
    same(show(proposal)["stake"], STAKE - 2 * (pot * 30000 // 60000), "what is left of the stake")
    does(ann, "chain", "approve", proposal, "--reason", "re-ran it")
    same(show(proposal)["state"], "accepted", "the claim")


@case("a challenge that nobody decides lapses, and its deposit is lost as well")
def _():
    proposal, _ = claim(arch[2])
    attested(proposal, ann, ben)
    cem.call("chain", "challenge", proposal, sign=True, expect=4, says="nothing to challenge")
    falsify_run(cem, 1, 1)
    before = wealth(cem)
    made = does(cem, "chain", "challenge", proposal)
    due = disputed(made["dispute"])["due"]["height"]
    while ann.height() < due:
        same(disputed(made["dispute"])["state"], "open", "before its time")
        tick()
    same(disputed(made["dispute"])["state"], "lapsed", "the challenge")
    same(wealth(cem)[0], before[0] - 1 - STAKE * DEPOSIT // PPM, "cem's")


@case("who is found out can concede: the same as refuted, without anybody's verdict")
def _():
    proposal, _ = claim(arch[3], lie=(1, 1))
    attested(proposal, ann, ben)
    before = wealth(ben)
    made = does(ben, "chain", "challenge", proposal)
    same(made["place"], {"fold": 1, "leaf": 1}, "the place")
    ann.call("chain", "respond", made["dispute"], "--concede", sign=True, expect=4, says="only the proposer")
    does(dan, "chain", "respond", made["dispute"], "--concede")
    same(show(proposal)["state"], "refuted", "the claim")
    same(disputed(made["dispute"])["answer"], "conceded", "the answer")
    same(wealth(ben)[0], before[0] - 1 + STAKE * FINDER // PPM, "ben's")


@case("those who follow and attest do all that by themselves: re-run, challenge, verdict")
def _():
    proposal, _ = claim(arch[4], lie=(2, 2))
    for p in (ann, ben, dan):
        p.end()
        world.follow(p, "--as", "main", "--attest", *ONLY_SENT)
    until(lambda: len(show(proposal)["attests"]) == 2, "two to have committed", 300)
    while show(proposal)["state"] == "claimed":  # by cem, who does nothing else
        does(cem, "chain", "transfer", ben.main["address"], 1)
    until(lambda: show(proposal)["state"] == "refuted", "the claim to be refuted", 300)
    found = ann.ask("chain", "disputes", proposal)["disputes"]
    same([(d["state"], d["fold"], d["leaf"]) for d in found if d["state"] == "upheld"], [("upheld", 2, 2)], "the dispute")
    check(all(d["state"] in ("upheld", "returned") for d in found), "disputes: %r" % found)
    same(found[-1]["answer"] in ("none", "state"), True, "nobody concedes of their own accord")
    until(settled, "all to have one head")


@case("all have the same chain, and doing every verdict again bears it out")
def _():
    for p in world:
        p.end()
    world.agree(min(p.height() for p in world))
    done = ben.ask("chain", "verify", "--rerun")
    check(done["ok"] and done["reruns"] >= 3, "verify --rerun: %r" % done)


try:
    run()
finally:
    world.close()
