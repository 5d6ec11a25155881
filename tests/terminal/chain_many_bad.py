"""What others may put into their folders, and what may be wrong with machines: nothing of it stops the honest."""

import copy
import os
import random
import shutil
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from many import Party, World, until
from tap import Given, case, check, run, same

world = World(("ann", "ben", "cem", "dan"))
ann, ben, cem, dan = world
known = Given()


def pay(payer, payee, amount=1):
    return payer.sign("chain", "transfer", payee.main["address"], amount)["tx"]


def goes_on(people, seconds=90):
    """One more block at each of them."""
    before = max(p.height() for p in people)
    pay(people[0], people[1], 3)
    until(lambda: all(p.height() > before for p in people), "block %d" % (before + 1), seconds)


def stop(people):
    for p in people:
        p.end(expect=143)


def copied(world, names, mark):
    """The same people once more, with copies of all they have, in another share."""
    other = copy.copy(world)
    other.share = world.share + mark
    shutil.copytree(world.share, other.share, symlinks=True, ignore=shutil.ignore_patterns("mallory"))  # huge, endless
    other.party = {}
    for name in names:
        old = world[name]
        p = Party(other.share, name)
        shutil.rmtree(p.home)
        shutil.copytree(old.home, p.home)
        p.passphrase = os.path.join(p.home, "passphrase")
        p.main, p.vote = old.main, old.vote
        other.party[name] = p
    return other


@case("four people, a first block")
def _():
    world.begin()
    for p in world:
        world.follow(p)
    goes_on([ann, ben, cem, dan])
    stop(world)


def mallory():
    """A folder in the share that belongs to nobody's key."""
    folder = os.path.join(world.share, "mallory", "chain")
    for name in ("pool", "objects"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    shutil.copy(os.path.join(ann.chain, "blocks.msc"), folder)
    return folder


def name(chance):
    return "%064x" % chance.getrandbits(256)


@case("a pool of rubbish, huge files, FIFOs, folders, links, halves and copies is passed over and counted")
def _():
    chance = random.Random(5)
    folder = mallory()
    pool = os.path.join(folder, "pool")
    pay(ann, ben, 7)  # waits in ann's pool
    real = [open(os.path.join(ann.chain, "pool", n), "rb").read() for n in ann.pool()]
    check(real, "something real to forge")
    for data in real:
        for _ in range(40):
            at = chance.randrange(len(data))
            with open(os.path.join(pool, name(chance)), "wb") as f:
                f.write(data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1:])
        for n in ann.pool():  # under their right names, cut
            with open(os.path.join(pool, n), "wb") as f:
                f.write(data[:chance.randrange(len(data))])
    for n in range(200):
        with open(os.path.join(pool, name(chance)), "wb") as f:
            f.write(chance.randbytes(chance.randrange(400)))
    for kind in range(0, 7):  # each kind's header, with a length that is a lie
        with open(os.path.join(pool, name(chance)), "wb") as f:
            f.write(b"MSCP\x02" + bytes([kind]) + b"\0\0" + b"\0" * 8 + b"\xff\xff\xff\xff" + b"x" * 100)
    with open(os.path.join(pool, name(chance)), "wb") as f:
        f.truncate(3 << 30)
    os.mkfifo(os.path.join(pool, name(chance)))
    os.mkdir(os.path.join(pool, name(chance)))
    os.symlink("/dev/zero", os.path.join(pool, name(chance)))
    os.symlink("nowhere", os.path.join(pool, name(chance)))
    os.symlink(pool, os.path.join(pool, name(chance)))
    got = ben.ask("chain", "pull", world.share)
    one = [p for p in got["parties"] if p["name"] == "mallory"][0]
    check(one["refused"] > 250, "%d refused" % one["refused"])
    check(one["why"], "no reason is given")
    same(got["transactions"], 1, "the real one, from ann")
    check(len(ben.pool()) <= 3, "%d files in ben's pool" % len(ben.pool()))


@case("objects that nobody refers to, or whose bytes are others, are not copied")
def _():
    chance = random.Random(6)
    objects = os.path.join(mallory(), "objects")
    for _ in range(50):
        with open(os.path.join(objects, name(chance)), "wb") as f:
            f.write(chance.randbytes(100))
    got = ben.ask("chain", "pull", world.share)
    same(got["objects"], 0, "objects that were copied")


