"""A whole life on the chain by keys: an identity, a chain, the task, a claim, its re-run, an approval with a wrong word first,
a receipt written and checked, a rejection with a reason, and the verification of it all; then the same chain by commands."""

import json
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
LONG = 120
PASSPHRASE = "horse battery staple"

harness.required()

FOLDER = tempfile.mkdtemp(prefix="morphsmith-chain-")
ENV = {"HOME": FOLDER, "XDG_DATA_HOME": os.path.join(FOLDER, "data")}
known = Given()


def morphsmith(*arguments):
    done = subprocess.run([PROGRAM, "-w", "ws", *arguments], cwd=FOLDER, env={**os.environ, **ENV}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == 0, "%s: %d\n%s" % (arguments, done.returncode, done.stderr))
    return done.stdout


def status():
    return json.loads(morphsmith("chain", "status", "--json"))


def prepare():
    subprocess.run([PROGRAM, "init", "ws"], cwd=FOLDER, env={**os.environ, **ENV}, check=True, stdout=subprocess.DEVNULL)
    morphsmith("synth", "planted", "market.csv", "--bars", "700")
    morphsmith("data", "add", "market.csv")
    morphsmith("task", "set", "--horizon", "1", "--lookback", "8", "--folds", "2")
    morphsmith("arch", "new", "mlp", "--width", "4")
    other = {**os.environ, **ENV, "XDG_DATA_HOME": os.path.join(FOLDER, "friend")}
    made = subprocess.run([PROGRAM, "key", "new", "--json", "--passphrase-fd", "0"], env=other, input="horse battery staple\n",
                          text=True, check=True, stdout=subprocess.PIPE)
    known["friend"] = json.loads(made.stdout)["address"]


def passphrase(t):
    """Types it if it is asked for; an identity that was unlocked lately is not."""
    t.type(PASSPHRASE)
    t.keys("Enter")


def read_to_the_end(t):
    while "more below" in t.snapshot():
        t.keys("PgDn")


def shown_word(t):
    return t.wait_for(r"Type ([a-z]+-[a-z]+) to go on", LONG).group(1)


def confirm(t):
    """Reads the draft to its end, types its word and, if it is asked for, the passphrase."""
    word = shown_word(t)
    read_to_the_end(t)
    t.type(word)
    t.keys("Enter")
    t.wait_gone(r"Type [a-z]+-[a-z]+ to go on")
    if "Passphrase of" in t.snapshot():
        passphrase(t)


def unlock(t):
    """What hides something needs its key for the draft already."""
    t.wait_for(r"Passphrase of|Type [a-z]+-[a-z]+ to go on", LONG)
    if "Passphrase of" in t.snapshot():
        passphrase(t)


def seal(t, height):
    t.keys("b")
    t.wait_for("Type seal to go on")
    read_to_the_end(t)
    t.type("seal")
    t.keys("Enter")
    t.wait_gone("Type seal to go on")
    if "Passphrase of" in t.snapshot():
        passphrase(t)
    t.wait_for(r"height %d\b" % height, LONG)


prepare()


@case("an empty workspace says what to do, and each key why it cannot be used yet")
def _():
    t = known["terminal"] = harness.Terminal([PROGRAM, "-w", "ws"], size=(120, 36), env=ENV, cwd=FOLDER)
    t.wait_for("Data")
    t.keys("5", "o")
    t.wait_for("Learning rate")
    t.keys("Enter")
    t.wait_for("epochs: 1 to")
    t.type("3")
    t.keys("Enter")
    t.wait_for(r"--epochs 3")
    t.keys("Esc", "2")
    t.wait_for("mlp")
    t.keys("6")
    t.wait_for("The next step is K")
    t.keys("p")
    t.wait_for("press I to start one")


@case("an identity, whose passphrase must be typed twice alike")
def _():
    t = known["terminal"]
    t.keys("K")
    t.wait_for("Passphrase for a new identity")
    passphrase(t)
    t.wait_for("once more")
    t.type("another one altogether")
    t.keys("Enter")
    t.wait_for("the two passphrases differ")
    t.refuse("the next step is I")
    t.keys("K")
    t.wait_for("Passphrase for a new identity")
    passphrase(t)
    t.wait_for("once more")
    passphrase(t)
    t.wait_for("the next step is I", LONG)
    t.refuse(PASSPHRASE)


