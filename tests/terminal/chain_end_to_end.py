"""The life of claims between two people who exchange nothing but the chain's folder.

Ann has the data and proposes; Ben is the only validator and the reviewer. Ben's workspace never sees a CSV file: what he
checks, he checks from the chain's objects. One claim is accepted and paid, one rejected, one false and refuted, one never
opened, one left to expire.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from tap import Given, case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.path.abspath(os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith"))
FOLDER = tempfile.mkdtemp(prefix="morphsmith-chain-")
SUPPLY, POOL, STAKE = 1000000, 1000, 500
known = Given()


def place(who, *more):
    return os.path.join(FOLDER, who, *more)


def call(who, *words, expect=0, says=None, never=None, sign=False, home=None):
    """One call in somebody's workspace with their identities, or those of another home; its standard output."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MORPHSMITH_") and not k.startswith("XDG_")}
    env.update(HOME=place(home or who), LC_ALL="C.UTF-8", TERM="dumb")
    command = [PROGRAM, "-w", place(who, "w")] + list(words)
    if sign:
        command = ["sh", "-c", 'exec "$@" 3<"$0"', place(who, "passphrase")] + command + ["--passphrase-fd", "3"]
    done = subprocess.run(command, env=env, cwd=place(who), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, encoding="utf-8", timeout=600)
    same(done.returncode, expect, "status of %s: %s (%s)" % (who, " ".join(words), done.stderr.strip()[-500:]))
    if says is not None:
        check(says in done.stderr, "%s: no %r in %r" % (" ".join(words), says, done.stderr))
    if never is not None:
        check(never not in done.stderr, "%s: %r in %r" % (" ".join(words), never, done.stderr))
    return done.stdout


def ask(who, *words, **options):
    return json.loads(call(who, *words, "--json", **options))


def sign(who, *words, **options):
    """A call that signs: its result, or where it is refused nothing."""
    if options.get("expect"):
        return call(who, *words, sign=True, **options)
    return ask(who, *words, sign=True, **options)


def hand(giver, taker):
    """The chain's folder, whole, as rsync or a memory stick would bring it."""
    shutil.rmtree(place(taker, "w", "chain"), ignore_errors=True)
    shutil.copytree(place(giver, "w", "chain"), place(taker, "w", "chain"))


def seal(times=1):
    hand("ann", "ben")
    for _ in range(times):
        sign("ben", "chain", "seal-block")
    hand("ben", "ann")


def show(proposal, who="ben"):
    return ask(who, "chain", "show", proposal)


def account(who):
    return [a for a in ask("ben", "chain", "status")["accounts"] if a["address"] == known[who]["address"]][0]


def conserved():
    totals = ask("ben", "chain", "status")["totals"]
    parts = sum(totals[k] for k in ("balances", "stakes", "escrows", "treasury", "burnt"))
    same(parts, SUPPLY, "the supply, part by part")
    return totals


def propose(arch, *words, **options):
    return sign("ann", "chain", "propose", arch, "--task", known["task"][:12], *words, **options)


def claim(arch):
    """Announced, put into a block, claimed."""
    first = propose(arch, "--stake", str(STAKE))
    same(first["state"], "announced", "the first step")
    seal()
    second = propose(arch, "--stake", str(STAKE))
    same((second["state"], second["proposal"]), ("claimed", first["proposal"]), "the second step")
    hand("ann", "ben")
    return first["proposal"]


def attest(proposal):
    got = sign("ben", "chain", "attest", proposal)
    hand("ben", "ann")
    return got


def open_it(proposal):
    sign("ann", "chain", "open", proposal)
    hand("ann", "ben")


GENESIS = """morphsmith-genesis 1
name two people   # a comment
time 2026-01-01T00:00:00Z
supply %d
min_fee 1
expiry_blocks 8
reveal_blocks 3
finder_ppm 250000

holder %s 500000
holder %s 400000
validator %s %s 100000
"""


