"""A chain for many by keys: joined from a folder, followed inside the workbench with a voting key, votes and blocks seen as they
come, a transaction of one's own sealed by both, following stopped and begun again."""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import harness
from tap import Given, case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
LIAR = os.path.join(os.path.dirname(PROGRAM), "samples", "liar")
LONG = 120
PASSPHRASE = "demo"

harness.required()

FOLDER = tempfile.mkdtemp(prefix="morphsmith-many-")
known = Given()


def env(who):
    return {"HOME": FOLDER, "XDG_DATA_HOME": os.path.join(FOLDER, who)}


def morphsmith(who, *arguments, sign=False):
    given = ["--passphrase-fd", "0"] if sign else []
    done = subprocess.run([PROGRAM, "-w", who + ".ws", *arguments, *given, "--json"], cwd=FOLDER, env={**os.environ, **env(who)},
                          input=PASSPHRASE + "\n", text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == 0, "%s %s: %d\n%s" % (who, arguments, done.returncode, done.stderr))
    return json.loads(done.stdout) if done.stdout else None


def key(who):
    """Quickly opened ones: what a passphrase costs is tried elsewhere."""
    os.makedirs(os.path.join(FOLDER, who, "morphsmith", "keys"), 0o700)
    subprocess.run([LIAR, "key", who], cwd=FOLDER, env={**os.environ, **env(who)}, check=True)
    subprocess.run([PROGRAM, "init", who + ".ws"], cwd=FOLDER, env={**os.environ, **env(who)}, check=True,
                   stdout=subprocess.DEVNULL)
    known[who] = morphsmith(who, "key", "show")


