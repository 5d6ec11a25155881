"""The scenario of four parties (samples/four_parties.sh), step by step as the tour plays it: each must own what the rules say.
Then the tools of the scenario themselves: its account finds a wrong amount, and the liar lies on chains named demo alone."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from tap import Given, case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
LIAR = os.path.join(os.path.dirname(PROGRAM), "samples", "liar")
SCRIPT = os.path.join(ROOT, "samples", "four_parties.sh")

FOLDER = tempfile.mkdtemp(prefix="morphsmith-scenario-")
ENV = {**os.environ, "HOME": FOLDER, "MORPHSMITH": PROGRAM, "LIAR": LIAR, "PATIENCE": "300"}
owner = subprocess.Popen(["sleep", "100000"])  # in the tour's place
ENV["FOUR_PARTIES_OWNER"] = str(owner.pid)
known = Given()


def step(name, script=SCRIPT, status=0):
    done = subprocess.run(["sh", script, "--in", FOLDER, "--step", name], env=ENV, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    same(done.returncode, status, "status of %s, which said:\n%s" % (name, done.stdout[-3000:]))
    return done.stdout


def chain(*arguments):
    return subprocess.run([PROGRAM, "-w", os.path.join(FOLDER, "ada", "ws"), "chain", *arguments], text=True, check=True,
                          env={**ENV, "XDG_DATA_HOME": os.path.join(FOLDER, "ada")}, stdout=subprocess.PIPE).stdout


@case("four parties begin one chain, and a task comes onto it by votes")
def _():
    step("parties")
    step("work")
    check(re.search(r"^chain demo, height 1,", chain("status")), chain("status"))


@case("an honest claim is verified and paid; who guesses is punished")
def _():
    step("claim")
    check(re.search(r"accepted.* yes ", chain("status")), chain("status"))


@case("a false claim is refuted; who copies a commitment cannot reveal it")
def _():
    step("refuted")
    check(len(re.findall(r"\brefuted\b", chain("status"))) >= 1, chain("status"))


@case("a false claim that only a friend has looked at is overturned by one challenger, over one interval")
def _():
    step("disputed")
    said = chain("disputes")
    check(re.search(r"upheld", said) and re.search(r"place +fold 2, leaf 2 of \d", said), said)


@case("who signs two votes for one place loses stake and is barred")
def _():
    step("doubled")
    check(len(re.findall(r"\byes +yes\b|\bno +yes\b", chain("status"))) == 1, chain("status"))


@case("each owns exactly what the rules say, and every copy of the chain verifies to the same head")
def _():
    said = step("account")
    same(len(re.findall(r" right$", said, re.M)), 4, "parties with the right amounts in:\n" + said)


@case("the account is a check: with another rule in the script it fails, and says whose amount is wrong")
def _():
    with open(SCRIPT, encoding="utf-8") as f:
        text = f.read()
    changed = text.replace("DOUBLE_PPM=50000", "DOUBLE_PPM=50100")
    check(changed != text, "the rule is not there to be changed")
    other = os.path.join(FOLDER, "other.sh")
    with open(other, "w", encoding="utf-8") as f:
        f.write(changed)
    said = step("account", script=other, status=1)
    check(re.search(r"^dan .*WRONG$", said, re.M) and not re.search(r"^(bob|cyn) .*WRONG$", said, re.M), said)


def runs(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@case("killed without a word, the tour leaves no party's program running")
def _():
    pids = []
    for name in ("ada", "bob", "cyn", "dan"):
        with open(os.path.join(FOLDER, name, "follow.pid"), encoding="ascii") as f:
            pids.append(int(f.read()))
    check(all(runs(p) for p in pids), "programs that ended before: %r" % [p for p in pids if not runs(p)])
    owner.kill()
    owner.wait()
    end = time.monotonic() + 60
    while any(runs(p) for p in pids) and time.monotonic() < end:
        time.sleep(0.05)
    same([p for p in pids if runs(p)], [], "programs that still run")
    del ENV["FOUR_PARTIES_OWNER"]


@case("what a killed tour leaves behind, the next one removes; the folder of one that runs, of a link or of no tour it leaves")
def _():
    temporary = os.path.join(FOLDER, "tmp")
    kept = os.path.join(FOLDER, "kept")
    os.mkdir(temporary)
    os.makedirs(os.path.join(kept, "inner"))
    env = {**ENV, "TMPDIR": temporary}

    def tours():
        return {n for n in os.listdir(temporary) if n.startswith("morphsmith-demo-")}

    def begin():
        before = tours()
        p = subprocess.Popen([PROGRAM, "demo"], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while not [n for n in tours() - before if os.path.exists(os.path.join(temporary, n, ".tour.lock"))]:
            check(p.poll() is None and time.monotonic() < end, "the tour did not begin: %r" % os.listdir(temporary))
            time.sleep(0.01)
        return p, (tours() - before).pop()
    killed, left = begin()
    killed.kill()
    killed.wait()
    check(left in tours(), "a killed tour removed its folder")
    os.symlink(kept, os.path.join(temporary, "morphsmith-demo-link"))
    os.mkdir(os.path.join(temporary, "morphsmith-demo-mine"))
    with open(os.path.join(kept, ".tour.lock"), "w", encoding="ascii"):
        pass
    first, one = begin()
    second, two = begin()
    same(tours(), {one, two, "morphsmith-demo-link", "morphsmith-demo-mine"}, "folders of tours")
    check(os.path.isdir(os.path.join(kept, "inner")), "what a link led to is gone")
    for p in (first, second):
        p.kill()
        p.wait()


@case("the parties' programs that have ended may be ended again")
def _():
    step("end")


@case("the liar lies on chains named demo alone")
def _():
    env = {**ENV, "XDG_DATA_HOME": os.path.join(FOLDER, "lone")}
    space = os.path.join(FOLDER, "lone", "ws")
    os.makedirs(os.path.join(FOLDER, "lone", "morphsmith", "keys"), 0o700)
    subprocess.run([LIAR, "key", "main"], env=env, check=True)
    subprocess.run([PROGRAM, "init", space], env=env, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([PROGRAM, "-w", space, "chain", "init", "--name", "earnest"], env=env, check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run([LIAR, "votes", space, "main", space], env=env, text=True, stderr=subprocess.PIPE)
    check(done.returncode == 1 and "not named demo" in done.stderr, "%r" % done)
    done = subprocess.run([LIAR, "votes", space], env=env, text=True, stderr=subprocess.PIPE)
    same(done.returncode, 2, "status without its words")


@case("the tours and their chapters are listed, and a chapter that there is not is refused")
def _():
    listed = subprocess.run([PROGRAM, "demo", "--list"], env=ENV, text=True, check=True, stdout=subprocess.PIPE).stdout
    check(re.search(r"^one ", listed, re.M) and re.search(r"^many ", listed, re.M), listed)
    check(re.search(r"^ +4  A dispute$", listed, re.M), listed)
    done = subprocess.run([PROGRAM, "demo", "many", "--from", "99"], env=ENV, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == 2 and "chapters 1 to" in done.stderr, "%r" % done)


try:
    run()
finally:
    owner.kill()
    owner.wait()
    subprocess.run(["sh", SCRIPT, "--in", FOLDER, "--step", "end"], env=ENV, stdout=subprocess.DEVNULL)
    shutil.rmtree(FOLDER, ignore_errors=True)