@case("a chain, with its parameters in a form")
def _():
    t = known["terminal"]
    t.keys("I")
    t.wait_for("chain init: start a chain")
    t.wait_for("Supply")
    t.keys("g")
    while not re.search(r"▸ +Supply", t.snapshot()):
        before = t.snapshot()
        t.keys("j")
        t.until(lambda: t.snapshot() != before, "the cursor to move")
    t.keys("Enter")
    t.wait_for("Supply: tokens in all")
    t.type("500000")
    t.keys("Enter")
    t.wait_for("= chain init --supply 500000")
    t.keys("r")
    t.wait_for(r"height 0\b.*supply 500,000", LONG)
    check(status()["totals"]["supply"] == 500000, "%r" % status()["totals"])


@case("the task, with the recipe of the Train screen; Enter and another word sign nothing")
def _():
    t = known["terminal"]
    t.keys("t")
    t.wait_for("= chain task --epochs 3")
    t.keys("r")
    word = shown_word(t)
    t.wait_for("task: ")
    read_to_the_end(t)
    t.keys("Enter")
    t.type("yes-please")
    t.keys("Enter")
    t.wait_for("that is not the word")
    check(not status()["pool"], "something was signed by a wrong word")
    for _ in range(len("yes-please")):
        t.keys("Backspace")
    t.type(word)
    t.keys("Enter")
    t.wait_for("Passphrase of main")
    passphrase(t)
    t.wait_for(r"Waiting 1", LONG)
    seal(t, 1)
    check(len(status()["tasks"]) == 1, "no task")


@case("a claim: trained, drafted, announced and claimed behind a block")
def _():
    t = known["terminal"]
    t.keys("p")
    t.wait_for("= chain propose ")
    t.keys("r")
    unlock(t)
    t.wait_for("that are signed together", LONG)
    confirm(t)
    t.wait_for(r"Waiting 1", LONG)
    t.wait_for("announced")
    seal(t, 3)
    t.wait_for("claimed")
    known["proposal"] = status()["proposals"][0]["proposal"]


@case("the page about it says whose turn it is; the re-run commits, opens and reveals")
def _():
    t = known["terminal"]
    t.keys("Enter")
    t.wait_for("Its life")
    t.wait_for(r"your turn: claimed, 0 committed")
    t.wait_for(r"directions out of fold: \d+ of \d+")
    t.keys("c")
    unlock(t)
    confirm(t)
    t.wait_for(r"verified, 0 of 1 approvals", LONG)
    t.keys("G")
    t.wait_for(r"\d+ above$")
    t.wait_for("morphsmith-recipe")
    t.keys("g")
    t.wait_for("Its life")
    one = status()["proposals"][0]
    check(one["verified"] and one["attests"][0]["self"] and one["attests"][0]["matches"], "%r" % one)


@case("an approval, re-run here first, with a wrong word before the right one")
def _():
    t = known["terminal"]
    t.keys("a")
    t.wait_for("Approve this proposal")
    t.keys("Enter")
    t.wait_for("Reason, which is signed and public")
    t.keys("Enter")
    shown_word(t)
    t.wait_for("re-run here: the same bits")
    read_to_the_end(t)
    t.type("wrong-word")
    t.keys("Enter")
    t.wait_for("that is not the word")
    check(not status()["pool"], "something was signed")
    t.keys("Esc")
    t.wait_gone("to go on:")
    check(not status()["pool"], "Esc signed something")
    t.keys("a")
    t.wait_for("Approve this proposal")
    t.keys("Enter", "Enter")
    confirm(t)
    t.wait_for(r"Waiting 1", LONG)
    height = status()["height"] + 1
    seal(t, height)
    t.wait_for(r"accepted")
    one = status()["proposals"][0]
    check(one["state"] == "accepted" and one["decisions"][0]["matches"], "%r" % one)


