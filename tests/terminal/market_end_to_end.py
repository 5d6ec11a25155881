"""Selling a model, and a tournament of live predictions, on a chain for one that three identities use.

The owner's data end at a moment; what comes behind them comes bar by bar, with the clock. With MORPHSMITH_TEST_DATA the
bars are a real file's, cut in two; else those of the bundled synthetic market.
"""

import calendar
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from tap import Given, case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.path.abspath(os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith"))
FOLDER = tempfile.mkdtemp(prefix="morphsmith-market-")
REAL = os.environ.get("MORPHSMITH_TEST_DATA")
BEHIND = 40
known = Given()
clock = [0]

if REAL:
    SOURCE, PRICE = os.path.join(REAL, "bybit-daily", "BTC_bybit_daily.csv"), "close"
else:
    SOURCE, PRICE = os.path.join(ROOT, "samples", "synthetic_market.csv"), "synthetic_close"


def place(*more):
    return os.path.join(FOLDER, *more)


with open(SOURCE, encoding="utf-8") as f:
    LINES = f.read().splitlines(True)
HEAD, OLD, NEW = LINES[0], LINES[1:-BEHIND], LINES[-BEHIND:]


def moment(line):
    """Seconds at which a row is stamped."""
    cell = line.split(",")[0]
    return int(cell) // 1000 if cell.isdigit() else calendar.timegm(time.strptime(cell, "%Y-%m-%dT%H:%M:%SZ"))


def price(line):
    return float(next(csv.DictReader([HEAD, line]))[PRICE])


STEP = moment(NEW[-1]) - moment(NEW[-2])
OVER = STEP if REAL else 0  # the synthetic market's rows are stamped as their bars close


def over(bar):
    """When bar `bar` behind the task's data is over; 0 is the last one of the data."""
    return moment(LINES[len(LINES) - BEHIND - 1 + bar]) + OVER


def bars_file(name, *lines):
    with open(place(name), "w", encoding="utf-8") as out:
        out.writelines((HEAD,) + lines)
    return place(name)


def call(*words, expect=0, says=None, sign=None, workspace="w"):
    env = {k: v for k, v in os.environ.items() if not k.startswith("MORPHSMITH_") and not k.startswith("XDG_")}
    env.update(HOME=FOLDER, LC_ALL="C.UTF-8", TERM="dumb", MORPHSMITH_CLOCK=str(clock[0]))
    command = [PROGRAM, "-w", place(workspace)] + list(words)
    if sign:
        command = ["sh", "-c", 'exec "$@" 3<"$0"', place("passphrase")] + command + ["--key", sign, "--passphrase-fd", "3"]
    done = subprocess.run(command, env=env, cwd=FOLDER, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          encoding="utf-8", timeout=300)
    same(done.returncode, expect, "status of %s (%s)" % (" ".join(words), done.stderr.strip()[-500:]))
    if says is not None:
        check(says in done.stderr, "%s: no %r in %r" % (" ".join(words), says, done.stderr))
    return done.stdout


def ask(*words, **options):
    return json.loads(call(*words, "--json", **options))


def last(text):
    """The last of several JSON values."""
    decoder, at, value = json.JSONDecoder(), 0, None
    while at < len(text.rstrip()):
        value, end = decoder.raw_decode(text[at:])
        at += end
        at += len(text[at:]) - len(text[at:].lstrip())
    return value


def sign(who, *words, **options):
    if options.get("expect"):
        return call(*words, sign=who, **options)
    return ask(*words, sign=who, **options)


def seal(expected, left=0):
    got = sign("owner", "chain", "seal-block")
    same((got["transactions"], got["left"]), (expected, left), "the block")


def listing(of=None):
    found = [l for l in ask("chain", "listings")["listings"] if l["listing"] == (of or known["listing"])]
    same(len(found), 1, "listings of that id")
    return found[0]


def balance(who):
    return [a for a in ask("chain", "status")["accounts"] if a["address"] == known[who]["address"]][0]["balance"]


def conserved(escrows=None):
    totals = ask("chain", "status")["totals"]
    same(sum(totals[k] for k in ("balances", "stakes", "escrows", "treasury", "burnt")), totals["supply"], "the supply")
    if escrows is not None:
        same(totals["escrows"], escrows, "escrows")


def object_path(hash_):
    return place("w", "chain", "objects", hash_)


@case("a task, two models and a chain with three identities")
def _():
    clock[0] = over(0) + 60
    with open(place("passphrase"), "w", encoding="utf-8") as f:
        f.write("a passphrase of a test\n")
    data = bars_file("bars.csv", *OLD)
    for workspace in ("w", "b"):
        call("init", place(workspace))
        call("data", "add", data, "--asset", "btc", workspace=workspace)
        call("task", "set", "--asset", "btc", "--target", "direction", "--lookback", "8", "--folds", "2", "--features",
             "log_return", workspace=workspace)
    call("arch", "new", "mlp", "--width", "4")
    for seed in ("1", "2"):
        known["model" + seed] = last(call("train", "mlp", "--epochs", "2", "--seed", seed, "--json"))["model"]
    for who in ("owner", "seller", "buyer"):
        env = dict(os.environ, HOME=FOLDER)
        done = subprocess.run(["sh", "-c", 'exec "$@" 3<"$0"', place("passphrase"), PROGRAM, "key", "new", "--name", who, "--json",
                               "--passphrase-fd", "3"], env={k: v for k, v in env.items() if not k.startswith("XDG_")},
                              capture_output=True, text=True, timeout=120)
        same(done.returncode, 0, done.stderr)
        known[who] = json.loads(done.stdout)
    call("chain", "init", "--key", "owner", "--expiry-blocks", "6", "--reveal-blocks", "4")
    known["task"] = sign("owner", "chain", "task", "--pool", "1000")["task"]
    for who in ("seller", "buyer"):
        sign("owner", "chain", "transfer", known[who]["address"], "5000")
    seal(3)
    same(call("chain", "listings").strip(), "nothing is for sale; `chain list` offers a model", "an empty market")
    same(call("chain", "leaderboard").strip(), "nothing was sealed yet; `chain seal-prediction` does", "an empty leaderboard")


# --- the market ------------------------------------------------------------------------------------------------------

@case("a listing is what its draft showed, and its object is encrypted")
def _():
    call("chain", "list", known["model1"], expect=2, says="--price N is needed", sign="seller")
    call("chain", "list", known["model1"], "--price", "0", expect=4, says="a price is 1 to", sign="seller")
    call("chain", "list", known["model1"], "--price", "7", "--title", "x" * 128, expect=2, says="at most 127 bytes", sign="seller")
    call("chain", "list", known["model1"], "--price", "7", "--title", "a\tb", expect=4, says="malformed", sign="seller")
    draft = sign("seller", "chain", "list", known["model1"], "--price", "300", "--draft")
    check("one sale" in draft["show"], draft["show"])
    got = sign("seller", "chain", "list", known["model1"], "--price", "300", "--expect", draft["expect"])
    same(got["tx"], draft["tx"], "the listing")
    known["listing"] = got["listing"]
    seal(1)
    one = listing()
    same((one["state"], one["price"], one["here"], one["bytes"]), ("open", 300, True, got["bytes"] + 48), "the listing")
    with open(object_path(one["object"]), "rb") as f:
        data = f.read()
    same(data[:8], b"MSLISTED", "its object's begin")
    check(b"MSMODEL" not in data and b"MSPARCL" not in data, "the object is readable")
    known["object"] = one["object"]
    call("chain", "fetch", known["listing"], expect=4, says="opens once it is delivered")


@case("who sells does not buy; who buys pays into escrow")
def _():
    sign("seller", "chain", "buy", known["listing"], expect=4, says="nobody buys what they sell")
    sign("seller", "chain", "deliver", known["listing"], expect=4, says="the listing is open")
    sign("buyer", "chain", "refund", known["listing"], expect=4, says="neither sells nor has bought")
    before = balance("buyer")
    sign("buyer", "chain", "buy", known["listing"])
    seal(1)
    same(before - balance("buyer"), 301, "what the buyer paid")
    conserved(1300)
    sign("owner", "chain", "buy", known["listing"], expect=4, says="the listing is bought")
    sign("buyer", "chain", "refund", known["listing"], expect=4, says="still has time")
    sign("seller", "chain", "refund", known["listing"], expect=4, says="not withdraw it")


@case("only the seller's key delivers, and only while the object is there and whole")
def _():
    sign("owner", "chain", "deliver", known["listing"], expect=4, says="listed by another")
    path = object_path(known["object"])
    shutil.move(path, path + ".away")
    sign("seller", "chain", "deliver", known["listing"], expect=4, says="no validator would take this delivery")
    with open(path + ".away", "rb") as f:
        data = f.read()
    with open(path, "wb") as f:
        f.write(data[:-1] + bytes([data[-1] ^ 1]))
    sign("seller", "chain", "deliver", known["listing"], expect=4, says="damaged")
    shutil.move(path + ".away", path)
    sign("seller", "chain", "deliver", known["listing"])
    shutil.move(path, path + ".away")
    seal(0, left=1)
    same(listing()["state"], "delivered", "in the pool")
    before = balance("seller")
    shutil.move(path + ".away", path)
    seal(1)
    same(balance("seller") - before, 299, "what the seller got, after the fee")
    conserved(1000)


@case("the buyer's workspace fetches the model and predicts what the seller's predicts")
def _():
    shutil.copytree(place("w", "chain"), place("b", "chain"), dirs_exist_ok=True)
    os.remove(os.path.join(place("b", "chain"), "objects", known["object"]))
    call("chain", "fetch", known["listing"], expect=4, says="from whoever has it", workspace="b")
    shutil.copy(object_path(known["object"]), os.path.join(place("b", "chain"), "objects"))
    got = ask("chain", "fetch", known["listing"], place("parcel"), "--task", place("sold.task"), workspace="b")
    same((got["model"], got["known"], got["in_force"]), (known["model1"], False, True), "what was fetched")
    same(call("predict", known["model1"], workspace="b"), call("predict", known["model1"]), "predictions")
    again = ask("chain", "fetch", known["listing"][:8], workspace="b")
    same(again["known"], True, "fetched again")
    call("chain", "fetch", known["listing"], place("parcel"), expect=1, says="exists", workspace="b")
    imported = ask("task", "import", place("sold.task"), workspace="b")
    same(imported["task"], got["task"], "the task that was sold with it")


@case("an offer is withdrawn while nobody has bought it; a price that nothing is delivered for comes back")
def _():
    first = sign("seller", "chain", "list", known["model2"], "--price", "50", "--deliver-blocks", "2", "--title", "second")
    seal(1)
    sign("seller", "chain", "refund", first["listing"])
    seal(1)
    same(listing(first["listing"])["state"], "withdrawn", "the offer")
    sign("buyer", "chain", "buy", first["listing"], expect=4, says="the listing is withdrawn")
    second = sign("seller", "chain", "list", known["model2"], "--price", "50", "--deliver-blocks", "2", "--title", "second")
    seal(1)
    sign("buyer", "chain", "buy", second["listing"])
    seal(1)
    sign("buyer", "chain", "refund", second["listing"], expect=4, says="still has time")
    seal(0)
    check(listing(second["listing"])["late"], "it is not late")
    sign("buyer", "chain", "refund", second["listing"])
    seal(1)
    same(listing(second["listing"])["state"], "refunded", "the offer")
    sign("seller", "chain", "deliver", second["listing"], expect=4, says="the listing is refunded")
    conserved(1000)


# --- the tournament --------------------------------------------------------------------------------------------------

def rows():
    return {r["who"]: r for r in ask("chain", "leaderboard")["tasks"][0]["rows"]}


def right(bar, said):
    """Was it? Bar `bar` against the one before."""
    a, b = (price(LINES[len(LINES) - BEHIND - 1 + k]) for k in (bar - 1, bar))
    return said == ("up" if b > a else "down")


@case("what can be predicted before it exists is sealed, once")
def _():
    for who, model in (("owner", "model1"), ("buyer", "model2")):
        got = sign(who, "chain", "seal-prediction", known[model])
        same([(p["bar"], p["late"]) for p in got["predictions"]], [(1, False)], "what was sealed")
        known["said " + who] = got["predictions"][0]["prediction"]
    sign("owner", "chain", "seal-prediction", known["model1"], expect=2, says="sealed already")
    sign("owner", "chain", "reveal-prediction", expect=4, says="nothing to reveal")
    seal(2)
    kept = os.listdir(place("w", "seals"))
    same(len(kept), 2, "what is kept of them")


@case("an outcome is refused that is not over, of another series, or not the owner's")
def _():
    one = bars_file("one.csv", NEW[0])
    sign("owner", "chain", "outcome", one, expect=3, says="still to come")
    clock[0] = over(1) + 60
    sign("buyer", "chain", "outcome", one, expect=4, says="only the task's owner")
    cells = OLD[-1].split(",")
    cells[HEAD.strip().split(",").index(PRICE)] = "1.5"
    sign("owner", "chain", "outcome", bars_file("bad.csv", ",".join(cells) if cells[-1].endswith("\n") else ",".join(cells) + "\n",
                                                NEW[0]), expect=3, says="it was revised")
    sign("owner", "chain", "outcome", bars_file("hole.csv", NEW[7]), expect=3, says="bars are missing between")
    sign("owner", "chain", "outcome", bars_file("old.csv", *OLD[-3:]), expect=3, says="no bar behind")
    sign("owner", "chain", "outcome", bars_file("skip.csv", OLD[-3], OLD[-1], NEW[0]), expect=3, says="stands where")
    with open(place("text.csv"), "w", encoding="utf-8") as f:
        f.write("time,other\n" + NEW[0].split(",")[0] + ",7\n")
    sign("owner", "chain", "outcome", place("text.csv"), expect=3, says="no column of numbers")


@case("the first outcome judges both seals; who does not show theirs was wrong")
def _():
    draft = sign("owner", "chain", "outcome", place("one.csv"), "--draft")
    check("; sealed until" in draft["show"], draft["show"])
    got = sign("owner", "chain", "outcome", place("one.csv"), "--expect", draft["expect"])
    same([(b["bar"], b["answer"]) for b in got["bars"]], [(1, "up" if right(1, "up") else "down")], "the outcome")
    sign("owner", "chain", "reveal-prediction", expect=4, says="nothing to reveal")
    seal(1)
    sign("owner", "chain", "reveal-prediction")
    seal(1)
    board = rows()
    mine, other = board[known["owner"]["address"]], board[known["buyer"]["address"]]
    same((mine["right"], mine["bars"], mine["revealed"]), (int(right(1, known["said owner"])), 1, 1), "the owner's row")
    same((other["right"], other["bars"], other["to_reveal"]), (0, 1, 1), "the buyer's row")
    sign("owner", "chain", "outcome", place("one.csv"), expect=3, says="no bar behind")


@case("what was kept is lost: few bars are found again by trying; with another key nothing is")
def _():
    shutil.rmtree(place("w", "seals"))
    sign("buyer", "chain", "reveal-prediction")
    seal(1)
    other = rows()[known["buyer"]["address"]]
    same((other["right"], other["revealed"]), (int(right(1, known["said buyer"])), 1), "the buyer's row")


@case("newer bars come from a file, and must be those of the outcomes; what is late counts for nothing")
def _():
    sign("owner", "chain", "seal-prediction", known["model1"], expect=3, says="outcomes are known of 1 bar behind")
    moved = NEW[0].split(",")
    stamp = moment(NEW[0]) + STEP
    moved[0] = str(stamp * 1000) if moved[0].isdigit() else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(stamp))
    sign("owner", "chain", "seal-prediction", known["model1"], bars_file("moved.csv", ",".join(moved)), expect=3,
         says="these are other bars")
    file = bars_file("new.csv", *NEW[:2])
    clock[0] = over(2) + STEP // 5
    sign("owner", "chain", "seal-prediction", known["model1"], file, expect=2, says="to count")
    got = sign("owner", "chain", "seal-prediction", known["model1"], file, "--bars", "1")
    same([(p["bar"], p["late"]) for p in got["predictions"]], [(3, True)], "a late one")
    seal(1)
    clock[0] = over(4) + 60
    got = sign("owner", "chain", "outcome", bars_file("more.csv", *NEW[:4]))
    same([b["bar"] for b in got["bars"]], [2, 3, 4], "the second outcome")
    seal(1)
    same((rows()[known["owner"]["address"]]["bars"], rows()[known["owner"]["address"]]["to_reveal"]), (1, 1), "it counts for nothing")