@case("files that come and go while they are read stop nobody")
def _():
    pool = os.path.join(mallory(), "pool")
    ends = threading.Event()

    def churn():
        chance = random.Random(8)
        mine = []
        while not ends.is_set():
            path = os.path.join(pool, name(chance))
            with open(path, "wb") as f:
                f.write(chance.randbytes(300))
            mine.append(path)
            if len(mine) > 30:
                os.unlink(mine.pop(0))
            time.sleep(0.001)
    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for p in world:
            world.follow(p)
        for _ in range(3):
            goes_on([ann, ben, cem, dan])
    finally:
        ends.set()
        thread.join()
        stop(world)
    world.agree(min(p.height() for p in world))
    for p in world:
        check(len(p.pool()) < 40, "%s: %d files" % (p.name, len(p.pool())))


@case("blocks that are cut, changed or made up are not taken over; what is good before them is")
def _():
    folder = mallory()
    blocks = os.path.join(folder, "blocks.msc")
    whole = open(os.path.join(ann.chain, "blocks.msc"), "rb").read()
    joiner = Party(world.share + "-new", "eve")
    os.makedirs(world.share + "-new")
    joiner.call("init", joiner.workspace)
    with open(blocks, "wb") as f:
        f.write(whole[:len(whole) - 40])
    got = joiner.ask("chain", "join", os.path.dirname(folder))
    check(got["height"] < ann.height(), "a block that is cut was taken: %r" % got)
    had = joiner.height()
    for at in range(600, len(whole), max(1, len(whole) // 25)):
        with open(blocks, "wb") as f:
            f.write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:] + whole[-300:])
        got = joiner.ask("chain", "pull", os.path.dirname(folder))
        check(had <= got["height"] < ann.height(), "byte %d: %r" % (at, got))
    got = joiner.ask("chain", "pull", ann.workspace)
    same(got["height"], ann.height(), "what the good folder brings")
    check(joiner.ask("chain", "verify")["ok"], "the chain that was pulled")
    shutil.rmtree(joiner.home)
    shutil.rmtree(world.share + "-new")
    shutil.copy(os.path.join(ann.chain, "blocks.msc"), folder)


@case("another chain is refused with both ids, or passed over where it lies among others")
def _():
    other = World(("zoe",))
    zoe = other["zoe"]
    try:
        other.begin()
        for words in (("chain", "pull", zoe.workspace), ("chain", "follow", zoe.workspace, "--once")):
            ann.call(*words, expect=4, says=other.id)
            ann.call(*words, expect=4, says=world.id)
        shutil.copytree(zoe.chain, os.path.join(world.share, "stranger"))
        got = ann.ask("chain", "pull", world.share)
        one = [p for p in got["parties"] if p["name"] == "stranger"][0]
        check(other.id in one["problem"], one["problem"])
        fresh = Party(other.share, "yan")
        fresh.call("init", fresh.workspace)
        fresh.call("chain", "join", world.share, expect=4, says="several chains")
        same(fresh.ask("chain", "join", world.share, "--id", world.id[:8])["chain_id"], world.id, "the one that was named")
        shutil.rmtree(fresh.home)
    finally:
        shutil.rmtree(os.path.join(world.share, "stranger"))
        other.close()


@case("a clock that is a day ahead, and one that is a day behind, hold nobody up")
def _():
    now = time.time()
    for p in (ann, ben, cem):
        world.follow(p)
    world.follow(dan, env={"MORPHSMITH_CLOCK": str(int(now + 86400))})
    for _ in range(4):
        goes_on([ann, ben, cem])
    dan.end(expect=143)
    heard = [e["text"] for p in (ann, ben, cem) for e in p.events() if "ahead of this machine's clock" in e.get("text", "")]
    check(heard, "nobody said that a clock is wrong")
    world.follow(dan, env={"MORPHSMITH_CLOCK": str(int(now - 86400))})
    for _ in range(3):
        goes_on([ann, ben, cem, dan])
    stop(world)
    world.agree(min(p.height() for p in world))
    times = [b["time"] for b in ann.ask("chain", "log")["blocks"][1:]]
    check(max(times) < time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 60)), "a time from the future: %r" % times)


