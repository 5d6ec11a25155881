"""What scripts rely on: JSON alone on standard output, exit statuses, signals, closed pipes, exact options."""

import json
import math
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from tap import case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
FOLDER = tempfile.mkdtemp(prefix="morphsmith-cli-")
WORKSPACE = os.path.join(FOLDER, "w")
MARKET = os.path.join(FOLDER, "market.csv")
LIMIT = 300

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("MORPHSMITH_", "XDG_"))}
ENVIRONMENT.update(HOME=FOLDER, LC_ALL="C.UTF-8", TERM="dumb")


def command(words, secret=None):
    line = [PROGRAM, "-w", WORKSPACE] + list(words)
    if secret is None:
        return line
    name = os.path.join(FOLDER, "secret")
    with open(name, "w", encoding="utf-8") as f:
        f.write(secret + "\n")
    return ["sh", "-c", 'exec "$@" 3<"$0"', name] + line + ["--passphrase-fd", "3"]


def call(*words, expect=0, secret=None, says=None):
    """Standard output of one call. Refused calls say why, on standard error alone."""
    done = subprocess.run(command(words, secret), env=ENVIRONMENT, cwd=FOLDER, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT, start_new_session=True)
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")
    name = " ".join(map(str, words))
    same(done.returncode, expect, "status of %s (%s)" % (name, err.strip()[-500:]))
    if expect != 0:
        check(err.startswith("morphsmith: "), "%s was refused without a reason: %r" % (name, err))
    if says is not None:
        check(says in err, "%s: no %r in %r" % (name, says, err))
    return out


def ask(*words, keys=(), secret=None, lines=False):
    """One call with --json. Standard output must be one JSON value, or with lines=True one a line."""
    out = call(*words, "--json", secret=secret)
    values = [json.loads(line) for line in out.splitlines()] if lines else [json.loads(out)]
    check(values, "nothing was printed")
    for key in keys:
        check(key in values[-1], "%s: no %r among %r" % (words, key, sorted(values[-1])))
    return values if lines else values[-1]


def start(*words, **options):
    return subprocess.Popen(command(words), env=ENVIRONMENT, cwd=FOLDER, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **options)


@case("the way from a file to a task, as JSON")
def _():
    ask("synth", "planted", "--bars", "300", "--seed", "7", MARKET, keys=["bayes_accuracy"])
    ask("init", WORKSPACE, keys=["workspace"])
    added = ask("data", "add", MARKET, "--asset", "m", keys=["files"])
    for key in ("path rows columns dropped duplicates reordered missing first last step_seconds delimiter decimal encoding "
                "header_lines time_column time_format warnings").split():
        check(key in added["files"][0], "no %r" % key)
    ask("data", "list", keys=["series"])
    ask("data", "show", "market", keys=["columns", "report"])
    task = ask("task", "set", "--asset", "m", "--lookback", "8", "--folds", "2", keys=["task", "samples", "folds", "leaks"])
    same(ask("task", "show")["task"], task["task"], "task show")
    ask("data", "export", os.path.join(FOLDER, "out.csv"), keys=["path", "rows"])