def genesis():
    lines = ["morphsmith-genesis 1", "name pair", "supply 3000", "commit_seconds 0", "reveal_seconds 0"]
    for who in ("ann", "bob"):
        lines += ["holder %s 1000" % known[who]["public_key"], "validator %s %s 500" % (2 * (known[who]["public_key"],))]
    with open(os.path.join(FOLDER, "genesis.txt"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


def prepare():
    for who in ("ann", "bob"):
        key(who)
    genesis()
    morphsmith("ann", "chain", "init", "--genesis", "genesis.txt")
    os.mkdir(os.path.join(FOLDER, "share"))
    known["follow"] = subprocess.Popen(
        [PROGRAM, "-w", "ann.ws", "chain", "follow", "share", "--publish", "share/ann", "--key", "ann", "--every", "0.1",
         "--timeout", "3", "--idle", "100000", "--for", "600", "--json", "--passphrase-fd", "0"],
        cwd=FOLDER, env={**os.environ, **env("ann")}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    known["follow"].stdin.write(PASSPHRASE.encode() + b"\n")
    known["follow"].stdin.close()


def type_over(t, title, text):
    t.wait_for(title)
    t.keys("C-u")
    t.type(text)
    t.keys("Enter")


def row(t, name):
    while not re.search(r"▸ +%s" % name, t.snapshot()):
        before = t.snapshot()
        t.keys("j")
        t.until(lambda: t.snapshot() != before, "the cursor to move")


def confirm(t):
    word = t.wait_for(r"Type ([a-z]+-[a-z]+) to go on", LONG).group(1)
    while "more below" in t.snapshot():
        t.keys("PgDn")
    t.type(word)
    t.keys("Enter")
    t.wait_gone(r"Type [a-z]+-[a-z]+ to go on")
    if "Passphrase of" in t.snapshot():
        t.type(PASSPHRASE)
        t.keys("Enter")


prepare()


@case("J joins the chain of others, from their folder")
def _():
    t = known["terminal"] = harness.Terminal([PROGRAM, "-w", "bob.ws"], size=(132, 43), env=env("bob"), cwd=FOLDER)
    t.wait_for("1 Data")
    t.keys("6")
    t.wait_for("There is an identity")
    t.keys("J")
    t.wait_for("chain join: ")
    t.keys("Enter")
    type_over(t, "Folder of the others", os.path.join(FOLDER, "share"))
    t.wait_for("= chain join ")
    t.keys("r")
    t.wait_for(r"pair  height 0\b", LONG)


@case("J goes to a view; the votes say whose turn it is, and what is needed")
def _():
    t = known["terminal"]
    t.keys("J")
    t.wait_for("Go to")
    while not re.search(r"▸ Votes", t.snapshot()):
        before = t.snapshot()
        t.keys("j")
        t.until(lambda: t.snapshot() != before, "the cursor to move")
    t.keys("Enter")
    t.wait_for(r"\[Votes 2\]")
    t.wait_for("nothing waits for a block")
    t.wait_for(r"0 of 667, 667 more")


@case("f follows with the voting key, which both are needed for; a transfer by form becomes a block")
def _():
    t = known["terminal"]
    t.keys("f")
    t.wait_for("chain follow: ")
    t.keys("g", "Enter")
    type_over(t, "Folder of the others", os.path.join(FOLDER, "share"))
    row(t, "Publish")
    t.keys("Enter")
    type_over(t, "Publish", os.path.join(FOLDER, "share", "bob"))
    row(t, "Voting key")
    t.keys("Enter")
    t.wait_for("Which one")
    t.wait_for("▸ bob")
    t.keys("Enter")
    row(t, "Every")
    t.keys("Enter")
    type_over(t, "Every", "0.1")
    t.wait_for("--every 0.1")
    t.keys("r")
    t.wait_for("Passphrase of bob, which votes from now on without asking")
    t.type(PASSPHRASE)
    t.keys("Enter")
    t.wait_for(r"following for .*: 0 blocks, 0 votes signed", LONG)
    sent = morphsmith("ann", "chain", "transfer", known["bob"]["address"], "7", sign=True)
    t.wait_for(r"height 1\b", LONG)
    t.wait_for(r"balance 1,007", LONG)
    t.wait_for(r"block +(block 1 .* is final|1 block from ann)", LONG)
    t.wait_for(r"following for .*: 1 block, [2-9]\d* votes signed", LONG)
    check(sent["height"] == 1, "%r" % sent)


@case("what is signed here is sealed by both, while the following goes on beside it")
def _():
    t = known["terminal"]
    t.keys("Esc")
    t.wait_for(r"\[Prop\. 0\]")
    t.keys("s")
    type_over(t, "Tokens to stake", "100")
    confirm(t)
    t.wait_for(r"height 2\b", LONG)
    t.wait_for(r"stake 600", LONG)
    soon(lambda: [a["stake"] for a in morphsmith("ann", "chain", "status")["accounts"]
                  if a["address"] == known["bob"]["address"]] == [600], "the other has it, too")


def soon(what, words):
    until = time.monotonic() + LONG
    while not what():
        check(time.monotonic() < until, "waited in vain until " + words)
        time.sleep(0.05)


def published(tx):
    soon(lambda: glob.glob(os.path.join(FOLDER, "share", "ann", "**", tx), recursive=True), "ann has published " + tx)


@case("f again stops it; then the other cannot seal alone, and the screen says whom it waits for")
def _():
    t = known["terminal"]
    t.keys("v", "v", "v", "v", "v", "v", "v")
    t.wait_for(r"\[Votes 2\]")
    t.keys("f")
    t.wait_for("f starts it", LONG)
    sent = morphsmith("ann", "chain", "transfer", known["bob"]["address"], "5", sign=True)["tx"]
    published(sent)  # before: there is nothing to pull
    t.keys("P")
    t.wait_for("chain pull: ")
    t.keys("g", "Enter")
    type_over(t, "Folder of the others", os.path.join(FOLDER, "share"))
    t.keys("r")
    t.wait_for(r"chain pull.*: done", LONG)
    t.wait_for(r"height 3, round \d+: ", LONG)
    t.refuse(r"pair  height 3\b")
    t.keys("f")
    t.wait_for("chain follow: ")
    t.wait_for("--every 0.1")  # as it was started last
    t.keys("r")
    t.wait_for(r"height 3\b.*supply", LONG)
    t.wait_for(r"balance 911", LONG)


@case("it ends well, and takes the following with it")
def _():
    t = known["terminal"]
    t.keys("q")
    t.wait_for("cancel them and leave")
    t.keys("j", "Enter")
    same(t.status(), 0, "status")
    t.close()


try:
    run()
finally:
    known["follow"].terminate()
    known["follow"].wait()
    shutil.rmtree(FOLDER, ignore_errors=True)