@case("two machines with one voting key: they find each other out, the rest goes on, and all agree")
def _():
    twin = Party(world.share, "twin")
    shutil.rmtree(twin.home)
    shutil.copytree(ann.home, twin.home)
    shutil.copytree(ann.workspace, twin.workspace)
    twin.passphrase = os.path.join(twin.home, "passphrase")
    twin.main, twin.vote = ann.main, ann.vote
    try:
        for p in world:
            world.follow(p)
        world.follow(twin)
        for _ in range(5):
            goes_on([ben, cem, dan])
        said = [e["text"] for p in (ann, twin) for e in p.events() if "another machine votes with it" in e.get("text", "")]
        check(said, "neither of the two said a word")
        until(lambda: ann.height() == ben.height() == twin.height(), "the two to keep up")
        twin.end(expect=143)
        stop(world)
        world.agree(min(p.height() for p in world))
    finally:
        twin.kill()
        shutil.rmtree(twin.home)
        shutil.rmtree(twin.workspace)


@case("a second process on one machine with the key is refused while the first votes")
def _():
    p = world.follow(ann)
    until(lambda: any(e.get("event") == "stage" for e in ann.events(p)), "the first to begin")
    ann.call("chain", "follow", world.share, "--key", "vote", "--once", sign=True, expect=1, says="lock")
    ann.end(expect=143)


@case("a fork below a certificate is kept and shown, not taken over; who signed both is punished by anyone's evidence")
def _():
    shutil.rmtree(os.path.join(world.share, "mallory"), ignore_errors=True)
    for p in world:  # nothing may wait, or be voted on already, from which both sides would make the same block
        world.follow(p, "--timeout", "5")
    goes_on(list(world))
    until(lambda: len({p.head() for p in world}) == 1 and not any(p.ask("chain", "status")["pool"] for p in world),
          "one head and nothing that waits")
    stop(world)
    before = max(p.height() for p in world)
    other = copied(world, ("ann", "ben", "cem", "dan"), "-fork")
    try:
        for w, amount in ((world, 11), (other, 12)):
            people = list(w)
            for p in people:  # both in the first round: only then has anybody signed twice
                w.follow(p, "--timeout", "5")
            pay(people[0], people[1], amount)
            until(lambda: all(p.height() > before for p in people), "a block on each side")
            stop(people)
        ours = world.agree(before + 1)
        theirs = other.agree(before + 1)
        check(ours != theirs, "the two sides have the same block")
        shown = ann.call("chain", "pull", other["ben"].chain)
        check("forks: final blocks that contradict ours" in shown and theirs[:12] in shown, shown)
        got = ann.ask("chain", "pull", other["ben"].chain)
        same([(f["height"], f["block"]) for f in got["forks"]], [(before + 1, theirs)], "the forks")
        check("another one than ours" in got["parties"][0]["problem"], got["parties"][0]["problem"])
        same(world.agree(before + 1), ours, "our block")
        kept = ann.ask("chain", "evidence")["evidence"]
        check(kept, "no evidence")
        bad = kept[0]["culprit"]
        at = {a["address"]: a["stake"] for a in ann.ask("chain", "status")["accounts"]}
        sender = [p for p in world if p.main["address"] != bad][0]
        if sender is not ann:
            sender.ask("chain", "pull", other["ben"].chain)
        got = sender.sign("chain", "evidence", "--send")
        culprit = got["culprit"]
        for p in world:
            world.follow(p)
        until(lambda: all(p.height() > before + 1 for p in world), "the block that punishes")
        stop(world)
        now = {a["address"]: a["stake"] for a in ann.ask("chain", "status")["accounts"]}
        check(now[culprit] < at[culprit], "the stake of %s: %d, before %d" % (culprit, now[culprit], at[culprit]))
        check(ann.ask("chain", "verify")["ok"], "the chain behind it")
    finally:
        other.close()


try:
    run()
finally:
    world.close()
