"""The whole job on the command line, in one workspace: data, task, networks, morphs, training, search, chain.

With MORPHSMITH_TEST_DATA the data are real files; else the bundled synthetic market. MORPHSMITH_RUN stands before every
call (a command with its options, such as valgrind) and makes the job short.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from tap import Given, case, check, comment, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
BEFORE = os.environ.get("MORPHSMITH_RUN", "").split()
TRIALS = 3 if BEFORE else 12
EPOCHS = ["--epochs", "6"]  # enough to learn something, short enough for every run
REAL = os.environ.get("MORPHSMITH_TEST_DATA")

FOLDER = tempfile.mkdtemp(prefix="morphsmith-job-")
WORKSPACE = os.path.join(FOLDER, "workspace")
PASSPHRASE = "correct horse battery staple\n"
known = Given()  # what later steps need from earlier ones


def environment():
    env = {k: v for k, v in os.environ.items() if not k.startswith("MORPHSMITH_") and not k.startswith("XDG_")}
    env.update(HOME=FOLDER, LC_ALL="C.UTF-8", TERM="dumb")
    return env


def call(*words, secret=None, expect=0, where=WORKSPACE, seconds=900):
    """One call of the program; its standard output. Fails unless it ends with the expected status."""
    command = BEFORE + [PROGRAM] + (["-w", where] if where else []) + list(words)
    if secret is not None:
        name = os.path.join(FOLDER, "passphrase")
        with open(name, "w", encoding="utf-8") as f:
            f.write(secret)
        command = ["sh", "-c", 'exec "$@" 3<"$0"', name] + command + ["--passphrase-fd", "3"]
    done = subprocess.run(command, env=environment(), cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, encoding="utf-8", timeout=seconds)
    check(done.returncode == expect, "morphsmith %s: status %d instead of %d\n%s\n%s"
          % (" ".join(words), done.returncode, expect, done.stderr[-2000:], done.stdout[-1000:]))
    if expect != 0:
        check(done.stderr.strip(), "morphsmith %s: refused without a message" % " ".join(words))
    return done.stdout


def ask(*words, keys, **options):
    """One call with --json: its result (the last line, if events come first), an object with these keys."""
    out = call(*words, "--json", **options)
    try:
        got = json.loads(out)
    except ValueError:
        got = json.loads(out.strip().split("\n")[-1])
    for key in keys:
        check(key in got, "morphsmith %s: no %r in %s" % (" ".join(words), key, json.dumps(got)[:600]))
    return got


def fraction(value, what):
    check(isinstance(value, (int, float)) and 0 <= value <= 1, "%s is no fraction: %r" % (what, value))


def is_score(got, what):
    accuracy = got["directional_accuracy"]
    for key in ("low", "mean", "high"):
        fraction(accuracy[key], "%s: directional accuracy, %s" % (what, key))
    check(accuracy["low"] <= accuracy["mean"] <= accuracy["high"], "%s: interval %r" % (what, accuracy))
    for key in ("f1", "auc", "brier"):
        fraction(got[key], "%s: %s" % (what, key))
    check(-1 <= got["mcc"] <= 1 and got["log_loss"] >= 0, "%s: mcc %r, log loss %r" % (what, got["mcc"], got["log_loss"]))


@case("init creates a workspace and asks nothing")
def _():
    got = ask("init", WORKSPACE, keys=["workspace"], where=None)
    same(os.path.realpath(got["workspace"]), os.path.realpath(WORKSPACE), "workspace")
    check(os.path.isdir(WORKSPACE), "no folder")


@case("data add reads the files and reports every one")
def _():
    if REAL:
        price = os.path.join(REAL, "coinmetrics-2019", "btc.csv")
        mood = os.path.join(REAL, "fear-greed", "fear_greed_index.csv")
        one = ask("data", "add", price, "--asset", "btc", keys=["files"])["files"]
        two = ask("data", "add", mood, keys=["files"])["files"]
        files = one + two
        same([f["rows"] for f in files], [3943, 2564], "rows")
        same((files[0]["first"], files[0]["last"]), ("2009-01-03T00:00:00Z", "2019-10-20T00:00:00Z"), "span of btc.csv")
        same((files[1]["first"], files[1]["last"]), ("2018-02-01T00:00:00Z", "2025-02-11T00:00:00Z"), "span of the index")
        same(files[0]["time_column"], "date", "time column")
    else:
        price = os.path.join(ROOT, "samples", "synthetic_market.csv")
        files = ask("data", "add", price, "--asset", "btc", keys=["files"])["files"]
        check(files[0]["rows"] > 500, "rows: %r" % files[0]["rows"])
    for f in files:
        for key in ("path", "columns", "dropped", "duplicates", "reordered", "missing", "step_seconds", "delimiter",
                    "decimal", "encoding", "header_lines", "time_format", "warnings"):
            check(key in f, "no %r in %r" % (key, sorted(f)))
        same((f["delimiter"], f["header_lines"]), (",", 1), "dialect")
    check(call("data", "list").strip(), "data list is empty")


@case("a file that is no table is refused with status 3 and changes nothing")
def _():
    bad = os.path.join(FOLDER, "bad.csv")
    with open(bad, "w", encoding="utf-8") as f:
        f.write("time,price\nyesterday,12\ntomorrow,13\n")
    before = call("data", "list")
    call("data", "add", bad, expect=3)
    call("data", "add", os.path.join(FOLDER, "missing.csv"), expect=1)
    same(call("data", "list"), before, "data list")


@case("task set makes folds and finds no leak")
def _():
    got = ask("task", "set", "--asset", "btc", "--horizon", "1", "--lookback", "32", keys=["task", "samples", "folds", "leaks"])
    check(got["samples"] > 200 and len(got["folds"]) >= 2, "samples %r, folds %r" % (got["samples"], got["folds"]))
    same(got["leaks"], [], "leaks")
    known["task"] = got["task"]
    same(ask("task", "show", keys=["task"])["task"], got["task"], "task show")


@case("arch new builds networks from templates, the same id every time")
def _():
    for template in ("mlp", "tcn"):
        got = ask("arch", "new", template, keys=["arch", "parameters", "macs", "nodes"])
        check(got["parameters"] > 0 and got["macs"] > 0, json.dumps(got)[:300])
        same(ask("arch", "new", template, keys=["arch"])["arch"], got["arch"], "id of %s" % template)
        known[template] = got["arch"]
    check(known["mlp"] != known["tcn"], "two templates, one id")
    text = call("arch", "show", known["tcn"])
    check("conv" in text and "dense" in text, text)
    listed = call("arch", "list")
    check(known["tcn"][:8] in listed and known["mlp"][:8] in listed, listed)


@case("train gives the same bits twice")
def _():
    keys = ["arch", "model", "weights_hash", "trace_root", "steps", "seconds", "train_loss", "valid"]
    runs = [ask("train", known["tcn"], "--epochs", "2", "--seed", "7", keys=keys) for _ in range(2)]
    same(runs[0]["weights_hash"], runs[1]["weights_hash"], "weights hash")
    same(runs[0]["trace_root"], runs[1]["trace_root"], "trace root")
    fraction(runs[0]["valid"]["directional_accuracy"], "directional accuracy")
    other = ask("train", known["tcn"], "--epochs", "2", "--seed", "8", keys=keys)
    check(other["weights_hash"] != runs[0]["weights_hash"], "another seed, the same weights")
    threaded = ask("train", known["tcn"], "--epochs", "2", "--seed", "7", "--threads", "1", keys=keys)
    same(threaded["weights_hash"], runs[0]["weights_hash"], "weights hash with one thread")
    known["model"] = runs[0]["model"]


@case("every morphism that applies keeps the function, bit for bit")
def _():
    listed = ask("morph", known["model"], "--list", keys=["morphisms"])["morphisms"]
    check(listed, "no morphisms")
    for entry in listed:
        check(entry["applicable"] or entry["reason"], "not applicable, and no reason: %r" % entry)
    usable = [m for m in listed if m["applicable"] and not m["shrinks"]]
    check(usable, "none is applicable")
    done = set()
    for entry in usable:
        if entry["kind"] in done:
            continue
        done.add(entry["kind"])
        words = ["--node", entry["node"]] if entry.get("node") else []
        got = ask("morph", known["model"], entry["kind"], *words, keys=["arch", "model", "parent", "morphism", "max_abs_delta"])
        same(got["max_abs_delta"], 0, "max |delta| of %s" % entry["kind"])
        check(got["arch"] != known["tcn"], "%s changed nothing" % entry["kind"])
        known["child"], known["child_model"] = got["arch"], got["model"]
        if BEFORE:
            break
    comment("kinds tried: %s" % " ".join(sorted(done)))


@case("a morphed model is trained further")
def _():
    got = ask("train", known["child"], "--from", known["child_model"], "--epochs", "1", keys=["model", "weights_hash"])
    check(got["model"] != known["child_model"], "nothing was trained")


@case("score cross-validates")
def _():
    got = ask("score", known["mlp"], *EPOCHS, keys=["arch", "folds", "directional_accuracy", "f1", "mcc", "auc", "log_loss", "brier",
                                           "stability"])
    is_score(got, "score")
    check(len(got["folds"]) >= 2, "folds: %r" % got["folds"])


@case("search trains its trials in worker processes and names the best")
def _():
    got = ask("search", "--trials", str(TRIALS), "--workers", "2", "--seed", "1", *EPOCHS,
              keys=["done", "trials", "best", "evidence", "seconds"])
    same(got["done"], True, "done")
    same(got["trials"], TRIALS, "trials")
    is_score(got["best"], "best")
    check(got["evidence"]["sentence"], "no sentence of evidence")
    check(got["evidence"]["skill"] in (True, False) and 0 <= got["evidence"]["p"] <= 1, json.dumps(got["evidence"]))
    known["best"] = got["best"]["arch"]
    rows = ask("board", keys=["rows"])["rows"]
    check(len(rows) >= TRIALS, "%d rows on the board after %d trials" % (len(rows), TRIALS))
    check(any(r["arch"] == known["best"] for r in rows), "the best is not on the board")


@case("suggest explains its candidates")
def _():
    got = ask("suggest", "-n", "3", keys=["suggestions"])["suggestions"]
    check(1 <= len(got) <= 3, "%d suggestions" % len(got))
    tried = {row["arch"] for row in ask("board", keys=["rows"])["rows"]}
    for s in got:
        check(s["parent"] in tried and s["morphism"] and s["arch"] not in tried, json.dumps(s))
        check(BEFORE or (s["sd"] >= 0 and s["ei"] >= 0 and 0 <= s["mean"] <= 1), json.dumps(s))


@case("key new needs a passphrase, and makes an identity")
def _():
    call("key", "new", expect=4)
    got = ask("key", "new", keys=["address", "public_key"], secret=PASSPHRASE)
    known["address"] = got["address"]
    check(got["address"] in call("key", "list"), "not listed")
    secrets = [os.path.join(folder, name) for folder, _, names in os.walk(FOLDER) for name in names if "key" in name]
    for path in secrets:
        with open(path, "rb") as f:
            check(b"correct horse" not in f.read(), "%s holds the passphrase" % path)


@case("what waits for a block can be built on: task, claim, attestation, approval")
def _():
    other = os.path.join(FOLDER, "one-seal")
    shutil.copytree(WORKSPACE, other, ignore=shutil.ignore_patterns("chain"))
    os.mkdir(os.path.join(other, "chain"))
    ask("chain", "init", where=other, keys=["chain_id"], secret=PASSPHRASE)
    ask("chain", "stake", "1000", where=other, keys=["tx"], secret=PASSPHRASE)
    ask("chain", "task", "--pool", "1000", *EPOCHS, where=other, keys=["task"], secret=PASSPHRASE)
    claim = ask("chain", "propose", known["best"], "--stake", "10", where=other, keys=["proposal"], secret=PASSPHRASE)
    waiting = ask("chain", "show", claim["proposal"], where=other, keys=["state", "sealed"])
    same((waiting["state"], waiting["sealed"]), ("claimed", False), "the claim before its block")
    same(ask("chain", "attest", claim["proposal"], where=other, keys=["matches"], secret=PASSPHRASE)["matches"], True,
         "the validator's own run matches")
    decision = ask("chain", "approve", claim["proposal"], "--reason", "re-run", "--rerun", where=other, keys=["matches"],
                   secret=PASSPHRASE)
    same(decision["matches"], True, "the re-run matches the claim")
    sealed = ask("chain", "seal-block", where=other, keys=["height", "transactions"], secret=PASSPHRASE)
    same((sealed["height"], sealed["transactions"]), (4, 1), "the last block")
    same(ask("chain", "verify", "--rerun", where=other, keys=["ok", "reruns"])["reruns"], 1, "claims re-trained")
    shown = ask("chain", "show", claim["proposal"], where=other, keys=["state", "sealed"])
    same((shown["state"], shown["sealed"]), ("accepted", True), "the claim in its block")
    with open(os.path.join(other, "log.txt")) as log:
        check("chain approve %s: tx " % claim["proposal"] in log.read(), "the log does not tell of the approval")


@case("a chain of one's own: stake, task, proposal, approval, blocks")
def _():
    got = ask("chain", "init", keys=["chain_id", "address"], secret=PASSPHRASE)
    same(got["address"], known["address"], "validator")
    ask("chain", "stake", "1000", keys=["tx", "height"], secret=PASSPHRASE)
    ask("chain", "task", "--pool", "1000", *EPOCHS, keys=["tx", "task"], secret=PASSPHRASE)
    ask("chain", "seal-block", keys=["height", "hash", "final"], secret=PASSPHRASE)
    status = ask("chain", "status", keys=["accounts", "tasks", "height"])
    same([t["dataset"] for t in status["tasks"]], [known["task"]], "data sets of the tasks on the chain")
    same(status["accounts"][0]["stake"], 101000, "stake")
    claim = ask("chain", "propose", known["best"], "--stake", "10", keys=["tx", "proposal"], secret=PASSPHRASE)
    known["proposal"] = claim["proposal"]
    attested = ask("chain", "attest", claim["proposal"], keys=["matches", "verified"], secret=PASSPHRASE)
    same((attested["matches"], attested["verified"]), (True, True), "the validator's own run")
    before = ask("chain", "show", claim["proposal"], keys=["state", "approvals"])
    decision = ask("chain", "approve", claim["proposal"], "--reason", "re-run on this machine", "--rerun",
                   keys=["tx", "matches"], secret=PASSPHRASE)
    same(decision["matches"], True, "the re-run matches the claim")
    sealed = ask("chain", "seal-block", keys=["height", "hash", "final"], secret=PASSPHRASE)
    check(sealed["height"] == 5 and sealed["final"] is True, json.dumps(sealed))
    shown = ask("chain", "show", claim["proposal"], keys=["proposal", "state", "claimed", "approvals", "evidence_hash"])
    check(shown["state"] == "accepted" and before["state"] != "accepted", "%r, then %r" % (before["state"], shown["state"]))


@case("a proposal's stake cannot exceed what its author has")
def _():
    call("chain", "stake", "999999999", secret=PASSPHRASE, expect=4)


@case("a wrong passphrase is refused with status 4")
def _():
    call("chain", "stake", "1", secret="wrong\n", expect=4)


@case("chain verify re-checks all of it and re-trains the claim")
def _():
    got = ask("chain", "verify", "--rerun", keys=["ok", "height", "blocks", "transactions", "signatures", "head"])
    same(got["ok"], True, "ok")
    check(got["transactions"] >= 4 and got["signatures"] >= got["transactions"], json.dumps(got))
    call("chain", "log")
    call("chain", "status")


@case("one flipped bit anywhere in the blocks is found, with its place")
def _():
    path = os.path.join(WORKSPACE, "chain", "blocks.msc")
    with open(path, "rb") as f:
        whole = f.read()
    step = max(1, len(whole) // (3 if BEFORE else 40))
    for at in range(step // 2, len(whole), step):
        with open(path, "wb") as f:
            f.write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        got = ask("chain", "verify", keys=["ok", "error"], expect=4)
        check(got["ok"] is False and "offset" in got["error"] and got["error"]["reason"], "byte %d: %r" % (at, got))
    with open(path, "wb") as f:
        f.write(whole)
    same(ask("chain", "verify", keys=["ok"])["ok"], True, "after the file is whole again")


@case("wrong usage ends with status 2 and says what is right")
def _():
    call("grow", expect=2)
    call("train", expect=2)
    call("train", known["mlp"], "--epochs", "many", expect=2)
    call("--no-such-option", expect=2)
    check("usage" in call("--help", where=None).lower(), "no usage in --help")


@case("--read-only refuses what writes")
def _():
    before = call("arch", "list")
    call("arch", "new", "gru", "--read-only", expect=2)
    same(call("arch", "list"), before, "arch list")


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