@case("an architecture's costs, by its plan and as measured; what is too large is refused before memory is taken")
def _():
    ask("arch", "new", "tcn", "--width", "4", "--depth", "2")
    shown = ask("arch", "show", "tcn", "--batch", "32", keys=["graph", "plan", "macs", "text"])
    same(shown["plan"]["batch"], 32, "batch")
    check(shown["plan"]["inference_bytes"] < shown["plan"]["training_bytes"], "memory")
    check(shown["plan"]["macs"] < shown["macs"], "the plan leaves out what is not read")
    check("measured" not in shown, "nothing was measured yet")
    for node in shown["graph"]:
        check(node["steps"]["held"] <= node["steps"]["whole"] and node["plan_macs"] <= node["macs"], "node %r" % node)
    same(sum(node["plan_macs"] for node in shown["graph"]), shown["plan"]["macs"], "sum of the nodes")
    measured = ask("arch", "show", "tcn", "--measure", "--steps", "3", "--batch", "16", keys=["measured"])
    for key in "at batch threads kernels weights data steps step_seconds samples_per_second epoch_seconds train_seconds".split():
        check(key in measured["measured"], "no %r" % key)
    same((measured["measured"]["batch"], measured["measured"]["steps"], measured["measured"]["data"]), (16, 3, "fold 1"), "measured")
    check(abs(sum(node["measured"]["share"] for node in measured["graph"]) - 1) < 1e-9, "shares")
    same(ask("arch", "show", "tcn")["measured"], measured["measured"], "what was measured last is shown")
    text = call("arch", "show", "tcn", "--measure", "--steps", "3")
    check("ms a step" in text and "plan for batch 64" in text, text)
    call("arch", "show", "tcn", "--steps", "3", expect=2, says="give --measure too")
    with open(os.path.join(FOLDER, "large.arch"), "w", encoding="utf-8") as f:
        f.write("morphsmith-arch 1\nx input time=8 channels=%d\nd dense in=x units=60000\np meanpool in=d\n"
                "y dense in=p units=1\n" % shown["graph"][0]["shape"][1])
    ask("arch", "add", os.path.join(FOLDER, "large.arch"))
    for words in (["train"], ["score"], ["arch", "show", "--measure"]):
        call(*words, "large", "--batch", "65536", expect=5, says="Use --batch ")
    with open(os.path.join(FOLDER, "million.arch"), "w", encoding="utf-8") as f:
        f.write("morphsmith-arch 1\n" + "".join("n%d act in=n%d kind=relu\n" % (i, i - 1) for i in range(1000000)))
    call("arch", "add", os.path.join(FOLDER, "million.arch"), expect=5, says="at most 1048576 bytes and 4096 nodes")


@case("architectures and morphisms, as JSON")
def _():
    made = ask("arch", "new", "mlp", "--width", "4", keys=["arch", "parameters", "macs", "nodes"])
    ask("arch", "show", "mlp", keys=["arch", "text", "graph"])
    ask("arch", "list", keys=["arches"])
    other = ask("arch", "new", "tcn", "--width", "4", "--depth", "1")
    ask("arch", "diff", made["arch"], other["arch"][:10], keys=["changes"])
    for form in ("text", "dot"):
        path = os.path.join(FOLDER, "a." + form)
        ask("arch", "export", "mlp", "--format", form, path, keys=["path"])
        check(os.path.getsize(path) > 0, "%s is empty" % path)
    added = ask("arch", "add", os.path.join(FOLDER, "a.text"), keys=["arch"])
    same(added["arch"], made["arch"], "id of the exported text")
    for entry in ask("morph", "mlp", "--list", keys=["morphisms"])["morphisms"]:
        for key in ("kind", "node", "applicable", "reason", "shrinks", "parameters", "macs"):
            check(key in entry, "no %r in %r" % (key, entry))
    step = ask("morph", "mlp", "widen", keys=["arch", "model", "parent", "morphism", "max_abs_delta"])
    same(step["max_abs_delta"], 0, "max |delta|")