@case("two people, two homes, one of them with data")
def _():
    for who in ("ann", "ben"):
        os.makedirs(place(who))
        with open(place(who, "passphrase"), "w", encoding="utf-8") as f:
            f.write("the passphrase of %s\n" % who)
        call(who, "init", place(who, "w"))
        known[who] = sign(who, "key", "new")
    call("ann", "data", "add", os.path.join(ROOT, "samples", "synthetic_market.csv"), "--asset", "m")
    call("ann", "task", "set", "--asset", "m", "--lookback", "16", "--folds", "2")
    for kind in ("mlp", "tcn", "gru", "lstm"):
        call("ann", "arch", "new", kind, "--width", "8")
    known["wide"] = grown("mlp")


def grown(arch):
    """An architecture that came of one by two morphisms."""
    for _ in range(2):
        steps = [m for m in ask("ann", "morph", arch, "--list")["morphisms"] if m["applicable"] and m["kind"] == "widen"]
        arch = ask("ann", "morph", arch, "widen", "--node", steps[0]["node"])["arch"]
    return arch


@case("a genesis in words begins the same chain everywhere; what is wrong in it is told with its line")
def _():
    ann, ben = known["ann"]["public_key"], known["ben"]["public_key"]
    text = GENESIS % (SUPPLY, ann, ben, ben, ben)
    for old, new, says in (("supply", "suply", "line 4"), ("min_fee 1", "min_fee one", "line 5"), ("validator", "voter", "line 12"),
                           ("holder %s" % ann, "holder %s0" % ann, "line 10"), ("morphsmith-genesis 1", "genesis", "line 1"),
                           ("expiry_blocks 8", "expiry_blocks 8\nexpiry_blocks 9", "line 7"),
                           ("2026-01-01T", "2026-02-30T", "line 3")):
        with open(place("ann", "bad"), "w", encoding="utf-8") as f:
            f.write(text.replace(old, new, 1))
        call("ann", "chain", "init", "--genesis", place("ann", "bad"), expect=2, says=says)
    with open(place("ann", "bad"), "w", encoding="utf-8") as f:
        f.write(text.replace("500000", "500001"))
    call("ann", "chain", "init", "--genesis", place("ann", "bad"), expect=4, says="supply")
    with open(place("ann", "genesis"), "w", encoding="utf-8") as f:
        f.write(text)
    begun = ask("ann", "chain", "init", "--genesis", place("ann", "genesis"))
    with open(place("ben", "genesis"), "w", encoding="utf-8") as f:
        f.write(begun["genesis"])  # as the program writes it
    same(ask("ben", "chain", "init", "--genesis", place("ben", "genesis"))["chain_id"], begun["chain_id"], "chain ids")


@case("the task: what it has to be beaten by comes from the data")
def _():
    made = sign("ann", "chain", "task", "--pool", str(POOL), "--reviewers", known["ben"]["address"], "--epochs", "3")
    check(500000 <= made["baseline_ppm"] < 600000, "baseline: %r" % made["baseline_ppm"])
    seal()
    check(not os.path.exists(place("ben", "w", "frames")) or not os.listdir(place("ben", "w", "frames")), "Ben has data")
    same(ask("ben", "data", "list").get("series", []), [], "series that Ben has")
    known["baseline"] = made["baseline_ppm"]


@case("a second task about the same data: the claim says which it is for")
def _():
    other = sign("ann", "chain", "task", "--reviewers", known["ben"]["address"], "--epochs", "2")
    seal()
    first = [t for t in ask("ann", "chain", "status")["tasks"] if t["task"] != other["task"]][0]["task"]
    sign("ann", "chain", "propose", known["wide"], "--task", "0000", expect=4, says="begins with 0000")
    known["task"] = first


@case("announced, and kept as it was: later trials change nothing of what was promised")
def _():
    first = propose(known["wide"], "--stake", str(STAKE))
    known["paid"] = first["proposal"]
    check("same command again" in first["next"], "what is next: %r" % first["next"])
    propose(known["wide"], expect=4, says="waits for a block")
    seal()
    shown = show(known["paid"])
    same((shown["state"], shown["arch"], shown["evidence_hash"], shown["claimed"]["total"]), ("announced", None, None, 0),
         "what an announcement gives away")
    call("ann", "score", "tcn", "--epochs", "2")  # one more that was tried
    second = propose(known["wide"])
    same((second["proposal"], second["state"]), (known["paid"], "claimed"), "the claim")
    hand("ann", "ben")


