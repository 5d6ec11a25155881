"""The workbench as a person uses it, in a real terminal: the screens, sizes, terminals, signals, jobs and signing."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import harness
from tap import case, check, run, same

harness.required()

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
FOLDER = tempfile.mkdtemp(prefix="morphsmith-workbench-")
WORKSPACE = os.path.join(FOLDER, "w")
ENV = {"HOME": FOLDER, "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": "", "NO_COLOR": ""}


def command(*words):
    done = subprocess.run([PROGRAM, *words], env={**os.environ, **ENV}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=300)
    check(done.returncode == 0, "morphsmith %s: %s" % (" ".join(words), done.stderr))
    return done.stdout


def ask(*words):
    return json.loads(command("-w", WORKSPACE, *words, "--json"))


def workbench(*options, **more):
    more.setdefault("size", (100, 30))
    return harness.Terminal([PROGRAM, "-w", WORKSPACE, *options], env={**ENV, **more.pop("env", {})}, **more)


def in_shell(script, **more):
    """A shell script around the program, which it finds as "$P"."""
    return harness.Terminal(["sh", "-c", script], env={**ENV, "P": "%s -w %s" % (PROGRAM, WORKSPACE), **more.pop("env", {})},
                            **more)


def go(t, screen):
    """Goes to a screen by the palette, from wherever no dialog is open."""
    t.keys(":")
    t.wait_for("Go to or do")
    t.type(screen)
    t.wait_for(r"▸ %s\b" % screen)
    t.keys("Enter")
    t.wait_for(r"\[\d %s\]" % screen.capitalize())


def screens(t):
    """Waits for the workbench, goes to its first screen (it opens on the last one visited), returns all names."""
    t.wait_for(r"\[\d [A-Z]\w+\]")
    t.keys("1")
    return re.findall(r"\d ([A-Z]\w+)", t.wait_for(r"^.*\[1 Data\].*$").group())


command("init", WORKSPACE)
command("-w", WORKSPACE, "data", "add", os.path.join(ROOT, "samples", "synthetic_market.csv"), "--asset", "btc")
command("-w", WORKSPACE, "task", "set", "--asset", "btc", "--folds", "3")
command("-w", WORKSPACE, "arch", "new", "mlp")


@case("every screen opens by its digit, by Tab and by name")
def _():
    with workbench() as t:
        names = screens(t)
        check(len(names) >= 4 and names[0] == "Data", names)
        for number, name in enumerate(names, 1):
            t.keys(str(number))
            t.wait_for(r"\[%d %s\]" % (number, name))
        t.keys("Tab")
        t.wait_for(r"\[1 Data\]")
        t.keys("BTab")
        t.wait_for(r"\[%d %s\]" % (len(names), names[-1]))
        for name in names:
            go(t, name.lower())


@case("help and explanation open over a screen, and Esc closes them")
def _():
    with workbench() as t:
        for number, _ in enumerate(screens(t), 1):
            t.keys(str(number), "?")
            t.wait_for("On this screen")
            t.wait_for("Esc closes")
            t.keys("Esc")
            t.wait_gone("Esc closes")
        t.keys("1", "e")
        t.wait_for("Esc closes")
        t.keys("Esc")
        t.wait_gone("Esc closes")


@case("any size: a message where it is too small, a layout from 60x20, no crash at 1x1")
def _():
    with workbench() as t:
        count = len(screens(t))
        t.resize(30, 6)
        t.wait_for("30x6")
        for size in ((1, 1), (2, 2), (1, 40), (200, 1), (300, 120), (60, 20)):
            t.resize(*size)
            for number in range(count):
                t.keys(str(number + 1))
        t.keys("1")
        t.wait_for(r"\[1 Data")
        t.refuse("30x6")
        t.keys("q")
        same(t.status(), 0, "status")


@case("several terminals, colours or none, light or dark")
def _():
    for term in ("xterm-256color", "xterm", "screen-256color", "tmux-256color", "linux", "vt100"):
        try:
            subprocess.run(["infocmp", term], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            continue  # a bare system knows few terminals
        with in_shell('TERM=%s $P; echo "ended $?"' % term, size=(80, 24)) as t:
            screens(t)
            t.keys("2")
            t.wait_for(r"\[2 ")
            t.keys("q")
            t.wait_for("^ended 0$")
    for env in ({"NO_COLOR": "1"}, {"COLORFGBG": "0;15"}):
        with workbench(env=env) as t:
            screens(t)
            t.keys("q")
            same(t.status(), 0, "status")


@case("an unknown terminal gets a message that names a known one")
def _():
    with in_shell('TERM=no-such-terminal $P; echo "ended $?"', size=(140, 24)) as t:
        t.wait_for("^ended [12]$")
        t.wait_for("TERM=xterm-256color")


@case("ASCII alone, when asked for and in a C locale")
def _():
    for options, env in ((["--ascii"], {}), ([], {"LC_ALL": "C"})):
        with workbench(*options, env=env) as t:
            for number, _ in enumerate(screens(t), 1):
                t.keys(str(number))
                t.wait_for(r"\[%d " % number)
                screen = t.snapshot()
                check(screen.isascii(), "not ASCII: %r" % "".join(sorted({c for c in screen if ord(c) > 126})))


@case("without a terminal it says so and ends")
def _():
    done = subprocess.run([PROGRAM, "-w", WORKSPACE], env={**os.environ, **ENV}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    check(done.returncode in (1, 2) and "terminal" in done.stderr, "%d: %s" % (done.returncode, done.stderr))


@case("leaving, SIGTERM and SIGHUP give the terminal back as it was")
def _():
    for number in (0, signal.SIGTERM, signal.SIGHUP):
        script = 'echo before; stty -a >"$HOME/tty1"; sh -c \'echo $$ >"$HOME/pid"; exec $P\'; echo "ended $?"; stty -a >"$HOME/tty2"; cat'
        pid = os.path.join(FOLDER, "pid")
        if os.path.exists(pid):
            os.unlink(pid)
        with in_shell(script) as t:
            screens(t)
            t.refuse("before")
            if number:
                with open(pid, encoding="ascii") as f:
                    os.kill(int(f.read()), number)
            else:
                t.keys("q")
            t.wait_for(r"^before\n(.*\n)*ended %d$" % (128 + number if number else 0))
            t.type("echoed")
            t.wait_for("echoed")
            states = []
            for name in ("tty1", "tty2"):
                with open(os.path.join(FOLDER, name), encoding="ascii") as f:
                    states.append(f.read())
            same(states[1], states[0], "stty -a afterwards")


@case("it can be suspended and comes back")
def _():
    with harness.Terminal(["sh", "-i"], env={**ENV, "PS1": "prompt> ", "ENV": ""}, size=(100, 30)) as t:
        t.wait_for("prompt>")
        t.type("%s -w %s" % (PROGRAM, WORKSPACE))
        t.keys("Enter")
        screens(t)
        t.keys("C-z")
        t.wait_for(r"prompt>(.*\n)*prompt>$")
        t.type("fg")
        t.keys("Enter")
        t.wait_for(r"\[1 Data")  # the screen that was left
        t.keys("2")
        t.wait_for(r"\[2 ")
        t.keys("q")
        t.wait_gone(r"\[2 ")
        t.wait_for("prompt>")


@case("--read-only refuses to search, and says why")
def _():
    with workbench("--read-only") as t:
        screens(t)
        go(t, "search")
        t.keys("r")
        t.wait_for("read-only")
        t.refuse("trials in all")


def start_search(t, trials):
    """From the Search screen, by the form, whose cursor is on the number of trials."""
    t.keys("r")
    t.wait_for("A new search")
    t.keys("Enter")
    t.wait_for("Trials: 1 to")
    t.keys("C-u")
    t.type(str(trials))
    t.keys("Enter")
    t.wait_for(r"Trials +%d\b" % trials)
    t.keys("r")


@case("a search by keys runs to its end while other screens are used")
def _():
    with workbench() as t:
        screens(t)
        go(t, "search")
        start_search(t, 5)
        t.wait_for(r"running|5 of 5|done")
        go(t, "data")
        go(t, "search")
        t.wait_for(r"Trials 5\b", seconds=180)
        t.wait_gone("running", seconds=180)
        t.keys("q")
        same(t.status(), 0, "status")
    rows = ask("board")["rows"]
    same(len([r for r in rows if r["state"] == "done"]), 5, "trials that were stored")


@case("what another process does is seen without a key")
def _():
    with workbench() as t:
        screens(t)
        go(t, "search")
        before = int(t.wait_for(r"Trials (\d+)").group(1))
        command("-w", WORKSPACE, "search", "--trials", "2", "--workers", "1", "--epochs", "1", "--seed", "9")
        t.until(lambda: int(t.wait_for(r"Trials (\d+)").group(1)) > before, "more trials than %d" % before)


@case("leaving while a job runs asks first, and ends the job")
def _():
    with workbench() as t:
        screens(t)
        go(t, "search")
        start_search(t, 500)
        t.wait_for("running")
        t.keys("q")
        t.wait_for(r"is running|are running")
        check(t.note("status") is None, "it ended without asking")
        t.keys("Esc")
        t.wait_gone("cancel them and leave")
        t.keys("q")
        t.wait_for("cancel them and leave")
        t.keys("Down", "Enter")
        same(t.status(), 0, "status")
    left = subprocess.run(["pgrep", "-f", "%s.*%s" % (PROGRAM, WORKSPACE)], stdout=subprocess.PIPE, text=True).stdout.split()
    same(left, [], "processes left behind")


@case("an identity, a chain, a stake: nothing is signed but by the word shown, no passphrase is ever seen")
def _():
    secret = "correct horse battery"
    with workbench() as t:
        screens(t)
        go(t, "chain")

        def say_secret(title):
            t.wait_for(title)
            t.type(secret)
            t.wait_for("•")
            t.refuse("correct|horse")
            t.keys("Enter")
        t.keys("K")
        say_secret("Passphrase for a new identity")
        say_secret("once more")
        t.wait_for("key new: done")
        t.keys("I")
        t.wait_for("= chain init")
        t.keys("r")
        t.wait_for("chain init: done")
        t.wait_for(r"height 0\b")
        t.keys("s")
        t.wait_for("Tokens to stake")
        t.keys("Enter")
        word = t.wait_for(r"Type (\S+) to go on").group(1)
        t.wait_for("amount to lock +1,000 units")
        t.keys("Enter")
        t.type("no")
        t.keys("Enter")
        t.wait_for("not the word")
        same(ask("chain", "status")["height"], 0, "height after a wrong word")
        same(len(ask("chain", "status")["pool"]), 0, "transactions after a wrong word")
        t.keys("BSpace", "BSpace")
        t.type(word)
        t.keys("Enter")
        t.wait_for("(?i)passphrase")
        t.type(secret)
        t.keys("Enter")
        t.wait_for(r"Wait(ing)? 1\b")
        t.keys("b")
        t.wait_for("Type seal to go on")
        t.type("seal")
        t.keys("Enter")
        t.wait_gone("Type seal to go on")
        t.until(lambda: re.search("(?i)passphrase|height 1", t.snapshot()), "a sealed block or its passphrase")
        if "height 1" not in t.snapshot():
            t.type(secret)
            t.keys("Enter")
        t.wait_for("height 1")
        t.wait_for("staked 101,000")
        t.wait_for("seal-block: done")
        t.keys("q")
        same(t.status(), 0, "status")
    same(ask("chain", "verify")["ok"], True, "chain verify")
    for folder, _, names in os.walk(FOLDER):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                check(b"correct horse" not in f.read(), "%s holds the passphrase" % name)


@case("the state of the last visit is kept")
def _():
    with workbench() as t:
        screens(t)
        go(t, "graph")
        t.keys("q")
        same(t.status(), 0, "status")
    with workbench() as t:
        t.wait_for(r"\[\d Graph\]")


@case("the tour runs in a terminal, step by step, and can be left")
def _():
    with harness.Terminal([PROGRAM, "demo"], env=ENV, size=(100, 36)) as t:
        for step in (1, 2, 3):
            t.wait_for(r"step %d of \d+" % step)
            t.wait_for("Space goes on")
            t.keys("Space")
        t.wait_for("step 4 of")
        t.keys("Esc")
        t.wait_for("the workbench is yours")
        t.refuse("step 4 of")
        t.keys("q")
        same(t.status(), 0, "status")


@case("the tour as text tells the same every time, but for times and fresh keys")
def _():
    told = []
    for _ in range(2):
        done = subprocess.run([PROGRAM, "demo"], env={**os.environ, **ENV}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, encoding="utf-8", timeout=300)
        same(done.returncode, 0, "status")
        fresh = r"\bms1\w+|\b[0-9a-f]{8,}\b|(Proposal|One) [0-9a-f]{6}\b|\b[a-z]+-[a-z]+(?= to go on)|│ [a-z]+-[a-z]+ +│|\b\d+(\.\d+)? (ms|s)\b|\b\d{4}-\d\d-\d\d \d\d:\d\d"
        text = re.sub(fresh, "~", done.stdout)
        steps = re.findall(r"^=== (.*)$", text, re.M)
        check(len(steps) > 5, "only %d steps" % len(steps))
        check(re.search(r"now +accepted, \d+ ppm above", text), "the tour's proposal is not accepted at its end:\n" + text[-6000:])
        told.append([" ".join(line.split()) for line in text.split("\n")])
    same([pair for pair in zip(*told) if pair[0] != pair[1]][:5], [], "lines that differ the second time")
    same(len(told[0]), len(told[1]), "lines")


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
