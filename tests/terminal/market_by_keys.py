"""What strangers do with each other, by keys: joining a chain without the task's files and working on it all the same, buying,
fetching, selling, delivering, a job taken and handed in, a prediction sealed and shown, a voting key of its own registered.

bob sits at the workbench; ann, who owns the task, is commands and a following in the background. The clock stands still
while they trade, and moves on by a bar before the prediction is judged.
"""

import calendar
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
PROGRAM = os.path.abspath(os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith"))
LIAR = os.path.join(os.path.dirname(PROGRAM), "samples", "liar")
LONG = 120
PASSPHRASE, OTHER = "demo", "another passphrase"

harness.required()

FOLDER = tempfile.mkdtemp(prefix="morphsmith-trade-")
SHARE = os.path.join(FOLDER, "share")
known = Given()
BRIEF = {"Proposals": "Prop", "Market": "Mkt", "Tournament": "Tourn", "Identities": "Ids"}  # where not all views fit by name
clock = [0]
running = []


def env(who):
    return {"HOME": FOLDER, "XDG_DATA_HOME": os.path.join(FOLDER, who), "MORPHSMITH_CLOCK": str(clock[0])}


def words(who, *arguments):
    return [PROGRAM, "-w", who + ".ws", *[str(a) for a in arguments], "--json"]


def ask(who, *arguments, sign=None):
    """The last JSON value."""
    given = ["--passphrase-fd", "0"] if sign else []
    done = subprocess.run(words(who, *arguments) + given, cwd=FOLDER, env={**os.environ, **env(who)}, input=(sign or "") + "\n",
                          text=True, capture_output=True, timeout=LONG)
    check(done.returncode == 0, "%s %s: %d\n%s" % (who, arguments, done.returncode, done.stderr))
    decoder, at, value, text = json.JSONDecoder(), 0, None, done.stdout.strip()
    while at < len(text):
        value, end = decoder.raw_decode(text[at:])
        at += end
        at += len(text[at:]) - len(text[at:].lstrip())
    return value


def sign(who, *arguments):
    return ask(who, *arguments, sign=PASSPHRASE)


def soon(what, said):
    until = time.monotonic() + harness.LIMIT_SECONDS
    while not what():
        check(time.monotonic() < until, "waited in vain until " + said)
        time.sleep(0.05)


def state_of(who, list_, id_):
    """Of a listing or a job, in a sealed block of the pool's."""
    name = {"listings": "listing", "jobs": "job"}[list_]
    return [one["state"] for one in ask(who, "chain", list_)[list_] if one[name] == id_]


def balance(who):
    return [a for a in ask(who, "chain", "status")["accounts"] if a["address"] == known[who]["address"]][0]["balance"]


def follow_as_ann():
    p = subprocess.Popen(words("ann", "chain", "follow", "share", "--publish", "share/ann", "--key", "ann", "--every", "0.1",
                               "--timeout", "3", "--idle", "100000", "--for", "900", "--passphrase-fd", "0"),
                         cwd=FOLDER, env={**os.environ, **env("ann")}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    p.stdin.write(PASSPHRASE.encode() + b"\n")
    p.stdin.close()
    running.append(p)


def market(bars):
    """Bars as a file, and when the last one is over."""
    with open(os.path.join(FOLDER, "all.csv"), encoding="utf-8") as f:
        lines = f.read().splitlines(True)
    with open(os.path.join(FOLDER, "bars.csv"), "w", encoding="utf-8") as f:
        f.writelines(lines[:bars + 1])
    with open(os.path.join(FOLDER, "next.csv"), "w", encoding="utf-8") as f:
        f.writelines(lines[:1] + lines[bars + 1:bars + 2])
    return [calendar.timegm(time.strptime(line.split(",")[0], "%Y-%m-%dT%H:%M:%SZ")) for line in (lines[bars], lines[bars + 1])]


def prepare():
    subprocess.run([PROGRAM, "synth", "planted", "--seed", "3", "--bars", "300", "all.csv"], cwd=FOLDER, check=True,
                   stdout=subprocess.DEVNULL)
    ends = market(280)
    clock[0], known["over"] = ends[0] + 30, ends[1] + 30
    os.mkdir(SHARE)
    lines = ["morphsmith-genesis 1", "name trade", "time %s" % time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(clock[0] - 3600)),
             "supply 300000"]
    lines += ["%s_seconds 0" % w for w in ("unbonding", "expiry", "commit", "reveal", "dispute")]
    for who in ("ann", "bob"):
        os.makedirs(os.path.join(FOLDER, who, "morphsmith", "keys"), 0o700)
        subprocess.run([LIAR, "key", who], cwd=FOLDER, env={**os.environ, **env(who)}, check=True)
        subprocess.run([PROGRAM, "init", who + ".ws"], cwd=FOLDER, env={**os.environ, **env(who)}, check=True,
                       stdout=subprocess.DEVNULL)
        key = known[who] = ask(who, "key", "show")
        lines += ["holder %s 100000" % key["public_key"], "validator %s %s 50000" % (2 * (key["public_key"],))]
    with open(os.path.join(FOLDER, "genesis.txt"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    ask("ann", "chain", "init", "--genesis", "genesis.txt")
    ask("ann", "data", "add", "bars.csv", "--asset", "btc")
    ask("ann", "task", "set", "--asset", "btc", "--lookback", "8", "--folds", "2", "--features", "log_return")
    known["arch"] = ask("ann", "arch", "new", "mlp", "--width", "4")["arch"]
    known["model"] = ask("ann", "train", known["arch"], "--epochs", "2")["model"]
    known["task"] = sign("ann", "chain", "task", "--pool", "1000", "--epochs", "2")["task"]
    known["listing"] = sign("ann", "chain", "list", known["model"], "--price", "300", "--title", "a small network")["listing"]
    known["job"] = sign("ann", "chain", "job", known["arch"], "--pay", "500", "--deposit", "50")["job"]
    follow_as_ann()


def start():
    t = known["terminal"] = harness.Terminal([PROGRAM, "-w", "bob.ws"], size=(132, 43), env=env("bob"), cwd=FOLDER)
    t.wait_for("1 Data")
    t.keys("6")
    return t


def type_over(t, title, text):
    t.wait_for(title)
    t.keys("C-u")
    t.type(text)
    t.keys("Enter")


def cursors(t):
    """The rows with a cursor: what else is on the screen ticks."""
    return [re.sub(r"\d+(\.\d+)? s\b", "", line) for line in t.snapshot().split("\n") if "▸" in line]


def row(t, name):
    """Puts the cursor on a row, downwards, round from the top."""
    for key in 40 * ["j"]:
        before = cursors(t)
        if re.search(r"▸ +%s" % name, "\n".join(before)):
            return
        t.keys(key)
        end = time.monotonic() + 1  # at the last row nothing changes
        while cursors(t) == before and time.monotonic() < end:
            time.sleep(0.02)
        if cursors(t) == before:
            t.keys("g")
    check(False, "no row %s:\n%s" % (name, t.snapshot()))


def fill(t, name, value):
    row(t, name)
    t.keys("Enter")
    type_over(t, name + ": ", value)
    t.wait_for(re.escape(value))


def view(t, name):
    t.keys("J")
    t.wait_for("Go to")
    row(t, name)
    t.keys("Enter")
    t.wait_for(r"\[(%s|%s)" % (name, BRIEF.get(name, name)))


def confirm(t, passphrases=()):
    """Whatever is asked on the way; the passphrases that were typed before are kept."""
    word = t.wait_for(r"Type ([a-z]+-[a-z]+) to go on", LONG).group(1)
    while "more below" in t.snapshot():
        t.keys("PgDn")
    t.type(word)
    t.keys("Enter")
    t.wait_gone(r"Type [a-z]+-[a-z]+ to go on")
    for name, passphrase in passphrases:
        t.wait_for("Passphrase of " + name)
        t.type(passphrase)
        t.keys("Enter")


def follow(t, key):
    view(t, "Votes")
    t.keys("f")
    t.wait_for("chain follow: ")
    fill(t, "Folder of the others", SHARE)
    fill(t, "Publish", os.path.join(SHARE, "bob"))
    row(t, "Voting key")
    t.keys("Enter")
    t.wait_for("Which one")
    row(t, key)
    t.keys("Enter")
    fill(t, "Every", "0.1")
    t.keys("r")
    t.wait_for("Passphrase of %s, which votes" % key)
    t.type(OTHER if key == "vote" else PASSPHRASE)
    t.keys("Enter")
    t.wait_for(r"following for ", LONG)


prepare()


@case("a chain is joined from a folder, and followed with the voting key")
def _():
    t = start()
    t.wait_for("joins the chain of others")
    t.keys("J")
    t.wait_for("chain join: ")
    t.keys("Enter")
    type_over(t, "Folder of the others", SHARE)
    t.wait_for("= chain join ")
    t.keys("r")
    t.wait_for(r"trade  height \d", LONG)
    follow(t, "bob")
    t.wait_for(r"height [1-9]\d*\b.*supply", LONG)


@case("w sets the task up whose files were never seen here, with its recipe")
def _():
    t = known["terminal"]
    view(t, "Proposals")
    t.wait_for("No task is in force in this workspace")
    view(t, "Tasks")
    t.keys("w")
    t.wait_for(r"in force: \d+ samples", LONG)
    mine, theirs = ask("bob", "task", "show"), ask("ann", "task", "show")
    same((mine["task"], mine["samples"], mine["text"]), (theirs["task"], theirs["samples"], theirs["text"]), "the task")
    same([s["asset"] for s in ask("bob", "data", "list")["series"]], ["btc"], "the series")
    t.keys("5", "o")
    t.wait_for(r"[Ee]pochs +2\b")
    t.keys("Esc", "6")


@case("B buys, D of the seller opens the key, f fetches what predicts the same")
def _():
    t = known["terminal"]
    view(t, "Market")
    t.wait_for("buys it: the price is held")
    t.keys("D")
    t.wait_for("it is open: what was bought, and is not delivered yet, is delivered")
    t.keys("B")
    confirm(t, [("bob", PASSPHRASE)])
    t.wait_for("a small network.*bought", LONG)
    soon(lambda: state_of("ann", "listings", known["listing"]) == ["bought"], "ann knows that it is bought")
    before = balance("ann")
    sign("ann", "chain", "deliver", known["listing"])
    t.wait_for("fetches it: takes the model", LONG)
    soon(lambda: balance("ann") == before + 299, "ann was paid")
    t.keys("f")
    t.wait_for("chain fetch: ")
    t.keys("r")
    t.wait_for(r"model %s is here" % known["model"][:12], LONG)
    t.wait_for("shows what it predicts")
    mine, theirs = (ask(who, "predict", known["model"])["assets"] for who in ("bob", "ann"))
    same(mine, theirs, "predictions")
    check(mine[0]["predictions"] > 200, "%r" % mine)


@case("A sells the model at hand, D delivers it once it was bought, U takes another offer back")
def _():
    t = known["terminal"]
    t.keys("A")
    t.wait_for("chain list: ")
    t.wait_for(known["model"][:12])  # the newest of this task, by itself
    t.keys("r")
    t.wait_for("--price N is needed", LONG)
    fill(t, "Price", "40")
    fill(t, "Title", "sold on")
    t.keys("r")
    confirm(t)
    t.wait_for(r"sold on +40 +open", LONG)
    own = [l["listing"] for l in ask("bob", "chain", "listings")["listings"] if l["title"] == "sold on"][0]
    soon(lambda: state_of("ann", "listings", own) == ["open"], "ann knows the offer")
    row(t, own[:12])
    t.keys("B")
    t.wait_for("nobody buys what they sell")
    sign("ann", "chain", "buy", own)
    t.wait_for("delivers: shows the key", LONG)
    t.keys("D")
    confirm(t)
    soon(lambda: state_of("ann", "listings", own) == ["delivered"], "ann has the key")
    t.wait_for(r"sold on +40 +delivered", LONG)
    t.keys("A")
    fill(t, "Price", "7")
    fill(t, "Title", "thought better")
    t.keys("r")
    confirm(t)
    t.wait_for(r"thought better +7 +open", LONG)
    row(t, [l["listing"] for l in ask("bob", "chain", "listings")["listings"] if l["title"] == "thought better"][0][:12])
    t.keys("U")
    confirm(t)
    t.wait_for(r"thought better +7 +withdrawn", LONG)


@case("U takes the price back when what was bought did not come in time")
def _():
    t = known["terminal"]
    offer = sign("ann", "chain", "list", known["model"], "--price", "60", "--deliver-blocks", "2", "--title", "never comes")["listing"]
    t.wait_for(r"never comes +60 +open", LONG)
    row(t, offer[:12])
    t.keys("B")
    confirm(t)
    t.wait_for(r"never comes +60 +bought", LONG)
    t.keys("U")
    t.wait_for("the seller still has time to deliver")
    while not [l for l in ask("bob", "chain", "listings")["listings"] if l["listing"] == offer][0]["late"]:
        height = ask("bob", "chain", "status")["height"]
        sign("ann", "chain", "transfer", known["bob"]["address"], 1)
        soon(lambda: ask("bob", "chain", "status")["height"] > height, "another block")
    t.wait_for("takes it back: the offer, or the price", LONG)
    t.keys("U")
    confirm(t)
    t.wait_for(r"never comes +60 +refunded", LONG)
    soon(lambda: state_of("ann", "listings", offer) == ["refunded"], "ann knows that the price went back")


@case("T takes a job, D trains it and hands the result in")
def _():
    t = known["terminal"]
    view(t, "Jobs")
    t.keys("D")
    t.wait_for("it is open: T takes an open one; the result follows")
    t.keys("T")
    confirm(t)
    t.wait_for("trains it and hands in the result", LONG)
    soon(lambda: state_of("ann", "jobs", known["job"]) == ["taken"], "ann knows who took it")
    t.keys("D")
    confirm(t)
    t.wait_for("delivered; ", LONG)
    soon(lambda: [j["stage"][:9] for j in ask("ann", "chain", "jobs")["jobs"]] == ["delivered"], "ann has the result")


@case("A seals a prediction of a bar that does not exist yet")
def _():
    t = known["terminal"]
    view(t, "Tournament")
    t.wait_for("Nothing was predicted yet")
    t.keys("D")
    t.wait_for("nothing was sealed by this identity")
    t.keys("A")
    t.wait_for("chain seal-prediction: ")
    t.keys("r")
    confirm(t)
    t.wait_for(r"0 of 1", LONG)
    soon(lambda: sum(len(k["seals"]) for k in ask("ann", "chain", "leaderboard")["tasks"]) == 1, "ann has the seal")
    for who in ("ann", "bob"):  # in a block: of one that holds the outcome, too, it would count for nothing
        soon(lambda: ask(who, "chain", "status")["pool"] == [], "the seal is in a block of " + who)
    t.keys("q")
    t.wait_for("cancel them and leave")
    t.keys("j", "Enter")
    same(t.status(), 0, "status")
    t.close()


def owner_tells():
    """T in the owner's own workbench."""
    t = harness.Terminal([PROGRAM, "-w", "ann.ws"], size=(132, 43), env=env("ann"), cwd=FOLDER)
    try:
        t.wait_for("1 Data")
        t.keys("6")
        t.wait_for(r"trade  height \d")
        view(t, "Tournament")
        t.keys("T")
        t.wait_for("chain outcome: ")
        fill(t, "File", "next.csv")
        t.keys("r")
        confirm(t, [("ann", PASSPHRASE)])
        soon(lambda: "outcome" in json.dumps(ask("ann", "chain", "status")["pool"]), "the outcome waits for a block")
        t.keys("q")
        same(t.status(), 0, "status")
    finally:
        t.close()


@case("once the owner has told the bar, D shows the prediction, and the leaderboard counts it")
def _():
    running[0].terminate()
    running[0].wait()
    clock[0] = known["over"]
    owner_tells()
    follow_as_ann()
    t = start()
    t.wait_for(r"trade  height \d")
    follow(t, "bob")
    view(t, "Tournament")
    t.wait_for("reveals what can be judged now", LONG)
    soon(lambda: ask("ann", "chain", "status")["pool"] == [], "the outcome is in a block")
    height = ask("ann", "chain", "status")["height"]
    soon(lambda: ask("bob", "chain", "status")["height"] >= height, "bob has that block")
    t.keys("D")
    t.wait_for("chain reveal-prediction: ")
    t.keys("r")
    t.wait_for("Passphrase of bob")  # the workbench is another one
    t.type(PASSPHRASE)
    t.keys("Enter")
    confirm(t)
    t.wait_for(r"[01] of 1 +1 of 1", LONG)
    soon(lambda: [r["revealed"] for k in ask("ann", "chain", "leaderboard")["tasks"] for r in k["rows"]] == [1], "ann has it, too")
    got = ask("ann", "chain", "leaderboard")["tasks"][0]
    check(got["seals"][0]["right"] in (0, 1) and got["bars"] == 1, json.dumps(got))


@case("U retires; A registers anew with another identity's voting key, which asks for both passphrases")
def _():
    t = known["terminal"]
    view(t, "Votes")
    t.keys("U")
    confirm(t)
    soon(lambda: [v["address"] for v in ask("ann", "chain", "votes")["validators"]] == [known["ann"]["address"]], "bob has left")
    t.wait_for(r"\[Votes 1\]", LONG)
    ask("bob", "key", "new", "--name", "vote", sign=OTHER)
    view(t, "Identities")
    row(t, "bob")
    t.keys("Enter")
    t.wait_for("bob signs from now on")
    view(t, "Votes")
    t.keys("A")
    t.wait_for("chain register: ")
    row(t, "Voting key")
    t.keys("Enter")
    t.wait_for("Which one")
    row(t, "vote")
    t.keys("Enter")
    t.wait_for("--voting vote")
    t.keys("r")
    t.wait_for("Passphrase of vote, the voting key")
    t.type("wrong")
    t.keys("Enter")
    t.wait_for("passphrase", LONG)
    t.wait_for("chain register failed", LONG)
    t.keys("r")
    t.wait_for("Passphrase of vote, the voting key")
    t.type(OTHER)
    t.keys("Enter")
    if "Passphrase of bob" in t.snapshot():
        t.type(PASSPHRASE)
        t.keys("Enter")
    confirm(t)
    voting = ask("bob", "key", "show", "vote")["public_key"]
    soon(lambda: voting in [v["voting_key"] for v in ask("ann", "chain", "votes")["validators"]], "the new key may vote")


@case("f stops the following and begins it with the new voting key: no block comes without it")
def _():
    t = known["terminal"]
    view(t, "Votes")
    t.wait_for("f stops it")
    t.keys("f")
    t.wait_for("f starts it", LONG)
    height = ask("ann", "chain", "status")["height"]
    sign("ann", "chain", "transfer", known["bob"]["address"], 2)
    follow(t, "vote")
    soon(lambda: ask("ann", "chain", "status")["height"] > height, "a block that both have voted for")
    check("f stops it" in t.snapshot(), t.snapshot())


try:
    run()
finally:
    for p in running:
        p.terminate()
        p.wait()
    if "terminal" in known:
        known["terminal"].close()
    shutil.rmtree(FOLDER, ignore_errors=True)
