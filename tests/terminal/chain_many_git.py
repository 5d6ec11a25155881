"""The same over git: each party has a clone, publishes into a folder of its own, and something pulls, commits and pushes
now and then. Nothing else connects them."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from many import World, until
from tap import case, check, run, same, skip_all

if not shutil.which("git"):
    skip_all("git is not installed")

PAUSE = 0.5
world = World(("ann", "ben", "cem"))
ann, ben, cem = world
place = tempfile.mkdtemp(prefix="morphsmith-git-")
bare = os.path.join(place, "bare.git")
ends = threading.Event()


def git(*words, fails=False):
    env = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null", GIT_AUTHOR_NAME="x",
               GIT_AUTHOR_EMAIL="x@example.org", GIT_COMMITTER_NAME="x", GIT_COMMITTER_EMAIL="x@example.org")
    done = subprocess.run(("git",) + words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    check(fails or done.returncode == 0, "git %s: %s" % (" ".join(words), done.stdout))
    return done.returncode == 0


def clone(p):
    return os.path.join(place, p.name)


def exchange(p):
    """What a job each minute does."""
    at = clone(p)
    git("-C", at, "add", "-A", fails=True)
    git("-C", at, "commit", "-q", "-m", "x", fails=True)
    git("-C", at, "pull", "-q", "--no-edit", "--no-rebase", fails=True)
    git("-C", at, "push", "-q", fails=True)


def keep_exchanging(p):
    while not ends.wait(PAUSE):
        exchange(p)


@case("a repository, three clones; one publishes, the others join by their clones")
def _():
    git("init", "-q", "--bare", "-b", "main", bare)
    for p in world:
        git("clone", "-q", bare, clone(p), fails=True)
    ann.call("chain", "init", "--genesis", world.file)
    ann.call("chain", "follow", clone(ann), "--once", "--publish", os.path.join(clone(ann), "ann"))
    git("-C", clone(ann), "checkout", "-q", "-b", "main", fails=True)
    git("-C", clone(ann), "add", "-A")
    git("-C", clone(ann), "commit", "-q", "-m", "genesis")
    git("-C", clone(ann), "push", "-q", "-u", "origin", "main")
    for p in (ben, cem):
        git("-C", clone(p), "pull", "-q", "origin", "main")
        git("-C", clone(p), "checkout", "-q", "-B", "main", "origin/main")
        p.call("chain", "join", clone(p))


@case("payments get into blocks of all")
def _():
    threads = [threading.Thread(target=keep_exchanging, args=(p,)) for p in world]
    for t in threads:
        t.start()
    try:
        for p in world:
            p.start("chain", "follow", clone(p), "--publish", os.path.join(clone(p), p.name), "--key", "vote", "--every",
                    "0.2", "--timeout", "8")
        for n in range(3):
            before = ann.height()
            (ann, ben, cem)[n].sign("chain", "transfer", (ben, cem, ann)[n].main["address"], 5)
            until(lambda: all(p.height() > before for p in world), "block %d over git" % (before + 1), 180)
        for p in world:
            p.end(expect=143)
    finally:
        ends.set()
        for t in threads:
            t.join()
    world.agree(min(p.height() for p in world))
    for p in world:
        check(p.ask("chain", "verify")["ok"], "the chain of " + p.name)


@case("what is published is a chain that a stranger can verify")
def _():
    from many import Party
    eve = Party(place, "eve")
    eve.call("init", eve.workspace)
    for _ in range(3):
        for p in world:
            exchange(p)
    got = eve.ask("chain", "join", clone(cem))
    check(got["height"] >= 3, "%r" % got)
    same(eve.ask("chain", "verify")["height"], got["height"], "the height that was verified")
    shutil.rmtree(eve.home)


try:
    run()
finally:
    ends.set()
    world.close()
    shutil.rmtree(place, ignore_errors=True)