@case("training, scoring, baselines, suggestions, search and board, as JSON")
def _():
    ask("train", "mlp", "--epochs", "2", keys="arch model weights_hash trace_root steps seconds samples_per_second train_loss "
        "valid".split())
    score = ask("score", "mlp", "--epochs", "2", keys="arch folds directional_accuracy f1 mcc auc log_loss brier stability".split())
    for key in ("mean", "low", "high"):
        check(0 <= score["directional_accuracy"][key] <= 1, score["directional_accuracy"])
    baselines = ask("baseline", "--quick", "--epochs", "2", keys=["baselines", "best", "left"])["baselines"]
    check(all("name" in b and "auc" in b for b in baselines) and len(baselines) >= 2, baselines)
    for s in ask("suggest", "-n", "3", keys=["suggestions"])["suggestions"]:
        for key in ("arch", "parent", "morphism", "mean", "sd", "ei"):
            check(key in s or len(baselines) < 2 or key in ("mean", "sd", "ei"), "no %r in %r" % (key, s))
    events = ask("search", "--trials", "4", "--workers", "2", "--epochs", "2", lines=True)
    last = events[-1]
    same(last.get("done"), True, "last line")
    for key in ("trials", "best", "evidence", "seconds"):
        check(key in last, "no %r" % key)
    same(last["trials"], 4, "trials")
    same(sorted(last["evidence"]), ["p", "sentence", "skill", "trials"], "evidence")
    check(len(events) > 4 and all("event" in e for e in events[:-1]), "events: %d" % len(events))
    check(ask("board", keys=["rows"])["rows"], "no rows")
    events = ask("search", "--strategy", "random,evolution", "--fidelity", "halving", "--objectives", "score,parameters",
                 "--trials", "9", "--stall", "50", "--macs", "1e15", "--epochs", "2", "--seed", "5", lines=True)
    last = events[-1]
    starts = {len(s["best_so_far"]) - s["trials"] for s in last["strategies"]}
    check(len(starts) == 1 and min(starts) >= 1, "curves of the race: %r" % last["strategies"])
    same(sum(s["trials"] for s in last["strategies"]) + starts.pop(), 9, "trials of the race")
    check({s["strategy"] for s in last["strategies"]} == {"random", "evolution"}, last["strategies"])
    check(last["front"] and all(f["parameters"] > 0 for f in last["front"]), last["front"])
    check(last["training_macs"] > 0 and "partial" not in last["best"], last["training_macs"])
    check({e["strategy"] for e in events if e.get("event") == "trial"} == {"", "random", "evolution"}, "who asked")
    for row in ask("board", keys=["rows"])["rows"]:
        same(row.get("partial", False), row["fidelity"] < 1, "a stopped trial says so")
    both = ask("bench", "inherit", lines=True)[-1]
    for key in ("chain", "inherited_seconds", "scratch_seconds", "saved", "saved_macs", "reached", "folds"):
        check(key in both, "no %r in %r" % (key, both))


@case("wrong usage is status 2 and names what is wrong")
def _():
    for words, says in [
            (["nonsense"], "nonsense"), (["data"], "add"), (["data", "add"], "usage"), (["train"], "usage"),
            (["train", "mlp", "--no-such"], "--no-such"), (["train", "mlp", "--epochs", "0"], "--epochs"),
            (["train", "mlp", "--epochs", "many"], "--epochs"), (["train", "nothing"], "nothing"),
            (["train", "mlp", "--optimizer", "luck"], "luck"), (["train", "mlp", "--threads", "0"], "--threads"),
            (["arch", "new", "perceptron"], "perceptron"),
            (["arch", "export", "mlp", "--format", "onnx", "x"], "not in this version"),
            (["morph", "mlp", "widen", "--set", "no=1"], "no setting \"no\""), (["data", "show", "nothing"], "nothing"),
            (["task", "set", "--target", "profit"], "direction"), (["task", "set", "--folds", "0"], "--folds"),
            (["search", "--strategy", "bayes,bayes"], "twice"), (["search", "--strategy", "random,luck"], "luck"),
            (["search", "--objectives", "macs"], "score"), (["search", "--objectives", "score,luck"], "luck"),
            (["search", "--time", "soon"], "--time"), (["search", "--fidelity", "half"], "full or halving"),
            (["search", "--deterministic", "--max-latency", "50"], "latency"),
            (["search", "--deterministic", "--objectives", "score,latency"], "latency"),
            (["search", "--max-macs", "1", "--trials", "2"], "multiply-adds"), (["search", "--macs", "many"], "--macs"),
            (["bench", "inherit", "--trial", "0"], "--trial"), (["bench", "inherit", "--trial", "99999"], "99999"),
            (["search", "--deterministic", "--time", "1m"], "exclude"), (["search", "--workers", "0"], "--workers"),
            (["search", "--max-params", "1", "--trials", "2"], "parameters"),
            (["train", "mlp", "--kernels", "fast"], "exact or blas"), (["score", "mlp", "--kernels", "blas"], "exact"),
            (["search", "--kernels", "blas"], "--kernels"), (["train", "mlp", "--resume"], "resume"),
            (["report", "x.html"], "not in this version"),
            (["holdout", "open", "x"], "no architecture"), (["compare", "x", "mlp"], "no architecture"),
            (["chain", "init", "--genesis", "x", "--name", "n"], "--genesis"), (["chain", "vote"], "--key NAME"),
            (["chain", "init", "--missed-ppm", "1000001"], "missed_ppm"), (["chain", "init", "--supply", "x"], "supply"),
            (["bench", "train", "--kernels", "fast"], "exact or blas"), (["bench", "gemm", "--kernels", "both"], "exact or blas"),
            (["bench", "infer", "--batch", "0"], "--batch"),
            (["bench", "gemm", "--seconds", "0"], "--seconds")]:
        same(call(*words, expect=2, says=says), "", "output of %r" % words)


