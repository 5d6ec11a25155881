"""A machine that does not compute as others do still trains and shows, but neither claims nor attests, and says why: by
command and in the workbench. Its fmaf rounds twice (tests/exact/unfused.c)."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import harness
from tap import Given, case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
UNFUSED = os.path.abspath("tests/exact/unfused.so")
PASSPHRASE = "correct horse"

harness.required()

FOLDER = tempfile.mkdtemp(prefix="morphsmith-unfit-")
FIT = {k: v for k, v in os.environ.items() if not k.startswith(("MORPHSMITH_", "XDG_"))}
FIT.update(HOME=FOLDER, LC_ALL="C.UTF-8")
UNFIT = {"LD_PRELOAD": UNFUSED, "MORPHSMITH_ISA": "portable"}
known = Given()


def call(*words, unfit=False, expect=0, says=()):
    """Standard output; all that is signed is signed with the one passphrase."""
    secret = os.path.join(FOLDER, "secret")
    with open(secret, "w", encoding="utf-8") as f:
        f.write(PASSPHRASE + "\n")
    line = [PROGRAM, "-w", "ws", *words, "--passphrase-fd", "3"]
    done = subprocess.run(["sh", "-c", 'exec "$@" 3<"$0"', secret, *line], env={**FIT, **UNFIT} if unfit else FIT, cwd=FOLDER,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
    same(done.returncode, expect, "status of %s (%s)" % (" ".join(words), done.stderr.strip()[-500:]))
    for word in says:
        check(word in done.stderr, "%s: no %r in %r" % (" ".join(words), word, done.stderr))
    return done.stdout


def prepare():
    call("init", "ws")
    shutil.copy(os.path.join(ROOT, "samples", "synthetic_market.csv"), os.path.join(FOLDER, "m.csv"))
    call("data", "add", "m.csv", "--asset", "m")
    call("task", "set", "--asset", "m", "--lookback", "8", "--folds", "2")
    call("arch", "new", "mlp")
    address = json.loads(call("key", "new", "--json"))["address"]
    call("chain", "init")
    call("chain", "stake", "1000")
    call("chain", "task", "--pool", "500", "--epochs", "1", "--reviewers", address, "--approvals", "1")
    call("chain", "seal-block")
    known["proposal"] = json.loads(call("chain", "propose", "mlp", "--stake", "10", "--json"))["proposal"]
    call("chain", "attest", known["proposal"])


@case("a claim is made on a fit machine")
def _():
    prepare()


@case("the unfit one trains nevertheless")
def _():
    call("train", "mlp", "--epochs", "1", unfit=True)


@case("it must not claim")
def _():
    call("chain", "propose", "mlp", "--stake", "10", unfit=True, expect=1,
         says=["must not make claims", "self-test", "kernels portable", "does not compute as others do"])


@case("it must not approve, reject or verify by its own re-run")
def _():
    for words in (["chain", "approve", known["proposal"], "--reason", "x", "--rerun"],
                  ["chain", "reject", known["proposal"], "--reason", "x", "--rerun"], ["chain", "verify", "--rerun"],
                  ["chain", "attest", known["proposal"]]):
        call(*words, unfit=True, expect=1, says=["must not attest", "self-test"])


@case("nothing was signed")
def _():
    status = json.loads(call("chain", "status", "--json"))
    same(status["height"], 4, "height")
    same(json.loads(call("chain", "show", known["proposal"][:12], "--json"))["state"], "revealing", "state")


@case("the workbench shows it")
def _():
    with harness.Terminal([PROGRAM, "-w", "ws"], size=(120, 40), env={"HOME": FOLDER, **UNFIT}, cwd=FOLDER) as t:
        t.wait_for("in force")
        t.keys("6")
        t.wait_for("height 4")
        t.keys("p")
        t.wait_for("= chain propose ")
        t.keys("r")
        t.wait_for("chain propose failed: this machine must not make claims: the self-test", 60)
        t.keys("7")
        t.wait_for("▸.*chain propose failed: this machine must not make claims")
        t.keys("Enter")
        t.wait_for("not compute as others do, so it must not attest")


@case("the fit machine approves")
def _():
    call("chain", "approve", known["proposal"], "--reason", "x", "--rerun")


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