@case("the claim says where the network comes from, and nothing of its roots")
def _():
    shown = show(known["paid"])
    check(shown["parent"] and shown["morphisms"].count("widen") == 2, "lineage: %r" % shown.get("morphisms"))
    same((shown["morphisms_lead_here"], shown["problems"]), (True, []), "what is amiss")
    same((shown["trace_root"], shown["weights_hash"], shown["leaves_hash"]), (None, None, None), "roots")
    check(shown["evidence"].startswith("morphsmith-evidence 2\nnumeric "), "evidence: %r" % shown["evidence"][:60])
    same(shown["baseline"], {"stated_ppm": known["baseline"], "data_ppm": known["baseline"]}, "baseline")
    sign("ann", "chain", "attest", known["paid"], expect=4)
    sign("ben", "chain", "approve", known["paid"], "--reason", "x", expect=4, says="opened")
    sign("ann", "chain", "open", known["paid"], expect=4, says="not closed")


@case("a copy that lacks an object, or holds a damaged one, says which")
def _():
    objects = place("ben", "w", "chain", "objects")
    largest = max(os.listdir(objects), key=lambda name: os.path.getsize(os.path.join(objects, name)))
    path = os.path.join(objects, largest)
    with open(path, "rb") as f:
        whole = f.read()
    os.remove(path)
    sign("ben", "chain", "attest", known["paid"], expect=4, says=largest)
    with open(path, "wb") as f:
        f.write(whole[:-1] + bytes([whole[-1] ^ 1]))
    sign("ben", "chain", "attest", known["paid"], expect=4, says=largest)
    check(any(largest in p for p in show(known["paid"])["problems"]), "chain show is silent about it")
    with open(path, "wb") as f:
        f.write(whole)


@case("Ben re-trains from the objects alone, commits, and reveals when Ann has opened")
def _():
    got = attest(known["paid"])
    same((got["matches"], got["state"]), (True, "revealing"), "the commit")
    known["trained"] = got["rerun"]
    sign("ben", "chain", "attest", known["paid"], expect=4, says="open its claim first")
    sign("ben", "chain", "open", known["paid"], expect=4, says="only its proposer")
    check("chain open" in show(known["paid"])["stage"], "whose turn it is: %r" % show(known["paid"])["stage"])
    same(show(known["paid"])["waits_for"], [known["ann"]["address"]], "whom it waits for")
    open_it(known["paid"])
    got = attest(known["paid"])
    same((got["matches"], got["verified"], got["rerun"]), (True, True, known["trained"]), "the reveal, without a second training")
    shown = show(known["paid"])
    found = shown["attests"][0]
    same((found["who"], found["self"], found["matches"], found["trace_root"]),
         (known["ben"]["address"], False, True, shown["trace_root"]), "what Ben found")
    same([t["leaves"] > 0 for t in shown["traces"]], [True, True], "traces")