@case("a value that an option of data add cannot have is status 2 and names the option")
def _():
    for words in (["--date-order", "dym"], ["--stamp", "start"], ["--lag", "soon"], ["--delimiter", "ab"], ["--delimiter", ""],
                  ["--decimal", ";"], ["--thousands", "x"], ["--decimal", ",", "--thousands", ","], ["--header", "-1"],
                  ["--header", "one"], ["--skip", "99999999"], ["--keep", "both"], ["--missing", ""], ["--asset", "a b"],
                  ["--symbol", ""], ["--time", ""]):
        call("data", "add", MARKET, *words, "--dry-run", expect=2, says=words[0])


@case("refused data is status 3, and nothing changes")
def _():
    before = call("data", "list")
    for name, text in (("empty.csv", ""), ("words.csv", "time,price\nyesterday,1\ntomorrow,2\n"), ("binary.csv", "\0\1\2\n")):
        path = os.path.join(FOLDER, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        call("data", "add", path, expect=3, says=name)
        call("data", "add", MARKET, path, expect=3, says=name)
    same(call("data", "list"), before, "data list")
    call("data", "add", os.path.join(FOLDER, "missing.csv"), expect=1)


@case("a leak is status 3 unless it is named")
def _():
    leaky = os.path.join(FOLDER, "leaky.csv")
    call("synth", "leaky", "--bars", "400", leaky)
    call("data", "add", leaky)
    task = ask("task", "show")["task"]
    words = ["task", "set", "--asset", "leaky", "--lookback", "8", "--folds", "2"]
    call(*words, expect=3, says="--accept-leak")
    call(*words, "--accept-leak", "another", expect=3)
    same(ask("task", "show")["task"], task, "the task in force")


@case("what the hour and the price's own past tell is no leak")
def _():
    path = os.path.join(FOLDER, "daily_cycle.csv")
    with open(path, "w", encoding="ascii") as f:
        f.write("open_time,open,high,low,close\n")
        for i in range(3000):
            now, then = (20 + 8 * math.sin(math.tau * (i + k) / 24) + (i + k) ** 2 * 7919 % 1009 / 5045 for k in (1, 0))
            f.write("%d,%.4f,%.4f,%.4f,%.4f\n" % (1500000000 + 3600 * i, then, max(then, now) + 1, min(then, now) - 1, now))
    call("data", "add", path, "--asset", "warmth")
    for target in ("direction", "return"):
        told = json.loads(call("task", "set", "--asset", "warmth", "--target", target, "--features", "log_return,calendar",
                               "--dry-run", "--json"))
        same(told["leaks"], [], target)
    call("data", "remove", "daily_cycle")


@case("--read-only refuses what writes, and reads the rest")
def _():
    for words in (["train", "mlp"], ["search"], ["data", "add", MARKET], ["morph", "mlp", "widen"], ["task", "set"]):
        call("--read-only", *words, expect=2, says="--read-only")
    for words in (["board"], ["morph", "mlp", "--list"], ["suggest"], ["data", "list"], ["arch", "list"], ["task", "show"]):
        ask("--read-only", *words)


@case("no passphrase and no terminal is status 4")
def _():
    call("key", "new", expect=4, says="--passphrase-fd")
    call("key", "new", "--passphrase-fd", "99", expect=4)
    call("chain", "status", expect=4)
    call("key", "show", expect=4, says="key new")


@case("a claim from proposal to acceptance; a tampered chain is status 4")
def _():
    secret = "correct horse"
    made = ask("key", "new", secret=secret, keys=["address", "public_key"])
    call("key", "new", secret=secret, expect=1, says="never replaced")
    same(ask("key", "show"), made, "key show")
    ask("key", "list", keys=["identities"])
    ask("chain", "init", keys=["chain_id", "address"])
    call("chain", "init", expect=1, says="exists")
    ask("chain", "stake", "1000", secret=secret, keys=["tx", "height"])
    ask("chain", "task", "--pool", "500", "--epochs", "2", "--reviewers", made["address"], "--approvals", "1", secret=secret,
        keys=["tx", "task"])
    call("chain", "task", "--reviewers", made["address"], "--approvals", "2", secret=secret, expect=2, says="--approvals")
    ask("chain", "seal-block", secret=secret, keys=["height", "hash", "final"])
    proposal = ask("chain", "propose", "mlp", "--stake", "10", secret=secret, keys=["tx", "proposal"])["proposal"]
    ask("chain", "seal-block", secret=secret)
    call("chain", "approve", proposal, "--reason", "fine", secret=secret, expect=4, says="opened")
    call("chain", "attest", proposal, secret="wrong", expect=4)
    attested = ask("chain", "attest", proposal, secret=secret, keys="tx matches proposal state stage verified blocks".split())
    same((attested["matches"], attested["verified"], attested["state"]), (True, True, "revealing"), "attested")
    weighed = call("chain", "show", proposal)
    for part in (r"^to beat +0\.\d{6}, the baseline: the claim is 0\.\d{6} (above|below) it", r"^the proposer says .*vidence of skill",
                 r"^re-run here +the same bits, on 20"):
        check(re.search(part, weighed, re.M), "no %r in %s" % (part, weighed[:2000]))
    call("chain", "reject", proposal, secret=secret, expect=2, says="--reason")
    call("chain", "approve", proposal, "--reason", "fine", secret="wrong", expect=4)
    same(ask("chain", "approve", proposal, "--reason", "fine", "--rerun", secret=secret, keys=["tx"])["matches"], True, "matches")
    check("as soon as a block holds it (`chain seal-block`): accepted" in call("chain", "status"), "what waits is not told")
    ask("chain", "seal-block", secret=secret)
    check("as soon as" not in call("chain", "status"), "nothing waits")
    call("chain", "unstake", "2000000", "--draft", expect=4, says="are staked")
    shown = ask("chain", "show", proposal[:12], keys="proposal state claimed verified approvals evidence_hash stage "
                "attests decisions waits_for problems evidence folds baseline".split())
    same((shown["state"], shown["verified"]), ("accepted", True), "state")
    other = ask("key", "new", "--name", "other", secret=secret)["address"]
    ask("chain", "transfer", other, "5", "--key", "main", secret=secret, keys=["tx", "height"])
    call("chain", "transfer", other, "5", secret=secret + "x", expect=4)
    call("chain", "transfer", "somebody", "5", secret=secret, expect=4)
    ask("chain", "unstake", "5", "--key", "main", secret=secret, keys=["tx", "height"])
    ask("chain", "status", keys=["height", "accounts"])
    ask("chain", "log", keys=["blocks"])
    same([b["height"] for b in ask("chain", "log", "--from", "2", "--to", "3")["blocks"]], [2, 3], "a part of the log")
    frames = [json.loads(line) for line in call("chain", "dump", "--json").splitlines()]
    same([f["height"] for f in frames], list(range(ask("chain", "status")["height"] + 1)), "heights of the dump")
    check(all(t["bytes"] and t["tx"] for f in frames[1:] for t in f["transactions"]), "transactions of the dump")
    check("morphsmith-genesis 1" in call("chain", "dump"), "the dump's genesis")
    good = ask("chain", "verify", "--rerun", keys="ok height blocks transactions signatures seconds head".split())
    same(good["ok"], True, "ok")
    ask("chain", "verify", "--head", "%d:%s" % (good["height"], good["head"]))
    call("chain", "verify", "--head", "1:%s" % good["head"], expect=4)
    call("chain", "verify", "--head", "x", expect=2)
    blocks = os.path.join(WORKSPACE, "chain", "blocks.msc")
    whole = os.path.getsize(blocks)
    with open(blocks, "ab") as f:
        f.write(b"M")
    unfinished = call("chain", "status")
    check("height %d" % good["height"] in unfinished, "an unfinished block is no damage: %s" % unfinished[:300])
    os.truncate(blocks, whole)
    with open(blocks, "r+b") as f:
        f.seek(os.path.getsize(blocks) // 2)
        byte = f.read(1)
        f.seek(-1, os.SEEK_CUR)
        f.write(bytes([byte[0] ^ 1]))
    call("chain", "status", expect=4, says="get the chain back from a backup")
    bad = json.loads(call("chain", "verify", "--json", expect=4, says="get the chain back from a backup"))
    same(bad["ok"], False, "ok")
    same(sorted(bad["error"]), ["height", "offset", "reason"], "error")


def interrupted(number, words, ready):
    """Starts, waits until ready(process) says so, sends the signal; the status and what was printed."""
    process = start(*words)
    try:
        ready(process)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    same(process.returncode, 128 + number, "status of %s after signal %d (%s)" % (words[0], number, err.decode()[-300:]))
    return out.decode()


def a_moment(process):
    """Until the program has written to its database's log or a second is over: it is at work then."""
    time.sleep(1)
    check(process.poll() is None, "it ended before it could be interrupted")


LONG = ["--epochs", "10000", "--patience", "0", "--lr", "0.00001", "--seed", "77"]


@case("SIGINT and SIGTERM end a training, status 130 and 143, and keep the workspace whole")
def _():
    models = ask("morph", "mlp", "--list")
    for number in (signal.SIGINT, signal.SIGTERM):
        same(interrupted(number, ["train", "mlp"] + LONG, a_moment), "", "output")
        same(interrupted(number, ["score", "mlp"] + LONG, a_moment), "", "output")
    states = [row["state"] for row in ask("board")["rows"]]
    check(set(states) <= {"done", "waiting"}, "states on the board: %r" % states)
    check(all(row.get("directional_accuracy") is None for row in ask("board")["rows"] if row["state"] == "waiting"),
          "an interrupted score has a result")
    same(ask("morph", "mlp", "--list"), models, "morph --list")


def first_line(process):
    check(process.stdout.readline(), "no event came")


@case("an interrupted search says so, keeps what is done and goes on")
def _():
    for number in (signal.SIGINT, signal.SIGTERM):
        out = interrupted(number, ["search", "--trials", "1000", "--workers", "2", "--epochs", "30", "--seed", str(number), "--json"],
                          first_line)
        check('"done":true' not in out, "it says that it is done")
        check(all(row["state"] != "running" for row in ask("board")["rows"]), "something still runs")
    process = start("search", "--resume", "--json")
    first_line(process)
    call("search", "--trials", "2", expect=1, says="a search is running")
    process.terminate()
    same((process.communicate(timeout=60), process.returncode)[1], 143, "status")
    before = len([r for r in ask("board")["rows"] if r["state"] == "done"])
    events = ask("search", "--trials", "3", "--epochs", "2", "--workers", "1", "--seed", "3", lines=True)
    same(events[-1]["trials"], 3, "trials of a new search")
    check(len([r for r in ask("board")["rows"] if r["state"] == "done"]) >= before, "something was lost")


@case("a reader that goes away ends the program: no crash, no loop")
def _():
    for words in (["--help"], ["arch", "list"], ["data", "show", "market", "--json"]):
        process = start(*words)
        process.stdout.close()
        process.wait(timeout=60)
        check(process.returncode in (0, 1), "%r: status %d" % (words, process.returncode))
        process.stderr.close()
    process = start("search", "--trials", "100000", "--workers", "1", "--epochs", "2", "--json")
    first_line(process)
    process.stdout.close()
    process.wait(timeout=60)
    same(process.returncode, 1, "status of a search that nobody hears")
    process.stderr.close()


@case("a full device is status 1")
def _():
    if not os.path.exists("/dev/full"):
        return
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command(["arch", "list", "--json"]), env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE, timeout=60)
    same(done.returncode, 1, "status")
    check(b"standard output" in done.stderr, done.stderr)


@case("file names that are no UTF-8 come back written out")
def _():
    path = os.path.join(os.fsencode(FOLDER), b"b\xf6rse\x1b[31m.csv")
    shutil.copy(os.fsencode(MARKET), path)
    added = ask("data", "add", path, keys=["files"])
    check("b\\xf6rse" in added["files"][0]["path"], added["files"][0]["path"])
    plain = call("data", "list") + call("data", "add", path)
    check("\x1b" not in plain, "a file's name reached the terminal as it is")


@case("bench train: the same hash every time and for every number of threads, and sane rates")
def _():
    for model in ("mlp", "tcn32"):
        words = ["bench", "train", "--model", model, "--steps", "12", "--batch", "32", "--time", "16", "--channels", "4"]
        runs = [ask(*words, "--threads", n, keys=["steps_per_second", "samples_per_second", "gflops", "weights_hash"])
                for n in ("1", "1", "2", "4")]
        same(len({r["weights_hash"] for r in runs}), 1, "hashes of %s" % model)
        for r in runs:
            same(r["steps"], 12, "steps")
            check(r["gflops"] > 0 and abs(r["samples_per_second"] / r["steps_per_second"] - 32) < 1e-6, r)
        other = ask(*words[:5], "13", *words[6:])
        check(other["weights_hash"] != runs[0]["weights_hash"], "one step more, the same weights")
    timed = ask("bench", "train", "--seconds", "0.3", "--batch", "100")
    check(0.3 <= timed["seconds"] < 30 and timed["steps"] > 1, timed)
    path = os.path.join(FOLDER, "a.text")
    same(ask("bench", "train", "--model", path, "--steps", "1")["steps"], 1, "steps")


@case("bench train: how long the first step took to come, the memory, and the trace's share")
def _():
    begin = time.monotonic()
    run_of = ask("bench", "train", "--steps", "30", keys=["first_step_seconds", "peak_rss_mb", "trace_share"])
    whole = time.monotonic() - begin
    check(0 < run_of["first_step_seconds"] < whole, "%r of %r" % (run_of["first_step_seconds"], whole))
    check(1 < run_of["peak_rss_mb"] < 1000, run_of["peak_rss_mb"])
    check(0 < run_of["trace_share"] < 1, run_of["trace_share"])
    same(ask("bench", "train", "--steps", "1")["trace_share"], None, "share of no time")


def spread_is_one(s):
    check(0 < s["least"] <= s["median"] <= s["most"], s)


@case("bench infer: what a call takes, alone and with its windows gathered")
def _():
    for model, batch, threads in (("mlp", 1, 1), ("lstm32", 3, 2), (os.path.join(FOLDER, "a.text"), 1, 1)):
        r = ask("bench", "infer", "--model", model, "--batch", str(batch), "--threads", str(threads), "--seconds", "0.1",
                keys=["calls", "seconds", "kernels"])
        same((r["model"], r["batch"], r["threads"], r["kernels"]), (model, batch, threads, "exact"), "what was measured")
        for rates in (r, r["gathered"]):
            spread_is_one(rates["microseconds_per_call"])
            spread_is_one(r["processor_microseconds_per_call"])
            check(abs(rates["calls_per_second"] * rates["microseconds_per_call"]["median"] / 1e6 - 1) < 1e-6, rates)
            check(abs(rates["samples_per_second"] / rates["calls_per_second"] - batch) < 1e-6, rates)


def has_blas():
    done = subprocess.run(command(["bench", "train", "--kernels", "blas", "--steps", "1"]), env=ENVIRONMENT, cwd=FOLDER,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT)
    if done.returncode:  # built or run without it: it says so, and what to do
        same(done.returncode, 1, "status without OpenBLAS")
        check(b"libopenblas" in done.stderr and b"exact kernels" in done.stderr, done.stderr)
    return done.returncode == 0


@case("bench gemm: a case a line with the core's peak; the same products, exact and through OpenBLAS")
def _():
    both = has_blas()
    lines = ask("bench", "gemm", "--seconds", "0.001", *([] if both else ["--kernels", "exact"]), lines=True)
    cases, last = lines[:-1], lines[-1]
    check(len(cases) > 20 and all(c["event"] == "case" for c in cases), "%d cases" % len(cases))
    same({c["layout"] for c in cases}, {"NN", "TN", "NT"}, "layouts")
    same(len({c["case"] for c in cases}), len(cases), "names")
    for c in cases:
        check(c["m"] > 0 and c["n"] > 0 and c["k"] > 0 and c["threads"] == 1 and c["peak_gflops"] > 0, c)
        for name in ("exact", "blas") if both else ("exact",):
            spread_is_one(c[name])
            check(0 < c[name]["of_peak"] < 10, c)
        same("blas" in c, both, "blas in a case")
        if both:
            check(c["ratio"] > 0 and 0 <= c["largest_difference"] < 1e-4, c)
    spread_is_one(last["exact_of_peak"])
    same("ratio" in last, both, "ratio")
    if both:
        check(any(c["largest_difference"] > 0 for c in cases), "OpenBLAS gives the exact bits: it was not asked")
        same([k for k in ("exact", "blas") if k in ask("bench", "gemm", "--seconds", "0.001", "--kernels", "blas", lines=True)[0]],
             ["blas"], "kernels measured")
    check("NT" in call("bench", "gemm", "--seconds", "0.001", "--kernels", "exact"), "no table")


@case("what is trained through OpenBLAS is close, is marked with all that grows from it, and is never claimed")
def _():
    if not has_blas():
        call("train", "mlp", "--epochs", "1", "--kernels", "blas", expect=1, says="exact kernels")
        return
    words = ["bench", "train", "--steps", "12", "--batch", "32"]
    plain, other = ask(*words), ask(*words, "--kernels", "blas")
    same((plain["kernels"], other["kernels"]), ("exact", "blas"), "kernels")
    check(plain["weights_hash"] != other["weights_hash"], "the bits of the exact kernels")
    exact = ask("train", "mlp", "--epochs", "1")
    blas = ask("train", "mlp", "--epochs", "1", "--kernels", "blas")
    same((exact["kernels"], blas["kernels"]), ("exact", "blas"), "kernels")
    check(abs(exact["train_loss"] - blas["train_loss"]) < 1e-3, "%r and %r" % (exact["train_loss"], blas["train_loss"]))
    again = ask("train", "mlp", "--epochs", "1", "--from", blas["model"])
    same(again["kernels"], "blas", "what goes on from it, exactly")
    call("chain", "propose", blas["model"], "--stake", "10", expect=4, says="OpenBLAS", secret="a passphrase")
    call("chain", "propose", again["model"][:16], "--stake", "10", expect=4, says="kernels blas", secret="a passphrase")
    call("chain", "propose", exact["model"], "--stake", "10", expect=2, says="architecture", secret="a passphrase")
    view = call("view", "train", "--size", "120x40")
    check("blas" in view, view)


@case("every command has its help")
def _():
    names = [line.strip().split("  ")[0] for line in call("--help").split("commands:")[1].split("global options:")[0].splitlines()]
    words = [[w for w in n.split() if w.islower() or "-" in w] for n in names if n.strip()]
    check(len(words) > 30, "only %d commands" % len(words))
    for w in words:
        check(call(*w[:2], "--help").startswith("usage: morphsmith " + w[0]), w)
    check(call("--version").startswith("morphsmith "), "--version")


resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
