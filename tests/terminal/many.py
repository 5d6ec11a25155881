"""Several parties on one machine, each with a home, a workspace and keys of its own, who share nothing but folders."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from tap import Failed, check, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.path.abspath(os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith"))
SECONDS = float(os.environ.get("MORPHSMITH_TERMINAL_SECONDS", "60"))


class Party:
    """One person. Their workspace is FOLDER/NAME, so that FOLDER is the share."""

    def __init__(self, share, name):
        self.name = name
        self.home = tempfile.mkdtemp(prefix="morphsmith-home-")
        self.workspace = os.path.join(share, name)
        self.chain = os.path.join(self.workspace, "chain")
        self.passphrase = os.path.join(self.home, "passphrase")
        with open(self.passphrase, "w", encoding="utf-8") as f:
            f.write("the passphrase of %s\n" % name * 2)  # a line for each key
        self.running = []

    def environment(self, more=None):
        env = {k: v for k, v in os.environ.items() if not k.startswith("MORPHSMITH_") and not k.startswith("XDG_")}
        env.update(HOME=self.home, LC_ALL="C.UTF-8", TERM="dumb", **(more or {}))
        return env

    def words(self, words, sign):
        command = [PROGRAM, "-w", self.workspace] + [str(w) for w in words]
        if sign:
            command = ["sh", "-c", 'exec "$@" 3<"$0"', self.passphrase] + command + ["--passphrase-fd", "3"]
        return command

    def call(self, *words, expect=0, says=None, sign=False, env=None):
        done = subprocess.run(self.words(words, sign), env=self.environment(env), cwd=self.home, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", timeout=600)
        if expect is not None:
            same(done.returncode, expect, "status of %s: %s (%s)" % (self.name, " ".join(map(str, words)),
                                                                     done.stderr.strip()[-800:]))
        if says is not None:
            check(says in done.stderr, "%s: no %r in %r" % (" ".join(map(str, words)), says, done.stderr))
        return done.stdout

    def ask(self, *words, **options):
        """The last JSON value of what a command prints."""
        out = self.call(*words, "--json", **options)
        return json.loads(out) if out.startswith("{\n") else json.loads(out.strip().split("\n")[-1])

    def sign(self, *words, **options):
        return self.ask(*words, sign=True, **options)

    def start(self, *words, sign=True, env=None):
        """In the background; its events go to a file."""
        out = open(os.path.join(self.home, "events.%d" % len(self.running)), "w", encoding="utf-8")
        p = subprocess.Popen(self.words(list(words) + ["--json"], sign), env=self.environment(env), cwd=self.home,
                             stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, text=True,
                             start_new_session=True)
        p.out = out.name
        out.close()
        self.running.append(p)
        return p

    def events(self, p=None):
        found = []
        with open((p or self.running[-1]).out, encoding="utf-8") as f:
            for line in f:
                if line.endswith("\n"):
                    found.append(json.loads(line))
        return [e for e in found if "event" in e]

    def kill(self):
        for p in self.running:
            if p.poll() is None:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()
            if p.stderr and not p.stderr.closed:
                p.stderr.close()
        self.running = [p for p in self.running if p.poll() is None]

    def end(self, p=None, expect=None):
        p = p or self.running[-1]
        if p.poll() is None:
            os.killpg(p.pid, signal.SIGTERM)
        error = p.communicate(timeout=SECONDS)[1]
        if expect is not None:
            same(p.returncode, expect, "status of %s's follow (%s)" % (self.name, error[-800:]))
        return error

    def height(self):
        """By the file alone: cheap enough to be asked often."""
        try:
            with open(os.path.join(self.chain, "blocks.len"), "rb") as f:
                data = f.read()
            return int.from_bytes(data[16:24], "little")
        except FileNotFoundError:
            return -1

    def head(self):
        with open(os.path.join(self.chain, "blocks.len"), "rb") as f:
            data = f.read()
        return int.from_bytes(data[16:24], "little"), data[24:56].hex()

    def pool(self):
        return [n for n in os.listdir(os.path.join(self.chain, "pool")) if re.fullmatch("[0-9a-f]{64}", n)]


def until(holds, what, seconds=None):
    end = time.monotonic() + (seconds or SECONDS)
    while True:
        got = holds()
        if got:
            return got
        if time.monotonic() > end:
            raise Failed("waited in vain for %s" % what)
        time.sleep(0.02)


GENESIS = """morphsmith-genesis 1
name several people
time 2026-01-01T00:00:00Z
min_fee 1
%s"""
SECONDS_OF = ("unbonding", "expiry", "commit", "reveal", "dispute")


def windows_of_blocks(parameters):
    """The windows that the parameters do not count in seconds are counted in blocks alone: left out, they last hours."""
    return parameters + "".join("%s_seconds 0\n" % w for w in SECONDS_OF if "%s_seconds" % w not in parameters)


class World:
    """A share and its people, each a validator with an identity ("main") and a voting key ("vote")."""

    def __init__(self, names, stakes=None, parameters="", balance=100000):
        self.share = tempfile.mkdtemp(prefix="morphsmith-share-")
        self.party = {}
        stakes = stakes or [1000] * len(names)
        self.file = os.path.join(self.share, "genesis.txt")
        lines, supply = [], 0
        for name, stake in zip(names, stakes):
            p = Party(self.share, name)
            self.party[name] = p
            p.call("init", p.workspace)
            p.main = p.sign("key", "new", "--name", "main")
            p.vote = p.sign("key", "new", "--name", "vote")
            lines.append("holder %s %d" % (p.main["public_key"], balance))
            supply += balance
            if stake:
                lines.append("validator %s %s %d" % (p.main["public_key"], p.vote["public_key"], stake))
                supply += stake
        with open(self.file, "w", encoding="utf-8") as f:
            f.write(GENESIS % windows_of_blocks(parameters) + "supply %d\n" % supply + "\n".join(lines) + "\n")

    def __iter__(self):
        return iter(self.party.values())

    def __getitem__(self, name):
        return self.party[name]

    def begin(self):
        """The first makes the chain, the others join it."""
        first, *others = self
        self.id = first.ask("chain", "init", "--genesis", self.file)["chain_id"]
        for p in others:
            same(p.ask("chain", "join", first.workspace)["chain_id"], self.id, "the chain that was joined")

    def follow(self, p, *more, every="0.1", key="vote", env=None):
        return p.start("chain", "follow", self.share, "--key", key, "--every", every, *more, env=env)

    def close(self):
        for p in self:
            p.kill()
            shutil.rmtree(p.home, ignore_errors=True)
        shutil.rmtree(self.share, ignore_errors=True)

    def agree(self, height):
        """All have the block of this height, and it is the same one."""
        ids = {b["hash"] for p in self for b in p.ask("chain", "log", "--from", height, "--to", height)["blocks"]}
        same(len(ids), 1, "different blocks at height %d" % height)
        return ids.pop()