@case("a receipt of the approval, written, listed, read and checked; a changed byte is found")
def _():
    t = known["terminal"]
    t.keys("w")
    t.wait_for(r"A receipt of")
    t.wait_for(r"▸ +approve [0-9a-f]{16}")
    t.keys("Enter")
    t.wait_for("File for the receipt")
    t.keys("Enter")
    t.wait_for("the receipt is in", LONG)
    path = os.path.join(FOLDER, "ws", "receipts", os.listdir(os.path.join(FOLDER, "ws", "receipts"))[0])
    check("approve" in morphsmith("chain", "check-receipt", path), "the command reads another thing")
    t.keys("Z", "Z", "Z", "Z")
    t.wait_for(r"\[Receipts 1\]")
    t.wait_for(r"approve \(self\)")
    t.keys("Enter")
    t.wait_for("The receipt is good")
    t.keys("Esc")
    t.wait_gone("The receipt is good")
    t.keys("W")
    t.wait_for("Receipt to be checked")
    t.keys("Enter")
    t.wait_for("A block that you know")
    t.keys("Enter")
    t.wait_for("The receipt is good", LONG)
    t.keys("Esc")
    t.wait_gone("The receipt is good")
    read = json.loads(morphsmith("chain", "check-receipt", path, "--json"))
    for block, says in (("%d:%s" % (read["height"], read["block"]), "The receipt is good"),
                        ("%d:%s" % (read["height"], "0" * 64), "check-receipt.* failed")):
        t.keys("W")
        t.wait_for("Receipt to be checked")
        t.keys("Enter")
        t.wait_for("A block that you know")
        t.type(block)
        t.keys("Enter")
        t.wait_for(says, LONG)
        if "good" in says:
            t.keys("Esc")
            t.wait_gone("The receipt is good")
    with open(path, "r+b") as f:
        f.seek(-100, os.SEEK_END)
        byte = f.read(1)
        f.seek(-100, os.SEEK_END)
        f.write(bytes([byte[0] ^ 1]))
    t.keys("W")
    t.wait_for("Receipt to be checked")
    t.keys("Enter")
    t.wait_for("A block that you know")
    t.keys("Enter")
    t.wait_for("check-receipt.* failed", LONG)
    t.keys("v", "v", "v", "v")
    t.wait_for(r"\[Proposal \w+\]")


@case("the chain as a file")
def _():
    t = known["terminal"]
    t.keys("d")
    t.wait_for("a line of JSON a block")
    t.keys("Enter")
    t.wait_for(r"\d+ blocks are in chain.jsonl", LONG)
    with open(os.path.join(FOLDER, "chain.jsonl"), encoding="utf-8") as f:
        heights = [json.loads(line)["height"] for line in f]
    check(heights == list(range(status()["height"] + 1)), "%r" % heights)


@case("everything is explained with today's numbers")
def _():
    t = known["terminal"]
    t.keys("g", "e")
    t.wait_for(r"\d+ / \d+ = \d+\.\d+ %")
    t.keys("Esc")
    t.wait_gone("Esc closes")
    t.keys("Esc")
    t.wait_for(r"\[Proposals 1\]")


@case("a second claim is rejected with a reason")
def _():
    t = known["terminal"]
    morphsmith("morph", "mlp", "widen", "--node", "d1", "--set", "by=4")
    wide = json.loads(morphsmith("arch", "list", "--json"))["arches"][-1]["arch"]
    t.keys("2")
    t.wait_for("mlp")
    t.keys("6", "p")
    t.wait_for("= chain propose ")
    while not re.search(r"▸ +Network", t.snapshot()):
        t.keys("k")
    t.keys("Enter")
    t.wait_for("Which network")
    t.keys("Enter")  # the newest
    t.wait_for("= chain propose %s" % wide[:12])
    t.keys("r")
    unlock(t)
    confirm(t)
    t.wait_for(r"Waiting 1", LONG)
    seal(t, status()["height"] + 1)
    t.keys("G", "Enter")
    t.wait_for("your turn: claimed, 0 committed")
    t.wait_for("against its parent", LONG)
    t.keys("c")
    unlock(t)
    confirm(t)
    t.wait_for(r"verified, 0 of 1 approvals", LONG)
    t.keys("x")
    t.wait_for("Reject this proposal")
    t.keys("Enter")
    t.wait_for("Reason for rejecting it")
    t.keys("Enter")
    t.wait_for("a rejection needs a reason")
    t.keys("x")
    t.wait_for("Reject this proposal")
    t.keys("Enter")
    t.wait_for("Reason for rejecting it")
    t.type("one fold carries it all")
    t.keys("Enter")
    shown_word(t)
    t.wait_for("one fold carries it all")
    confirm(t)
    t.wait_for(r"Waiting 1", LONG)
    seal(t, status()["height"] + 1)
    t.wait_for("rejected")
    check([p["state"] for p in status()["proposals"]] == ["accepted", "rejected"], "%r" % status()["proposals"])


def account(address):
    return [a for a in status()["accounts"] if a["address"] == address][0]


def amount(t, key, title, text):
    t.keys(key)
    t.wait_for(title)
    t.keys("C-u")
    t.type(text)
    t.keys("Enter")