@case("days pass: each is sealed, comes, and is revealed")
def _():
    said = []
    for bar in range(5, 10):
        file = bars_file("so far.csv", *NEW[:bar - 1])
        clock[0] = over(bar - 1) + 60
        got = sign("owner", "chain", "seal-prediction", known["model1"], file)
        same([p["bar"] for p in got["predictions"]], [bar], "the bar")
        said.append(got["predictions"][0]["prediction"])
        seal(1)
        clock[0] = over(bar) + 60
        sign("owner", "chain", "outcome", bars_file("came.csv", *NEW[bar - 2:bar]))
        seal(1)
    got = sign("owner", "chain", "reveal-prediction")
    check(len(got["seals"]) >= 3, "few seals could still be revealed: %d" % len(got["seals"]))
    seal(len(got["seals"]))
    row = rows()[known["owner"]["address"]]
    same(row["bars"], 1 + len(said), "bars that count")
    shown = [s["first"] - 5 for s in got["seals"] if s["first"] >= 5]
    want = int(right(1, known["said owner"])) + sum(right(5 + k, said[k]) for k in shown)
    same(row["right"], want, "right ones of those that were shown in time")
    check(row["low"] <= row["accuracy"] <= row["high"], "the interval")


@case("a tournament is about up and down")
def _():
    call("task", "set", "--asset", "btc", "--target", "return", "--lookback", "8", "--folds", "2", "--features", "log_return")
    task = sign("owner", "chain", "task", "--pool", "0")["task"]
    sign("owner", "chain", "outcome", place("one.csv"), "--task", task[:12], expect=2, says="about up and down")
    sign("owner", "chain", "outcome", place("one.csv"), "--task", "0" * 12, expect=4, says="there is no task")
    seal(1)


@case("the whole chain verifies, and a saved state goes on as one that is replayed")
def _():
    verdict = ask("chain", "verify")
    check(verdict["ok"], verdict)
    before = ask("chain", "leaderboard"), ask("chain", "listings")
    for name in ("index.db", "index.db-wal", "index.db-shm"):
        if os.path.exists(place("w", "chain", name)):
            os.remove(place("w", "chain", name))
    same((ask("chain", "leaderboard"), ask("chain", "listings")), before, "without the index")
    conserved(1000)
    sign("owner", "chain", "job", "mlp", "--pay", "10", "--deposit", "10", expect=4, says="closed chain for one")
    same(call("chain", "jobs").strip(), "there is no job; `chain job` offers one", "no jobs")


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