@case("approved after a re-run, accepted, paid")
def _():
    before = account("ann")["balance"]
    sign("ann", "chain", "approve", known["paid"], "--reason", "mine", expect=4, says="no reviewer")
    got = sign("ben", "chain", "approve", known["paid"], "--reason", "the same bits", "--rerun")
    same((got["matches"], got["rerun"]), (True, known["trained"]), "the re-run is not made twice")
    sign("ben", "chain", "seal-block")
    hand("ben", "ann")
    shown = show(known["paid"])
    score = shown["claimed"]["correct"] * 1000000 // shown["claimed"]["total"]
    improvement = score - known["baseline"]
    check(improvement >= 1000, "the network has learnt nothing: %d ppm" % score)
    same((shown["state"], shown["improvement_ppm"]), ("accepted", improvement), "acceptance")
    same(shown["reward"], POOL * min(improvement, 100000) // 100000, "reward")
    same(account("ann")["balance"] - before, STAKE + shown["reward"], "what came back and was earned")
    same(shown["decisions"][0]["self"], False, "self")
    conserved()
    propose(known["wide"], expect=4, says="accepted for this task already")


@case("rejected with a reason: the stake goes back")
def _():
    before = account("ann")["balance"]
    proposal = claim("gru")
    attest(proposal)
    open_it(proposal)
    attest(proposal)
    words = ["chain", "reject", proposal, "--reason", "no reason\x1b[2J to trust it"]
    told = call("ben", *words, "--draft")
    check("no reason\\x1b[2J to" in told, "the draft: the reason, escaped once")
    expected = [line.split()[1] for line in told.splitlines() if line.startswith("expect ")][0]
    sign("ben", *words, "--expect", expected[:12], expect=2, says="64 digits")
    sign("ben", *words, "--expect", "0" * 64, expect=4, says="no longer what was shown")
    sign("ben", *words, "--expect", expected)
    sign("ben", "chain", "seal-block")
    shown = show(proposal)
    same(shown["state"], "rejected", "state")
    decision = sorted(t["tx"] for b in ask("ben", "chain", "log")["blocks"] for t in b["transactions"]
                      if t["kind"] == "reject")[0]
    call("ben", "chain", "receipt", decision, place("ben", "rejection"))
    for words in (["show", proposal], ["dump"], ["check-receipt", place("ben", "rejection")]):
        told = call("ben", "chain", *words)
        check("\x1b" not in told, "%s: a reason moves the cursor" % words[0])
        check("no reason\\x1b[2J to" in told, "%s: the reason, escaped once" % words[0])
    hand("ben", "ann")
    same(account("ann")["balance"], before - 3, "balance: three fees less")
    conserved()


def away(who, *words):
    """A step of somebody whose key is nowhere near the chain: prepared without it, signed elsewhere, submitted."""
    sent = place(who, "sent")
    ask(who, "chain", "prepare", *words, "--out", sent, home="net")
    ask(who, "chain", "sign", sent, sign=True)
    done = ask(who, "chain", "submit", sent + ".signed", home="net")
    os.remove(sent)
    os.remove(sent + ".signed")
    hand(who, "ben" if who == "ann" else "ann")
    return done


@case("a whole claim by keys that never come near the chain")
def _():
    os.makedirs(place("net"))
    for who in ("ann", "ben"):
        call(who, "key", "export", "--out", place(who, "public"))
        call(who, "key", "import", place(who, "public"), "--name", who, home="net")
    call("ann", "chain", "propose", "gru", "--task", known["task"], "--key", "ann", "--draft", expect=4, says="passphrase", home="net")
    task = ["--task", known["task"]]
    proposal = away("ann", "propose", "gru", "--stake", str(STAKE), "--key", "ann", *task)["tx"]
    seal()
    away("ann", "propose", "gru", "--key", "ann", *task)
    away("ben", "attest", proposal, "--key", "ben")
    seal()
    away("ann", "open", proposal, "--key", "ann")
    same(os.stat(place("ben", "w", "claims.secret")).st_mode & 0o777, 0o600, "mode of the secret behind the salts")
    attest(proposal)  # his key is here again: what was promised is still found
    seal()
    same((show(proposal)["state"], show(proposal)["verified"]), ("revealing", True), "what came of it")
    away("ben", "reject", proposal, "--reason", "enough of it", "--key", "ben")
    seal()
    same(show(proposal)["state"], "rejected", "the end")


def age(folder, seconds):
    check(len(os.listdir(folder)) > 1, "nothing is there to grow old")
    for name in os.listdir(folder):
        then = os.stat(os.path.join(folder, name)).st_mtime - seconds
        os.utime(os.path.join(folder, name), (then, then))


def tamper(arch):
    """One more right answer in fold 1, in Ann's own workspace."""
    found = ask("ann", "arch", "show", arch)["arch"]
    with sqlite3.connect(place("ann", "w", "workspace.db")) as db:
        (number, text), = db.execute("SELECT id, result FROM trial WHERE arch=?", (found,)).fetchall()
        result = json.loads(text)
        result["folds"][0]["correct"] += 1
        db.execute("UPDATE trial SET result=? WHERE id=?", (json.dumps(result), number))
    db.close()
    return result["folds"][0]


@case("a false count is refuted: the stake is lost, a share goes to who found it out")
def _():
    call("ann", "score", "lstm", "--epochs", "3")
    ours = tamper("lstm")
    before, ben, burnt = account("ann")["balance"], account("ben")["balance"], conserved()["burnt"]
    proposal = claim("lstm")
    got = attest(proposal)
    same(got["matches"], False, "matches")
    check("fold 1: %d of %d" % (ours["correct"], ours["total"]) in got["difference"], "difference: %r" % got["difference"])
    open_it(proposal)
    sign("ben", "chain", "approve", proposal, "--reason", "x", "--rerun", expect=4, says="fold 1")
    got = attest(proposal)
    same((got["state"], got["verified"]), ("refuted", False), "the verdict")
    finder = STAKE * 250000 // 1000000
    totals = conserved()
    same(totals["burnt"] - burnt, STAKE - finder, "burnt")
    same(account("ann")["balance"], before - STAKE - 3, "Ann's balance")
    same(account("ben")["balance"], ben + finder - 2, "Ben's balance")
    found = show(proposal)["attests"][0]
    same(found["matches"], False, "what is shown of the re-run")


@case("what is never opened is refuted, and costs its stake")
def _():
    before = account("ann")["balance"]
    proposal = claim("mlp")
    attest(proposal)
    seal(3)
    shown = show(proposal)
    same((shown["state"], "never opened" in shown["stage"]), ("refuted", True), "state: %s" % shown["stage"])
    same(account("ann")["balance"], before - STAKE - 2, "balance")
    conserved()


@case("what is never claimed expires, and the stake goes back")
def _():
    before = account("ann")["balance"]
    proposal = propose("tcn", "--stake", str(STAKE))["proposal"]
    age(place("ann", "w", "claims"), 40 * 86400)
    seal(8)
    same(show(proposal)["state"], "announced", "a block before")
    sign("ann", "chain", "stake", "1", "--draft")
    same(len(os.listdir(place("ann", "w", "claims"))), 1, "claims that are kept: that of the open proposal")
    seal(1)
    same(show(proposal)["state"], "expired", "state")
    same(account("ann")["balance"], before - 1, "balance: a fee less")
    conserved()


@case("everything verifies again from genesis, and every verdict from the objects")
def _():
    got = ask("ben", "chain", "verify", "--rerun")
    same((got["ok"], got["reruns"]), (True, 4), "verdicts that were trained again")
    same(ask("ann", "chain", "verify")["head"], got["head"], "heads")


@case("what verify prints is what --head takes; a wrong one is not blamed on what the workspace remembers")
def _():
    printed = [line.split()[1] for line in call("ben", "chain", "verify").splitlines() if line.startswith("head ")][0]
    height, block = printed.split(":")
    same(len(block), 64, "the head's digits")
    same(ask("ben", "chain", "verify", "--head", printed)["ok"], True, "the head that was printed")
    call("ben", "chain", "verify", "--head", "%s:%s" % (height, block[:12]), expect=2, says="64 digits")
    told = call("ben", "chain", "verify", "--head", "2:" + block, expect=4)
    check("another block was remembered here" in told, told)
    done = call("ben", "chain", "verify", "--json", "--head", "2:" + block, expect=4, never="--accept")
    same(json.loads(done)["error"]["height"], 2, "where the two part")


@case("--accept is advised where what was remembered is gone, and nowhere else")
def _():
    paid = [p["proposal"] for p in ask("ben", "chain", "status")["proposals"] if p["state"] == "accepted"][0]
    network = place("ben", "w", "chain", "objects", show(paid)["arch"])
    os.rename(network, network + ".away")
    call("ben", "chain", "verify", "--rerun", expect=4, says="from whoever has it", never="--accept")
    os.rename(network + ".away", network)
    last = ask("ben", "chain", "log")["blocks"][-1]
    with open(place("ben", "w", "chain", "blocks.msc"), "r+b") as f:
        f.truncate(last["offset"])
    os.remove(place("ben", "w", "chain", "blocks.len"))
    call("ben", "chain", "verify", expect=4, says="--accept")
    same(ask("ben", "chain", "verify", "--accept")["height"], last["height"] - 1, "the height that was accepted")


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