@case("tokens: staked, taken out, and sent by a form to an identity that is chosen from a list")
def _():
    t = known["terminal"]
    me = json.loads(morphsmith("key", "show", "--json"))["address"]
    before = account(me)
    t.keys("Esc")
    t.wait_for(r"\[Proposals 2\]")
    amount(t, "s", "Tokens to stake", "nonsense")
    t.wait_for("chain stake.* (failed|refused)|not nonsense|amount", LONG)
    amount(t, "s", "Tokens to stake", "3000")
    shown_word(t)
    t.wait_for(r"amount to lock +3,000 units")
    confirm(t)
    t.wait_for(r"Waiting 1", LONG)
    amount(t, "S", "Tokens to take out of the stake", "1000")
    shown_word(t)
    t.wait_for(r"1,000 units")
    confirm(t)
    t.wait_for(r"Waiting 2", LONG)
    t.keys("m")
    t.wait_for("chain transfer: send tokens")
    t.keys("r")
    t.wait_for("To is missing")
    t.keys("Enter")
    t.wait_for("Which one")
    t.keys("g")
    t.wait_for("▸ +another one")
    t.keys("Enter")
    t.wait_for("To: ")
    t.type(known["friend"])
    t.keys("Enter")
    t.wait_for("= chain transfer %s|needed" % known["friend"][:20])
    t.keys("j", "Enter")
    t.wait_for("Tokens: ")
    t.type("250")
    t.keys("Enter")
    t.wait_for(r"▸ +Tokens +250")
    t.keys("r")
    shown_word(t)
    t.wait_for(known["friend"])
    confirm(t)
    t.wait_for(r"Waiting 3", LONG)
    seal(t, status()["height"] + 1)
    after = account(me)
    check(account(known["friend"])["balance"] == 250, "%r" % account(known["friend"]))
    check(after["stake"] == before["stake"] + 2000, "%r %r" % (before, after))
    check(before["balance"] - after["balance"] == 3000 + 250 + 3, "%r %r" % (before, after))  # and three fees of 1


@case("the hold-out, told to the chain; its evidence on the screen and by command")
def _():
    t = known["terminal"]
    opened = json.loads(morphsmith("holdout", "open", "mlp", "--json"))["chosen"]
    t.keys("H")
    t.wait_for("chain holdout: ")
    t.keys("r")
    shown_word(t)
    confirm(t)
    t.wait_for(r"Waiting 1", LONG)
    seal(t, status()["height"] + 1)
    t.keys("v", "v")
    t.wait_for(r"\[Tasks 1\]")
    t.wait_for(r"%d of %d right, says" % (opened["correct"], opened["total"]))
    t.keys("Enter")
    t.wait_for("The sealed hold-out")
    while "morphsmith-holdout 1" not in t.snapshot():
        before = t.snapshot()
        t.keys("PgDn")
        t.until(lambda: t.snapshot() != before, "more of the page")
    t.wait_for(r"correct %d of %d" % (opened["correct"], opened["total"]))
    t.keys("Esc")
    t.wait_gone("morphsmith-holdout 1")
    said = morphsmith("chain", "show", status()["tasks"][0]["task"][:10])
    check("correct %d of %d" % (opened["correct"], opened["total"]) in said and "PROBLEMS" not in said, said)
    evidence = status()["holdouts"][0]["evidence_hash"]
    path = os.path.join(FOLDER, "ws", "chain", "objects", evidence)
    with open(path, "ab") as f:
        f.write(b"more\n")
    said = morphsmith("chain", "show", status()["tasks"][0]["task"][:10])
    check("PROBLEMS" in said, said)
    with open(path, "rb+") as f:
        f.truncate(os.path.getsize(path) - 5)


@case("V verifies from genesis, R re-trains what was accepted")
def _():
    t = known["terminal"]
    t.keys("V")
    t.wait_for(r"verified from genesis: \d+ blocks, \d+ signatures", LONG)
    t.keys("R")
    t.wait_for(r"\d+ claims re-trained to the same bits", LONG)


@case("every view has a cursor and something to say; it ends well")
def _():
    t = known["terminal"]
    t.keys("Esc")
    t.wait_for(r"\[Proposals 2\]")
    for view in (r"Proposal \w+", "Tasks 1", "Identities 2", r"Blocks \d+", "Waiting 0", r"Receipts \d", "Market 0", "Tournament 0",
                 "Proposals 2"):
        t.keys("v")
        t.wait_for(r"\[%s" % view)
    t.keys("q")
    check(t.status() == 0, "it did not end well")
    t.close()


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
