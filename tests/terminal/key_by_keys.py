"""Identities on a real terminal: made, taken in, given another passphrase, by command and in the workbench; a key that lives
on another machine; what stays unlocked. No passphrase is ever seen."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import harness
from tap import case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
OLD, NEW = "correct horse battery", "zebra crossing at noon"
SEEN = "correct|horse|zebra|crossing"

harness.required()

FOLDER = tempfile.mkdtemp(prefix="morphsmith-keys-")


def env(machine):
    return {"HOME": FOLDER, "XDG_DATA_HOME": os.path.join(FOLDER, machine)}


def terminal(machine, *arguments, size=(100, 30)):
    return harness.Terminal([PROGRAM, *arguments], size=size, env=env(machine), cwd=FOLDER)


def morphsmith(machine, *arguments, lines=(), status=0):
    """Passphrases, where there are any, through descriptor 0."""
    given = ["--passphrase-fd", "0"] if lines else []
    done = subprocess.run([PROGRAM, *arguments, *given, "--json"], cwd=FOLDER, env={**os.environ, **env(machine)}, text=True,
                          input="".join(line + "\n" for line in lines), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == status, "%s: %d\n%s" % (arguments, done.returncode, done.stderr))
    return json.loads(done.stdout) if done.stdout else done.stderr


def key_file(machine, name="main"):
    return os.path.join(FOLDER, machine, "morphsmith", "keys", name + ".key")


def born(machine, name="main"):
    """The note that a key need not wait before it votes."""
    return os.path.join(FOLDER, machine, "morphsmith", "keys", name + ".guard", "born")


def content(path):
    with open(path, "rb") as f:
        return f.read()


def say(t, title, secret):
    t.wait_for(title)
    t.type(secret)
    t.keys("Enter")


@case("key new asks twice, says what is weak, and shows nothing")
def _():
    with terminal("one", "key", "new") as t:
        say(t, "New passphrase:", "horse")
        t.wait_for("Weak: the passphrase is short")
        say(t, "Once more:", "house")
        t.wait_for("differ; nothing was changed")
        same(t.status(), 4, "status")
        t.refuse("horse|house")
    check(not os.path.exists(key_file("one")), "an identity in spite of two passphrases")
    with terminal("one", "key", "new") as t:
        say(t, "New passphrase:", OLD)
        say(t, "Once more:", OLD)
        t.wait_for("address +ms1")
        same(t.status(), 0, "status")
        t.refuse(SEEN + "|Weak")
    same(os.stat(key_file("one")).st_mode & 0o777, 0o600, "mode")


@case("key passwd asks for the old one and twice for the new one")
def _():
    before = content(key_file("one"))
    with terminal("one", "key", "passwd") as t:
        say(t, "Passphrase until now:", NEW)
        say(t, "New passphrase:", OLD)
        say(t, "Once more:", OLD)
        t.wait_for("wrong passphrase")
        same(t.status(), 4, "status")
    same(content(key_file("one")), before, "the key file")
    with terminal("one", "key", "passwd") as t:
        say(t, "Passphrase until now:", OLD)
        say(t, "New passphrase:", NEW)
        say(t, "Once more:", NEW)
        t.wait_for("address +ms1")
        same(t.status(), 0, "status")
        t.refuse(SEEN)
    check(content(key_file("one")) != before, "the key file did not change")
    morphsmith("one", "key", "passwd", lines=[NEW], status=4)
    morphsmith("one", "key", "passwd", lines=[NEW, OLD])


@case("a backup is taken in on another machine, once")
def _():
    where = morphsmith("one", "key", "backup", "main.backup")["file"]
    morphsmith("one", "key", "backup", "main.backup", status=1)
    with terminal("two", "key", "import", where) as t:
        say(t, "Passphrase of the backup:", OLD)
        t.wait_for("address +ms1")
        same(t.status(), 0, "status")
        t.refuse(SEEN)
    same(content(key_file("two")), content(key_file("one")), "what was taken in")
    check(not os.path.exists(born("two")), "a key from elsewhere votes at once")
    before = content(key_file("two"))
    morphsmith("two", "key", "import", where, lines=[OLD], status=1)
    morphsmith("two", "key", "import", where, "--name", "other", lines=[OLD], status=1)
    morphsmith("three", "key", "import", where, lines=[NEW], status=4)
    same(content(key_file("two")), before, "what was there")
    check(not os.path.exists(key_file("three")), "taken in with a wrong passphrase")


@case("that a key has voted on no other machine is said on purpose: at its import, or later")
def _():
    same(morphsmith("two", "key", "never-voted", "--read-only", status=2)[:11], "morphsmith:", "refused")
    check(not os.path.exists(born("two")), "written in spite of --read-only")
    same(morphsmith("two", "key", "never-voted")["never_voted"], True, "said later")
    check(os.path.exists(born("two")), "no note of it")
    same(morphsmith("eight", "key", "import", "main.backup", lines=[OLD])["never_voted"], False, "not said")
    same(morphsmith("nine", "key", "import", "main.backup", "--never-voted", lines=[OLD])["never_voted"], True, "said at once")
    same((os.path.exists(born("eight")), content(born("nine"))), (False, content(born("two"))), "notes")
    morphsmith("one", "key", "export", "--out", "card.pub")
    morphsmith("ten", "key", "import", "card.pub", "--never-voted", status=2)
    morphsmith("ten", "key", "import", "card.pub")
    morphsmith("ten", "key", "never-voted", status=4)


@case("Ctrl-C at a passphrase leaves the terminal as it was and nothing behind")
def _():
    with terminal("four", "key", "new") as t:
        t.wait_for("New passphrase:")
        t.keys("C-c")
        same(t.status(), 130, "status")
    check(not os.path.exists(key_file("four")), "an identity from nothing")


@case("under --read-only no identity is made or changed")
def _():
    for arguments in (["key", "new"], ["key", "passwd"], ["key", "backup", "x"], ["key", "import", "main.backup"],
                      ["key", "export", "--out", "x"]):
        morphsmith("one", *arguments, "--read-only", lines=[OLD, NEW], status=2)


@case("a key on another machine: prepared, signed by its word, submitted; by command")
def _():
    subprocess.run([PROGRAM, "init", "ws"], cwd=FOLDER, env={**os.environ, **env("one")}, check=True, stdout=subprocess.DEVNULL)
    morphsmith("one", "-w", "ws", "chain", "init")
    morphsmith("one", "key", "export", "--out", "main.pub")
    morphsmith("net", "key", "import", "main.pub")
    same(morphsmith("net", "key", "list")["identities"][0]["public_only"], True, "public only")
    check("chain prepare" in morphsmith("net", "-w", "ws", "chain", "stake", "7", lines=[OLD], status=4), "what to do")
    prepared = morphsmith("net", "-w", "ws", "chain", "prepare", "stake", "7", "--out", "stake.prepared")
    morphsmith("net", "-w", "ws", "chain", "prepare", "stake", "7", "--out", "stake.prepared", status=1)
    morphsmith("net", "-w", "ws", "chain", "prepare", "stake", "7", status=2)
    morphsmith("net", "-w", "ws", "chain", "prepare", "seal-block", "--out", "x", status=2)
    morphsmith("net", "chain", "sign", "stake.prepared", lines=[OLD], status=4)
    with terminal("one", "chain", "sign", "stake.prepared") as t:
        t.wait_for("amount to lock +7 units")
        word = t.wait_for(r"Type (\S+) to sign").group(1)
        t.type(word)
        t.keys("Enter")
        say(t, "Passphrase:", OLD)
        t.wait_for("stake.prepared.signed")
        same(t.status(), 0, "status")
        t.refuse(SEEN)
    morphsmith("one", "chain", "sign", "stake.prepared", lines=[OLD], status=1)  # never over the signed one
    morphsmith("net", "-w", "ws", "chain", "submit", "stake.prepared", status=4)
    done = morphsmith("net", "-w", "ws", "chain", "submit", "stake.prepared.signed")
    same((done["submitted"], done["known"], done["tx"]), (1, 0, prepared["tx"]), "submitted")
    done = morphsmith("net", "-w", "ws", "chain", "submit", "stake.prepared.signed")
    same((done["submitted"], done["known"]), (0, 1), "submitted again")
    damaged = bytearray(content(os.path.join(FOLDER, "stake.prepared.signed")))
    damaged[40] ^= 1
    with open(os.path.join(FOLDER, "damaged"), "wb") as f:
        f.write(damaged)
    check("damaged" in morphsmith("net", "-w", "ws", "chain", "submit", "damaged", status=4), "which file")


def screen(t):
    t.wait_for("1 Data")
    t.type(":")
    t.type("chain")
    t.keys("Enter")
    t.wait_for(r"\[\d Chain\]")
    t.wait_for(r"height \d")


def down_to(t, entry):
    """In a dialog, whose border tells its cursor from that of the list behind it."""
    at = t.wait_for(r"│ ▸ (.*?)  ").group(1)
    while entry not in at:
        t.keys("Down")
        at = t.wait_for(r"│ ▸ ((?!%s)\S.*?)  " % re.escape(at)).group(1)
    t.keys("Enter")


def menu(t, entry):
    t.keys("i")
    down_to(t, entry)


def choose(t, title, entry):
    t.wait_for(title)
    down_to(t, entry)


def type_over(t, title, text):
    t.wait_for(title)
    t.keys("C-u")
    t.type(text)
    t.keys("Enter")


def confirm(t):
    t.type(t.wait_for(r"Type (\S+) to go on").group(1))
    t.keys("Enter")


@case("in the workbench: unlocked by a signature, locked by a key; another passphrase, a backup, the public part")
def _():
    with terminal("one", "-w", "ws", size=(132, 43)) as t:
        screen(t)
        t.keys("b")
        confirm(t)
        say(t, "Passphrase of main", OLD)
        t.wait_for("unlocked, locks in 5 min")
        t.wait_for("height 1")
        t.keys("s")
        t.wait_for("Tokens to stake")
        t.keys("Enter")
        confirm(t)  # and no passphrase
        t.wait_for("chain stake 1000: done")
        t.keys("L")
        t.wait_for("locked: the next signature asks")
        t.keys("b")
        confirm(t)
        say(t, "Passphrase of main", NEW)
        t.wait_for("wrong passphrase")
        t.refuse("unlocked")
        menu(t, "another passphrase")
        say(t, "Passphrase of main until now", OLD)
        say(t, "New passphrase of main", "horse")
        t.wait_for("the passphrase is short")
        t.keys("C-u")
        t.keys("Esc")
        menu(t, "another passphrase")
        say(t, "Passphrase of main until now", OLD)
        say(t, "New passphrase of main", NEW)
        say(t, "once more", NEW)
        t.wait_for("key passwd main: done")
        menu(t, "back it up")
        type_over(t, "Back up to the new file", "by-keys.key")
        t.wait_for("key backup main .*: done")
        menu(t, "public part to a file")
        type_over(t, "public part to the new file", "by-keys.pub")
        t.wait_for("key export main .*: done|key export main: done")
        t.refuse(SEEN)
        t.keys("q")
        same(t.status(), 0, "status")
    same(content(os.path.join(FOLDER, "by-keys.key")), content(key_file("one")), "the backup")
    same(content(os.path.join(FOLDER, "by-keys.pub")), content(os.path.join(FOLDER, "main.pub")), "the public part")


@case("in the workbench without the key: prepared, and what was signed elsewhere submitted")
def _():
    with terminal("net", "-w", "ws", size=(132, 43)) as t:
        screen(t)
        t.keys("s")
        type_over(t, "Tokens to stake", "9")
        type_over(t, "Write it to the new file", "nine.prepared")
        t.wait_for("chain prepare.*: done")
        t.keys("Esc")
        morphsmith("one", "chain", "sign", "nine.prepared", lines=[NEW])
        t.keys("O")
        t.wait_for("submit a signed file")
        t.keys("Enter")
        type_over(t, "The signed file", "nine.prepared.signed")
        t.wait_for("chain submit.*: done")
        t.keys("q")
        same(t.status(), 0, "status")
    same(len(morphsmith("net", "-w", "ws", "chain", "status")["pool"]), 2, "what waits")


@case("in the workbench: a backup is taken in")
def _():
    with terminal("five", "-w", "ws", size=(132, 43)) as t:
        screen(t)
        menu(t, "take in a backup")
        type_over(t, "The file to take in", "by-keys.key")
        choose(t, "Has this key voted on another machine", "it may have")
        say(t, "Passphrase of the backup", NEW)
        t.wait_for("key import.*: done")
        t.wait_for("you are main")
        check(not os.path.exists(born("five")), "a key from elsewhere votes at once")
        menu(t, "it has voted on no other machine")
        choose(t, "it can cost stake and seat", "no other machine has ever")
        t.wait_for("key never-voted main: done")
        t.refuse(SEEN)
        t.keys("q")
        same(t.status(), 0, "status")
    same(content(key_file("five")), content(key_file("one")), "what was taken in")
    check(os.path.exists(born("five")), "no note of what was said")


@case("in the workbench: a backup whose key has voted nowhere")
def _():
    with terminal("eleven", "-w", "ws", size=(132, 43)) as t:
        screen(t)
        menu(t, "take in a backup")
        type_over(t, "The file to take in", "by-keys.key")
        choose(t, "Has this key voted on another machine", "never: it votes at once")
        say(t, "Passphrase of the backup", NEW)
        t.wait_for("key import.*: done")
        t.keys("q")
        same(t.status(), 0, "status")
    check(os.path.exists(born("eleven")), "no note of what was said")


def identity(t, name):
    """Puts the cursor of the Identities view on it."""
    t.keys("g")
    while not re.search(r"▸ +%s" % name, t.snapshot()):
        before = t.snapshot()
        t.keys("j")
        t.until(lambda: t.snapshot() != before, "the cursor to move")


@case("among several identities one signs by default: chosen by command and in the workbench, and forgotten again")
def _():
    for name in ("ann", "bob"):
        morphsmith("six", "key", "new", "--name", name, lines=[NEW])
    check("key default NAME" in morphsmith("six", "key", "show", status=4), "what to do")
    same([one["default"] for one in morphsmith("six", "key", "list")["identities"]], [False, False], "none yet")
    morphsmith("six", "key", "default", "carl", status=4)
    morphsmith("six", "key", "default", "bob", "--read-only", status=2)
    same(morphsmith("six", "key", "default", "bob")["name"], "bob", "chosen")
    same(morphsmith("six", "key", "show")["name"], "bob", "the one by default")
    with terminal("six", "-w", "ws", size=(132, 43)) as t:
        screen(t)
        t.wait_for("you are bob")
        t.keys("Right", "Right", "Right")
        t.wait_for(r"\[Identities")
        identity(t, "ann")
        menu(t, "let it sign wherever none is named")
        t.wait_for("key default ann: done")
        t.wait_for("you are ann")
        t.keys("q")
        same(t.status(), 0, "status")
    same(morphsmith("six", "key", "default")["name"], "ann", "chosen on the screen")
    os.remove(key_file("six", "ann"))
    check("ann" in morphsmith("six", "key", "show", status=4), "the chosen one is gone, and another would have signed")
    morphsmith("six", "key", "default", "--clear")
    same(morphsmith("six", "key", "show")["name"], "bob", "the only one left")


@case("how long a passphrase is kept is a setting: by command, and a workbench that runs takes it over")
def _():
    same(morphsmith("one", "-w", "ws", "config", "list")["settings"][0]["value"], 5, "by itself")
    morphsmith("one", "-w", "ws", "config", "set", "unlock.minutes", "many", status=2)
    morphsmith("one", "-w", "ws", "config", "set", "unlock.hours", "1", status=2)
    with terminal("one", "-w", "ws", size=(132, 43)) as t:
        screen(t)
        same(morphsmith("one", "-w", "ws", "config", "set", "unlock.minutes", "17")["value"], 17, "set")
        t.keys("b")
        confirm(t)
        say(t, "Passphrase of main", NEW)
        t.wait_for("unlocked, locks in 17 min")
        menu(t, "how long it stays unlocked")
        type_over(t, "Lock after so many idle minutes", "3")
        t.wait_for("unlocked identities lock after 3 idle min")
        t.keys("q")
        same(t.status(), 0, "status")
    same(morphsmith("one", "-w", "ws", "config", "list")["settings"][0]["value"], 3, "as it was set on the screen")
    morphsmith("one", "-w", "ws", "config", "set", "unlock.minutes", "default")


@case("no file holds a passphrase")
def _():
    for folder, _, names in os.walk(FOLDER):
        for name in names:
            held = content(os.path.join(folder, name))
            check(not any(secret.encode() in held for secret in (OLD, NEW)), "%s holds the passphrase" % name)


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
