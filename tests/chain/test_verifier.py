"""Two verifiers, the program's and one that was written from the manual page alone, agree about good chains and bad ones."""

import concurrent.futures
import copy
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]

from tap import Failed, case, check, comment, run, same


def with_nacl():
    """PyNaCl may be there for Debian's Python alone, while python3 is another one."""
    try:
        import nacl.bindings  # noqa: F401
        return
    except ImportError:
        debian = "/usr/bin/python3"
    if os.path.exists(debian) and not os.path.samefile(debian, sys.executable) and \
            subprocess.run([debian, "-c", "import nacl.bindings"], capture_output=True).returncode == 0:
        os.execv(debian, [debian, "-B"] + sys.argv)

    @case("PyNaCl is installed")
    def _():
        raise Failed("this test needs PyNaCl, Debian's package python3-nacl: `./bootstrap packages check` installs it")
    run()


with_nacl()

import maker as m
import disputes_maker
import jobs_maker
import market_maker
import verifier as v
from maker import ADA, BOB, CYD, DAN, EVE, FAY, SEAL, Changes, Claim, Key, make, send_task, tour
from verifier import H, Fields

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(HERE, "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
FOLDER = tempfile.mkdtemp(prefix="morphsmith-verifier-")
WORKERS = 3
ENVIRONMENT = {k: e for k, e in os.environ.items() if not k.startswith(("MORPHSMITH_", "XDG_"))}
ENVIRONMENT.update(HOME=FOLDER, LC_ALL="C.UTF-8", TERM="dumb")
PASSPHRASE = "a passphrase of a test"


# --- asking both -----------------------------------------------------------------------------------------------------

def call(*words, secret=False, status=0):
    line = [PROGRAM] + [str(word) for word in words]
    if secret:
        with open(os.path.join(FOLDER, "secret"), "w", encoding="utf-8") as f:
            f.write(PASSPHRASE + "\n")
        line = ["sh", "-c", 'exec "$@" 3<"$0"', f.name] + line + ["--passphrase-fd", "3"]
    done = subprocess.run(line, env=ENVIRONMENT, cwd=FOLDER, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    if status is not None:
        same(done.returncode, status, "status of %s (%s)" % (" ".join(line), done.stderr.decode()[-300:]))
    return done


def program_verifies(data):
    """Status and answer. A workspace for each process; --read-only, so that it remembers no chain that it saw."""
    workspace = os.path.join(FOLDER, "w-%d" % os.getpid())
    if not os.path.exists(workspace):
        call("init", workspace)
        os.makedirs(os.path.join(workspace, "chain"), exist_ok=True)
    with open(os.path.join(workspace, "chain", "blocks.msc"), "wb") as f:
        f.write(data)
    done = call("-w", workspace, "--read-only", "chain", "verify", "--json", status=None)
    return done.returncode, json.loads(done.stdout)


def ask_both(data):
    """The answer of this verifier, and what the program says otherwise, or None."""
    mine = v.verify(data)
    status, theirs = program_verifies(data)
    if mine["ok"]:
        agree = status == 0 and theirs["ok"] and all(theirs.get(name) == value for name, value in mine.items())
    else:
        agree = (status == 4 and not theirs["ok"] and
                 all(theirs["error"].get(name) == mine[name] for name in ("height", "offset")))
    return mine, None if agree else "%r, but the program (status %d) %r" % (mine, status, theirs)


def judge(cases, expected=None):
    """Asks both about (what, bytes); expected is True (good), False (bad), or None: as long as they agree."""
    waiting = [(what, pool.submit(ask_both, data)) for what, data in cases]
    wrong, good = [], 0
    for what, future in waiting:
        mine, text = future.result()
        good += mine["ok"]
        if text:
            wrong.append("%s: %s" % (what, text))
        elif expected is not None and mine["ok"] != expected:
            wrong.append("%s: both say %r" % (what, mine))
    comment("%d chains, %d of them good" % (len(waiting), good))
    check(not wrong, "%d of %d\n%s" % (len(wrong), len(waiting), "\n".join(wrong[:8])))


def rehash(bodies):
    """A file of frames without their hashes, with hashes that fit."""
    data, before = b"", v.ZERO
    for body in bodies:
        before = H(before, body)
        data += body + before
    return data


# --- good chains -----------------------------------------------------------------------------------------------------

@case("a chain of the program with transactions of all kinds")
def _():
    place = os.path.join(FOLDER, "bench")
    call("bench", "chain", "--transactions", 1000, "--accounts", 60, "--keep", place)
    with open(os.path.join(place, "chain", "blocks.msc"), "rb") as f:
        data = f.read()
    dice = random.Random(1)
    judge([("the chain", data)], expected=True)
    judge([("bit %d" % bit, flipped(data, bit)) for bit in (dice.randrange(8 * len(data)) for _ in range(16))], expected=False)


@case("the tour: every kind of transaction and every end of a proposal")
def _():
    data, maker = make(tour)
    same(maker.state.breaches, [], "breaches")
    kinds, ends = set(), set()
    for (kind, _), entry in maker.state.entries.items():
        kinds.add(kind)
        if kind == v.PROPOSAL:
            ends.add(entry.state)
    same((kinds, ends), ({0, 1, 2, 3, 5}, {3, 4, 5, 6}), "kinds of entries, ends of proposals")
    judge([("the tour", data)], expected=True)
    for what, status in ((data, 0), (data[:-1], 4)):
        name = os.path.join(FOLDER, "tour.msc")
        with open(name, "wb") as f:
            f.write(what)
        done = subprocess.run([sys.executable, "-B", os.path.join(HERE, "verifier.py"), name], capture_output=True)
        same((done.returncode, json.loads(done.stdout)), (status, v.verify(what)), "the command")


@case("a market and a tournament: every kind and end that a closed chain has")
def _():
    data, maker = make(market_maker.fair)
    same(maker.state.breaches, [], "breaches")
    entries = maker.state.entries.items()
    same({entry.state for (kind, _), entry in entries if kind == 9}, {0, 2, 3, 4}, "ends of listings")
    same({entry.state for (kind, _), entry in entries if kind == 11}, {0, 2, 3}, "ends of seals")
    judge([("the story", data)], expected=True)


@case("what the rules of market and tournament just allow, and what breaks one of them")
def _():
    good, bad, wrong = [], [], []
    for what, story in market_maker.GOOD:
        data, maker = played(story)
        same((what, maker.state.breaches), (what, []), "breaches")
        good.append((what, data))
    for what, story, reason in market_maker.BAD:
        data, maker = played(story)
        found = v.verify(data).get("reason", "it is good")
        if reason not in found:
            wrong.append("%s: %r, but %r was expected" % (what, found, reason))
        if len(maker.state.breaches) > 1 and what not in market_maker.TWOFOLD:
            wrong.append("%s breaks more than one rule: %r" % (what, maker.state.breaches))
        bad.append((what, data))
    judge(good, expected=True)
    judge(bad, expected=False)
    check(not wrong, "\n".join(wrong))


@case("every field of the market's and the tournament's transactions, signed anew")
def _():
    cases = []
    for kind, name in market_maker.EXAMPLES.items():
        found = []
        make(market_maker.fair, changes=Changes(tx={name: lambda fields: found.append(copy.copy(fields))}))
        for field, value in found[0].items():
            if field in ("key", "kind", "times"):
                continue
            for other in variants(field, value):
                changes = Changes(tx={name: lambda fields: fields.update({field: other})})
                cases.append(("%s of %s: %.80r" % (field, kind, other), make(market_maker.fair, changes=changes)[0]))
    judge(cases)


@case("random chains with a market, good ones and such that end with a broken rule")
def _():
    judge((("seed %d" % seed, market_maker.Trader(seed).run()) for seed in range(40)), expected=True)
    chains = []
    for seed in range(2000, 2040):
        trader = market_maker.Trader(seed, end_badly=True)
        data = trader.run()
        if trader.maker.state.breaches:
            chains.append(("seed %d, %s" % (seed, trader.maker.state.breaches[0]), data))
    check(len(chains) > 20, "only %d of them" % len(chains))
    judge(chains, expected=False)


@case("random chains")
def _():
    judge((("seed %d" % seed, m.Wanderer(seed).run()) for seed in range(60)), expected=True)


@case("random chains with a last block that breaks a rule")
def _():
    chains = []
    for seed in range(1000, 1070):
        wanderer = m.Wanderer(seed, end_badly=True)
        data = wanderer.run()
        if wanderer.maker.state.breaches:
            chains.append(("seed %d, %s" % (seed, wanderer.maker.state.breaches[0]), data))
    check(len(chains) > 40, "only %d of them" % len(chains))
    judge(chains, expected=False)


# --- bytes -----------------------------------------------------------------------------------------------------------

def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@case("flipped bits")
def _():
    data, _ = make(tour)
    dice = random.Random(2)
    judge((("bit %d" % bit, flipped(data, bit)) for bit in (dice.randrange(8 * len(data)) for _ in range(100))), expected=False)


@case("cut, lengthened, put together from pieces")
def _():
    data, maker = make(tour)
    other = make(tour, m.cast(name=b"another chain"))[1].frames
    frames, ends = maker.frames, []
    for frame in maker.frames:
        ends.append((ends[-1] if ends else 0) + len(frame))
    judge((("cut at %d" % end, data[:end]) for end in ends), expected=True)
    dice = random.Random(3)
    cuts = {end + by for end in ends[:5] for by in (-33, -32, -1, 1, 4, 19, 20, 21)} | {dice.randrange(len(data)) for _ in range(20)}
    cases = [("cut at %d" % cut, data[:cut]) for cut in sorted(cuts | {0}) if cut not in ends and cut < len(data)]
    cases += [("tail of %r" % tail[:4], data + tail) for tail in (b"\0", b"M", b"MSCF", bytes(100), frames[-1], frames[0], frames[1])]
    for i in range(1, 5):
        cases += [("frame %d dropped" % i, b"".join(frames[:i] + frames[i + 1:])),
                  ("frame %d twice" % i, b"".join(frames[:i + 1] + frames[i:])),
                  ("frame %d behind the next" % i, b"".join(frames[:i] + [frames[i + 1], frames[i]] + frames[i + 2:])),
                  ("frame %d of another chain" % i, b"".join(frames[:i] + [other[i]] + frames[i + 1:]))]
    cases.append(("another genesis", b"".join([other[0]] + frames[1:])))
    judge(cases, expected=False)


@case("frames with wrong fields, whose hashes fit")
def _():
    bodies = [frame[:-32] for frame in make(tour)[1].frames]
    other = [frame[:-32] for frame in make(tour, m.cast(name=b"another chain"))[1].frames]
    fields = [("magic", 0, b"MSCG"), ("version", 4, b"\1"), ("version", 4, b"\3"), ("type", 5, b"\2"), ("type", 5, None),
              ("reserved", 6, b"\1\0"), ("reserved", 6, b"\0\1"), ("length", 8, v.u32(1)), ("length", 8, v.u32(33554433)),
              ("length", 8, b"\xff\xff\xff\xff"), ("height", 12, v.u64(7)), ("height", 12, v.u64(1 << 63))]
    cases = []
    for at in (0, 1, 4):
        for name, place, value in fields:
            value = value or bytes([1 - bodies[at][5]])
            changed = bodies[at][:place] + value + bodies[at][place + len(value):]
            cases.append(("%s of frame %d" % (name, at), rehash(bodies[:at] + [changed] + bodies[at + 1:])))
    for at in (0, 1, 5):
        for by in (bodies[at] + b"\0", bodies[at][:-1]):
            right = by[:8] + v.u32(len(by) - 20) + by[12:]
            cases.append(("frame %d is %d bytes" % (at, len(by)), rehash(bodies[:at] + [right] + bodies[at + 1:])))
    for at in range(1, 5):
        cases += [("block %d dropped" % at, rehash(bodies[:at] + bodies[at + 1:])),
                  ("block %d twice" % at, rehash(bodies[:at + 1] + bodies[at:])),
                  ("block %d of another chain" % at, rehash(bodies[:at] + [other[at]] + bodies[at + 1:]))]
        low = [numbered(bodies[i], i - (i > at)) for i in range(len(bodies)) if i != at]
        cases.append(("block %d dropped, frames numbered anew" % at, rehash(low)))
    judge(cases, expected=False)


def numbered(body, height):
    return body[:12] + v.u64(height) + body[20:]


@case("the first of two breaches counts")
def _():
    frames = make(tour)[1].frames
    places = [sum(map(len, frames[:i])) for i in range(len(frames))]
    data = b"".join(frames)
    bodies = [frame[:-32] for frame in frames]
    cases = [("%d and %d" % (a, b), flipped(flipped(data, 8 * places[a] + 400), 8 * places[b] + 800))
             for a, b in ((1, 2), (3, 8), (0, 5), (6, 7))]
    for a, b in ((1, 2), (2, 5), (4, 6)):  # a signature, then a hash; a state hash, then a signature
        one = bodies[:a] + [flipped(bodies[a], 8 * (20 + 248 + 3))] + bodies[a + 1:]
        cases.append(("signature %d, hash %d" % (a, b), flipped(rehash(one), 8 * places[b] + 3000)))
        cases.append(("a transaction of %d and signature %d" % (a, b), rehash(
            [flipped(body, -8 if i == a else 8 * (20 + 248)) if i in (a, b) else body for i, body in enumerate(bodies)])))
    judge(cases, expected=False)


# --- every field -----------------------------------------------------------------------------------------------------

def variants(name, value):
    """Other values for a field."""
    if name in ("numeric", "reason", "name"):
        return [b"", b"x" * 15, b"x" * 16, b"x" * 31, b"x" * 32, b" x", b"x ", b"x y", b"\x7f", b"\x1f", b"\x80", b"a\0b"]
    if name == "reviewers":
        return [[], value[:1], value + value[:1], value + [DAN.address], [H(bytes([i]))[:20] for i in range(32)],
                [H(bytes([i]))[:20] for i in range(33)]]
    if name == "counts":
        return [[], value[:1], value + value, value * 16, value * 17, value[::-1], [(0, 1)] + value[1:], [(0, 0)] + value[1:],
                [(2, 1)] + value[1:], [(0xffffffff, 0xffffffff)] * len(value)]
    if isinstance(value, Fields):
        return [Fields(value, **{inner: other}) for inner in value if inner != "bytes" for other in variants(inner, value[inner])]
    if isinstance(value, int):
        ends = {"folds": 33, "approvals": 33, "supply": (1 << 42) + 1}
        return sorted({0, value + 1, ends.get(name, 1000001), 1 << 63} - {value})
    if isinstance(value, bytes):
        return [flipped(value, 8 * len(value) - 1), bytes(len(value))]
    raise TypeError(name)


@case("every field of genesis")
def _():
    cases = []
    names = [name for name in m.cast() if name not in ("holders", "validators")]
    for name in names:
        for value in variants(name, m.cast()[name]):
            cases.append(("%s %r" % (name, value), with_genesis(m.cast(**{name: value}))))
    judge(cases)


def with_genesis(fields, story=tour, voting=SEAL):
    """A chain with this genesis: only that, where a story cannot begin."""
    try:
        return make(story, fields, voting=voting)[0]
    except v.Breach:
        return m.frame(0, 0, m.genesis_payload(fields), v.ZERO)


def quiet(maker):
    maker.seal()
    maker.seal()


@case("holders and validators of genesis")
def _():
    def of(holders, validators, **more):
        voting = ADA if validators and validators[0][1] == ADA.public else SEAL
        return with_genesis(m.genesis_fields(holders, validators, **more), quiet, voting)
    ada, bob, seal = ADA.public, BOB.public, SEAL.public
    many = [(H(bytes([i])), 5) for i in range(65)]
    judge([("the voting key is the identity", of([(ada, 9)], [(ada, ada, 9)])),
           ("a holder has the voting key", of([(seal, 9)], [(ada, seal, 9)])),
           ("no holder's key is a point", of([(bytes(32), 9), (b"\xff" * 32, 1)], [(ada, seal, 9)])),
           ("a balance of 0", of([(ada, 0)], [(ada, seal, 1)])),
           ("all there can be", of([(ada, (1 << 42) - 1)], [(ada, seal, 1)])),
           ("64 holders", of(many[:64], [(ada, seal, 1)]))], expected=True)
    judge([("a holder twice", of([(ada, 1), (ada, 2)], [(ada, seal, 9)])),
           ("no holder", of([], [(ada, seal, 9)])), ("no validator", of([(ada, 9)], [])),
           ("65 holders", of(many, [(ada, seal, 1)])),
           ("no stake", of([(ada, 1)], [(ada, seal, 0)])),
           ("a stake above all", of([(ada, 0)], [(ada, seal, (1 << 42) + 1)])),
           ("a balance above all", of([(ada, (1 << 42) + 1)], [(ada, seal, 1)])),
           ("a sum beyond 64 bits", of([(ada, 1 << 63), (bob, 1 << 63)], [(ada, seal, 7)], supply=7)),
           ("two validators", of([(ada, 1)], [(ada, seal, 9), (bob, DAN.public, 9)])),
           ("an identity twice", of([(ada, 1)], [(ada, seal, 9), (ada, bob, 9)])),
           ("another's voting key", of([(ada, 1)], [(ada, bob, 9), (bob, seal, 9)]))], expected=False)


@case("every field of a header, signed anew")
def _():
    cases = []
    for height in (1, 6):
        example = make(tour)[1].frames[height][20:268]
        header = v.read_header(v.Reader(example))
        for name, _ in m.HEADER_FIELDS:
            for value in variants(name, header[name]):
                cases.append(("%s of block %d: %r" % (name, height, value), with_header(height, name, value)))
    judge(cases)


def with_header(height, name, value):
    def change(block):
        block.header[name] = value
        if name == "proposer":
            block["key"] = SEAL
    return make(tour, changes=Changes(block={height: change}))[0]


def at_block(height, **fields):
    return make(tour, changes=Changes(block={height: lambda block: block.update(fields)}))[0]


@case("other signatures, proposers and certificates of blocks")
def _():
    def proposed_by(key):
        def change(block):
            block.header["proposer"] = key.public
            block["key"] = key
        return make(tour, changes=Changes(block={3: change}))[0]

    def certified(hash_):
        def change(block):
            block["certificate"] = b"x"
            block.header["certificate"] = hash_
        return make(tour, changes=Changes(block={3: change}))[0]
    signed = {"R 0": lambda data: m.with_small_r(SEAL, "morphsmith block", data),
              "R of mixed order": lambda data: m.with_mixed_r(SEAL, "morphsmith block", data),
              "S beyond the order": lambda data: m.beyond_order(SEAL.sign("morphsmith block", data)),
              "another domain": lambda data: SEAL.sign("morphsmith tx", data), "zeros": lambda data: bytes(64)}
    cases = [("signed: " + name, at_block(3, sign=sign)) for name, sign in signed.items()]
    cases += [("proposed by " + key.name, proposed_by(key)) for key in (ADA, BOB, FAY)]
    cases += [("signed by " + key.name, at_block(3, key=key)) for key in (ADA, BOB)]
    cases += [("a certificate", certified(H(b"x"))), ("a certificate, the hash of none", certified(H(b"")))]
    judge(cases, expected=False)


EXAMPLES = {"transfer": "pay bob", "stake": "stake", "unstake": "unstake", "task": "first", "announce": "announce good",
            "propose": "propose good", "commit": "commit good", "open": "open good", "reveal": "reveal good",
            "approve": "bob approve good", "reject": "cyd reject refused", "holdout": "holdout"}


def example_of(name):
    found = []
    make(tour, changes=Changes(tx={name: lambda fields: found.append(copy.copy(fields))}))
    return found[0]


def with_field(name, field, value):
    return make(tour, changes=Changes(tx={name: lambda fields: fields.update({field: value})}))[0]


@case("every field of every kind of transaction, signed anew")
def _():
    cases = []
    for kind, name in EXAMPLES.items():
        for field, value in example_of(name).items():
            if field in ("key", "kind"):
                continue
            for other in variants(field, value):
                cases.append(("%s of %s: %.80r" % (field, kind, other), with_field(name, field, other)))
    judge(cases)


@case("transactions of another kind, sender or signature")
def _():
    cases = []
    for kind, name in EXAMPLES.items():
        fields = example_of(name)
        key = fields.key
        domain = "morphsmith tx"
        numbers = {0, 29, 65535, 2, 3, 10, 11} - {m.NUMBERS[kind]}
        if kind in ("approve", "reject"):
            numbers -= {10, 11}  # each is a good form of the other
        if kind in ("stake", "unstake"):
            numbers -= {2, 3}
        cases += [("%s as kind %d" % (kind, number), with_field(name, "kind_number", number)) for number in sorted(numbers)]
        signs = {"zeros": lambda data: bytes(64), "another key": lambda data: SEAL.sign(domain, data),
                 "another domain": lambda data, key=key: key.sign("morphsmith block", data),
                 "S beyond the order": lambda data, key=key: m.beyond_order(key.sign(domain, data)),
                 "R 0": lambda data, key=key: m.with_small_r(key, domain, data),
                 "R of mixed order": lambda data, key=key: m.with_mixed_r(key, domain, data),
                 "a byte more": lambda data, key=key: key.sign(domain, data) + b"\0",
                 "a byte less": lambda data, key=key: key.sign(domain, data)[:63]}
        cases += [("%s signed: %s" % (kind, what), with_field(name, "sign", sign)) for what, sign in signs.items()]
        cases += [("%s in the name of another" % kind, with_field(name, "sender", FAY.public)),
                  ("%s by a sender that is no point" % kind, with_field(name, "sender", b"\2" + bytes(31)))]
    judge(cases, expected=False)


@case("keys with a part of small order sign as libsodium says")
def _():
    def chain(key, voting):
        genesis = m.genesis_fields([(key.public, 1000)], [(ADA.public, voting.public, 10)])
        maker = m.Maker(genesis, voting)
        for _ in range(3):
            maker.send("pay", key, "transfer", to=FAY.address, amount=1)
            maker.seal()
        return maker.data()
    good, bad = m.MixedKey("mixed"), m.MixedKey("mixed", good=False)
    judge([("sender", chain(good, SEAL)), ("voting key", chain(BOB, good))], expected=True)
    judge([("sender", chain(bad, SEAL)), ("voting key", chain(BOB, bad))], expected=False)


@case("transactions dropped, doubled, swapped, of another chain")
def _():
    def listed(height, change):
        return make(tour, changes=Changes(block={height: lambda block: change(block.transactions)}))[0]
    foreign = make(tour, m.cast(name=b"another chain"))[1]
    theirs = v.read_block(foreign.frames[1][20:-32]).transactions
    cases = []
    for height in (1, 2, 4, 6):
        count = len(v.read_block(make(tour)[1].frames[height][20:-32]).transactions)
        for at in range(count):
            cases += [("%d of block %d dropped" % (at, height), listed(height, lambda txs, at=at: txs.pop(at) and None)),
                      ("%d of block %d twice" % (at, height), listed(height, lambda txs, at=at: txs.insert(at, txs[at])))]
        for at in range(count - 1):
            cases.append(("%d of block %d behind the next" % (at, height), listed(
                height, lambda txs, at=at: txs.insert(at, txs.pop(at + 1)))))
    cases += [("another chain's %d" % at, listed(1, lambda txs, at=at: txs.__setitem__(at, theirs[at]))) for at in range(len(theirs))]
    cases += [("of the block before", listed(3, lambda txs: txs.append(v.read_block(make(tour)[1].frames[1][20:-32]).transactions[1])))]
    judge(cases)


@case("a state hash, a root or a count that is not the block's")
def _():
    cases = []
    frames = make(tour)[1].frames
    for height in range(1, len(frames), 2):
        header = v.read_header(v.Reader(frames[height][20:268]))
        before = v.read_header(v.Reader(frames[height - 1][20:268])) if height > 1 else header
        for name in ("state", "tx_root", "validators"):
            wrong = [flipped(header[name], 77)] + ([before[name]] if before[name] != header[name] else [])
            cases += [("%s of block %d" % (name, height), with_header(height, name, value)) for value in wrong]
    for change in (lambda p: p + b"\0", lambda p: p[:-1], lambda p: p[:312] + b"\1\0\0\0" + p[316:]):
        cases.append(("bytes of a payload", make(tour, changes=Changes(payload={4: change}))[0]))
    judge(cases, expected=False)


# --- every rule ------------------------------------------------------------------------------------------------------

def announced(maker, **terms):
    """A task of ada's, and a proposal of dan's for it."""
    maker.task_id = send_task(maker, "task", ADA, **dict(dict(reviewers=[BOB.address, CYD.address, DAN.address], approvals=2), **terms))
    maker.claim = Claim("claim", [(3, 4), (4, 5)])
    maker.claim.announce(maker, DAN, maker.task_id, 100)
    maker.seal()
    return maker.claim


def claimed(maker, **terms):
    claim = announced(maker, **terms)
    claim.propose(maker)
    maker.seal()
    return claim


def revealing(maker, **terms):
    claim = claimed(maker, **terms)
    claim.commit(maker, ADA)
    maker.seal()
    return claim


def opened(maker, **terms):
    claim = revealing(maker, **terms)
    claim.open(maker)
    maker.seal()
    return claim


def verified(maker, **terms):
    claim = opened(maker, **terms)
    claim.reveal(maker, ADA)
    maker.seal()
    return claim


def pays(key, amount, fee=1):
    return lambda maker: maker.send("it", key, "transfer", to=FAY.address, amount=amount, fee=fee)


def amount(key, kind, units, fee=1):
    return lambda maker: maker.send("it", key, kind, amount=units, fee=fee)


def tasked(key=ADA, **terms):
    return lambda maker: send_task(maker, "it", key, **terms)


def counted(*counts, architecture=None):
    def story(maker):
        announced(maker)
        claim = Claim("other", list(counts), architecture)
        claim.announce(maker, EVE, maker.task_id, 5)
        maker.seal()
        claim.propose(maker)
    return story


def behind(stage, act, **terms):
    """The act on a claim that has come so far."""
    return lambda maker: act(maker, stage(maker, **terms))


def twins(first, second):
    """Two proposals with one architecture, claimed in this order, one a block."""
    def story(maker):
        task = send_task(maker, "task", ADA)
        claims = [Claim("claim %d" % i, [(3, 4), (4, 5)], H(b"twins")) for i in range(2)]
        for claim, key in zip(claims, (DAN, EVE)):
            claim.announce(maker, key, task, 10)
        for i in (first, second):
            maker.seal()
            claims[i].propose(maker)
    return story


def fresh(name):
    """What is sent once more must be another transaction."""
    return Claim(name, [(3, 4), (4, 5)])


def again(maker, claim):
    """The same claim, announced once more by its proposer."""
    other = fresh("claim")
    other.announce(maker, DAN, maker.task_id, 10)
    maker.seal()
    other.propose(maker)


def hold_out(key=DAN, **terms):
    def act(maker, claim):
        fields = dict(task=maker.task_id, architecture=H(b"a"), weights=H(b"w"), correct=1, total=2, evidence=H(b"e"))
        maker.send("it %d" % len(maker.pending), key, "holdout", **dict(fields, **terms))
    return act


def twice(act):
    def both(maker, claim):
        act(maker, claim)
        act(maker, claim)
    return both


def decides(key, kind="approve", **fields):
    return lambda maker, claim: claim.decide(maker, key, kind, **fields)


def wrongly(field, act, name, value=None):
    """The act with another value of a field."""
    def wrong(maker, claim):
        maker.changes.tx[name] = lambda fields: fields.update({field: flipped(fields[field], 9) if value is None else value})
        act(maker, claim)
    return wrong


open_it = lambda maker, claim: claim.open(maker)  # noqa: E731
propose_it = lambda maker, claim: claim.propose(maker)  # noqa: E731
commit_it = lambda maker, claim: claim.commit(maker, ADA)  # noqa: E731
reveal_it = lambda maker, claim: claim.reveal(maker, ADA)  # noqa: E731


def by(key, act):
    """The act by another proposer."""
    def other(maker, claim):
        claim.key = key
        act(maker, claim)
    return other


def commit_by(key):
    return lambda maker, claim: claim.commit(maker, key)


def reveal_by(key):
    return lambda maker, claim: claim.reveal(maker, key)


def other_finding(maker, claim):
    claim.reveal(maker, ADA, claim.other)


def committed_as(finding_of):
    """Commits in the same block to other bytes than those which are revealed."""
    def story(maker):
        claim = claimed(maker)
        claim.commit(maker, ADA, finding_of(claim))
        maker.seal()
        claim.open(maker)
        claim.reveal(maker, ADA)
    return story


def end_well(maker):
    claim = verified(maker)
    claim.decide(maker, BOB)
    claim.decide(maker, CYD)
    maker.seal()
    return claim


def announced_for_eve(maker):
    """Dan's announcement of what eve could propose."""
    claim = fresh("claim")
    claim.key = EVE
    commitment = H(b"morphsmith announce\0", claim.hash("salt 1"), EVE.public, m.content_bytes(claim.content))
    maker.send("announce claim", DAN, "announce", task=send_task(maker, "task", ADA), stake=10, commitment=commitment)
    claim.id = maker.ids["announce claim"]
    maker.seal()
    return claim


def claimed_rich(maker):
    """The voting key has an account, but it is no identity."""
    maker.send("to the voting key", ADA, "transfer", to=SEAL.address, amount=500)
    maker.seal()
    maker.send("its stake", SEAL, "stake", amount=100)
    return claimed(maker)


ALL = 100000
BAD = [
    ("a fee below the least", pays(BOB, 1, fee=0), "fee"),
    ("a fee above the balance", behind(announced, hold_out(EVE, fee=ALL + 1)), "fee"),
    ("a sender without an account", behind(announced, hold_out(FAY)), "fee"),
    ("nothing is moved", pays(BOB, 0), "cannot pay"),
    ("all without the fee", pays(BOB, ALL), "cannot pay"),
    ("more than there is", pays(BOB, ALL + 1), "cannot pay"),
    ("an amount that wraps", pays(BOB, (1 << 64) - 1), "cannot pay"),
    ("to oneself", lambda maker: maker.send("it", BOB, "transfer", to=BOB.address, amount=1), "oneself"),
    ("nothing staked", amount(BOB, "stake", 0), "cannot pay"),
    ("too much staked", amount(BOB, "stake", ALL), "cannot pay"),
    ("nothing unstaked", amount(ADA, "unstake", 0), "staked"),
    ("too much unstaked", lambda maker: [amount(BOB, "stake", 5)(maker), maker.seal(), amount(BOB, "unstake", 6)(maker)], "staked"),
    ("unstaked without a stake", amount(BOB, "unstake", 1), "staked"),
    ("a validator's whole stake", amount(ADA, "unstake", 40000), "keeps a stake"),
    ("a task without folds", tasked(folds=0), "folds"),
    ("33 folds", tasked(folds=33), None),
    ("a task without a numeric version", tasked(numeric=b""), "numeric"),
    ("full pay for nothing", tasked(full_pay=0), "pay"),
    ("a pool that is not there", tasked(pool=ALL), "cannot pay"),
    ("a reviewer twice", tasked(reviewers=[BOB.address] * 2, approvals=1), "twice"),
    ("no approvals", tasked(reviewers=[BOB.address], approvals=0), "approvals"),
    ("too many approvals", tasked(reviewers=[BOB.address], approvals=2), "approvals"),
    ("2 approvals of the default reviewer", tasked(approvals=2), "without reviewers"),
    ("33 reviewers", tasked(reviewers=[H(bytes([i]))[:20] for i in range(33)], approvals=1), None),
    ("an announcement for no task", lambda maker: fresh("x").announce(maker, DAN, H(b""), 5), "task"),
    ("an announcement without a stake", lambda maker: fresh("x").announce(maker, DAN, send_task(maker, "t", ADA), 0), "cannot pay"),
    ("a stake that is not there", lambda maker: fresh("x").announce(maker, DAN, send_task(maker, "t", ADA), ALL), "cannot pay"),
    ("a proposal that is none", lambda maker: maker.send("it", DAN, "commit", proposal=H(b""), commitment=H(b"")), "proposal"),
    ("proposed in the same block", lambda maker: [c.announce(maker, DAN, send_task(maker, "t", ADA), 5) or c.propose(maker)
                                                  for c in [fresh("x")]], "same block"),
    ("proposed by another, whom the commitment fits", behind(announced_for_eve, propose_it), "not the sender's"),
    ("proposed twice", behind(claimed, propose_it), "not the sender's"),
    ("another salt than announced", behind(announced, wrongly("salt", propose_it, "propose claim")), "announced"),
    ("3 folds of 2", counted((1, 2), (1, 2), (1, 2)), "folds"),
    ("1 fold of 2", counted((1, 2)), "folds"),
    ("a fold of nothing", counted((1, 2), (0, 0)), "counts"),
    ("more right than there are", counted((3, 2), (1, 2)), "counts"),
    ("an architecture of an earlier one", twins(0, 1), "before"),
    ("an architecture that is accepted", behind(end_well, again), "before"),
    ("a commit before the claim", behind(announced, commit_it), "no commits"),
    ("a commit by no validator", behind(claimed, commit_by(BOB)), "no validator"),
    ("a commit by the voting key", behind(claimed_rich, commit_by(SEAL)), "no validator"),
    ("a second commit", behind(claimed, twice(commit_it)), "committed already"),
    ("a commit behind their end", behind(revealing, commit_it), "no commits"),
    ("opened before the commits ended", behind(claimed, open_it), "to be opened"),
    ("opened by another", behind(revealing, by(EVE, open_it)), "only the proposer"),
    ("opened twice", behind(opened, open_it), "to be opened"),
    ("opened with another salt", behind(revealing, wrongly("salt", open_it, "open claim")), "hidden"),
    ("opened with another root", behind(revealing, wrongly("root", open_it, "open claim")), "hidden"),
    ("opened with other weights", behind(revealing, wrongly("weights", open_it, "open claim")), "hidden"),
    ("revealed before the opening", behind(revealing, reveal_it), "no reveals"),
    ("revealed by who has not committed", behind(opened, reveal_by(BOB)), "not committed"),
    ("revealed twice in a block", behind(opened, twice(reveal_it)), "already"),
    ("revealed behind the verdict", behind(verified, reveal_it), "no reveals"),
    ("revealed with another salt", behind(opened, wrongly("salt", reveal_it, "reveal claim")), "committed to"),
    ("another finding than committed to", behind(opened, other_finding), "committed to"),
    ("decided before the opening", behind(revealing, decides(BOB)), "no decisions"),
    ("decided by no reviewer", behind(opened, decides(EVE)), "no reviewer"),
    ("decided by the task's owner", behind(opened, decides(ADA)), "no reviewer"),
    ("approved twice", behind(opened, twice(decides(BOB))), "decided already"),
    ("approved, then rejected", behind(opened, lambda maker, claim: [decides(BOB)(maker, claim), decides(BOB, "reject")(maker, claim)]),
     "decided already"),
    ("approved behind a rejection", behind(opened, lambda maker, claim: [decides(BOB, "reject")(maker, claim), decides(CYD)(maker, claim)]),
     "no decisions"),
    ("more approvals than it takes", behind(verified, lambda maker, claim: [decides(key)(maker, claim) for key in (BOB, CYD, DAN)]),
     "no decisions"),
    ("approved, but something else", behind(opened, wrongly("shown", decides(BOB), "bob approve claim")), "shown"),
    ("a hold-out twice", behind(announced, twice(hold_out())), "opened before"),
    ("a hold-out of no task", behind(announced, hold_out(task=H(b""))), "task"),
    ("a hold-out of nothing", behind(announced, hold_out(correct=0, total=0)), "counts"),
    ("a hold-out with more right than there are", behind(announced, hold_out(correct=3)), "counts"),
    ("a nonce again", behind(claimed, wrongly("nonce", commit_it, "commit claim", 1)), "nonce"),
]
TWOFOLD = ("a commit behind their end", "revealed behind the verdict", "decided before the opening")  # break two rules of necessity
GOOD = [
    ("all with the fee", pays(BOB, ALL - 1)),
    ("a fee of all there is, for a hold-out", behind(announced, hold_out(EVE, fee=ALL))),
    ("a pool of all there is", tasked(CYD, pool=ALL - 1)),
    ("a pool of nothing", tasked(CYD, pool=0)),
    ("32 reviewers", tasked(reviewers=[H(bytes([i]))[:20] for i in range(32)], approvals=32)),
    ("32 folds", tasked(folds=32)),
    ("no reviewers, 1 approval", tasked(approvals=1)),
    ("the later announcement claims first", twins(1, 0)),
    ("nothing right", counted((0, 1), (0, 0xffffffff))),
    ("all right", counted((0xffffffff, 0xffffffff), (1, 1))),
    ("self approval with one validator", behind(verified, decides(DAN))),
    ("approvals before the reveal", behind(opened, lambda maker, claim: [decides(BOB)(maker, claim), decides(CYD)(maker, claim),
                                                                         claim.reveal(maker, ADA)])),
    ("an approval and the reveal in one block", behind(opened, lambda maker, claim: [claim.reveal(maker, ADA), decides(BOB)(maker, claim),
                                                                                     decides(CYD)(maker, claim)])),
    ("opened and rejected in one block", behind(revealing, lambda maker, claim: [claim.open(maker), decides(BOB, "reject")(maker, claim)])),
    ("rejected behind the verdict", behind(verified, decides(BOB, "reject"))),
    ("the claim again, rejected before", behind(opened, lambda maker, claim: [decides(BOB, "reject")(maker, claim), maker.seal(),
                                                                              again(maker, claim)])),
    ("accepted", end_well),
    ("a hold-out by two", behind(announced, lambda maker, claim: [hold_out(DAN)(maker, claim), hold_out(BOB)(maker, claim)])),
    ("another finding is revealed", committed_as(lambda claim: claim.finding)),
]


def played(story):
    """The chain of a story, and a few blocks more."""
    def whole(maker):
        story(maker)
        for _ in range(5):
            maker.seal()
    return make(whole)


@case("what the rules just allow")
def _():
    cases = []
    for what, story in GOOD:
        data, maker = played(story)
        same((what, maker.state.breaches), (what, []), "breaches")
        cases.append((what, data))
    judge(cases, expected=True)


@case("what breaks one rule")
def _():
    cases, wrong = [], []
    for what, story, reason in BAD:
        data, maker = played(story)
        found = v.verify(data).get("reason", "it is good")
        if reason is not None and reason not in found:
            wrong.append("%s: %r, but %r was expected" % (what, found, reason))
        if len(maker.state.breaches) > 1 and what not in TWOFOLD:
            wrong.append("%s breaks more than one rule: %r" % (what, maker.state.breaches))
        cases.append((what, data))
    judge(cases, expected=False)
    check(not wrong, "\n".join(wrong))


def great(maker):
    """Stakes and pools whose products are beyond 64 bits, and every way for them to move."""
    task = send_task(maker, "task", DAN, pool=(1 << 40) - 12345, full_pay=999999, baseline=1, folds=1)
    claims = [Claim("claim %d" % i, [(7 + i, 13)]) for i in range(5)]
    for claim in claims:
        claim.announce(maker, DAN, task, (1 << 38) + 7)
    maker.seal()
    for claim in claims:
        claim.propose(maker)
    maker.seal()
    for claim in claims:
        claim.commit(maker, ADA, claim.other if claim is claims[0] else None)
    maker.seal()
    for claim in claims[:4]:
        claim.open(maker)
    maker.seal()
    for claim in claims[:3]:
        claim.reveal(maker, ADA, claim.other if claim is claims[0] else None)
    maker.seal()
    for claim in claims[1:3]:
        claim.decide(maker, DAN)
    for _ in range(8):
        maker.seal()


@case("amounts whose products are beyond 64 bits")
def _():
    cases = []
    for ppm in (0, 1, 333333, 999999, 1000000):
        for epoch in (1, 4):
            genesis = m.genesis_fields([(DAN.public, 3 << 40), (ADA.public, 100)], [(ADA.public, SEAL.public, (1 << 40) - 100)],
                                       finder_ppm=ppm, missed_ppm=ppm, epoch_blocks=epoch)
            data, maker = make(great, genesis)
            same(maker.state.breaches, [], "breaches")
            rewards = [entry.reward for (kind, _), entry in maker.state.entries.items() if kind == v.PROPOSAL]
            check(sum(reward > 1 << 30 for reward in rewards) == 2, "rewards: %r" % rewards)
            cases.append(("%d ppm, epochs of %d" % (ppm, epoch), data))
    judge(cases, expected=True)


@case("reasons are UTF-8")
def _():
    good = ["", "a", "\u00e4\u2013\U0001f600", "x" * 511, "\n\t\x1b\x7f\x80", "\ufeff", "\uffff", "\U0010ffff", "\ud7ff\ue000", "\u202e"]
    bad = [b"\0", b"a\0", b"x" * 512, b"\x80", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf",
           b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xc3", b"\xe2\x82",
           b"\xf0\x9f\x98", b"\xff", b"\xfe", b"a\xcc"]

    def chain(reason):
        return played(behind(opened, decides(BOB, reason=reason)))[0]
    judge([(repr(reason), chain(reason.encode())) for reason in good], expected=True)
    judge([(repr(reason), chain(reason)) for reason in bad], expected=False)


@case("times and windows at their edges")
def _():
    def waits(*seconds, **settings):
        def story(maker):
            for each in seconds:
                maker.seal(each)
        return make(story, m.cast(**settings))[0]
    left = v.MAX_TIME - m.START - m.SECOND
    judge([("no second", waits(0, 0, 0)), ("just long enough", waits(2, 2.000001, min_block_seconds=2)),
           ("the end of time", waits(1, Fraction(left, m.SECOND)))], expected=True)
    judge([("backwards", waits(1, -0.000001)), ("just too early", waits(2, 1.999999, min_block_seconds=2)),
           ("before genesis", waits(-1)), ("too early behind genesis", waits(1, min_block_seconds=2)),
           ("behind the end of time", waits(1, Fraction(left + 1, m.SECOND))), ("negative", waits(-m.START // m.SECOND - 1))],
          expected=False)


# --- receipts --------------------------------------------------------------------------------------------------------

def program_checks(data):
    """Status of the program's check of a receipt."""
    name = os.path.join(FOLDER, "receipt-%d" % os.getpid())
    with open(name, "wb") as f:
        f.write(data)
    return call("chain", "check-receipt", name, "--json", status=None).returncode


def judge_receipts(cases, expected=None):
    waiting = [(what, v.check_receipt(data), pool.submit(program_checks, data)) for what, data in cases]
    wrong = ["%s: %r, but the program's status is %d" % (what, mine, future.result()) for what, mine, future in waiting
             if future.result() != (0 if mine["ok"] else 4) or expected not in (None, mine["ok"])]
    comment("%d receipts, %d of them good" % (len(waiting), sum(mine["ok"] for _, mine, _ in waiting)))
    check(not wrong, "%d of %d\n%s" % (len(wrong), len(waiting), "\n".join(wrong[:8])))


ABOUT = ("first", "announce good", "propose good", "open good")


@case("receipts that the program writes")
def _():
    data, maker = make(tour)
    workspace = os.path.join(FOLDER, "receipts")
    call("init", workspace)
    os.makedirs(os.path.join(workspace, "chain"), exist_ok=True)
    with open(os.path.join(workspace, "chain", "blocks.msc"), "wb") as f:
        f.write(data)
    for number, name in enumerate(EXAMPLES.values()):
        file = os.path.join(FOLDER, "receipt.%d" % number)
        call("-w", workspace, "--read-only", "chain", "receipt", maker.ids[name].hex(), file)
        with open(file, "rb") as f:
            written = f.read()
        answer = v.check_receipt(written)
        same((name, answer.get("tx")), (name, maker.ids[name].hex()), "receipt")
        items = {"bob approve good": 5, "propose good": 3}.get(name)
        check(items in (None, answer["items"]), "%s has %d items" % (name, answer["items"]))
    written = m.receipt_bytes(m.receipt_of(maker, "bob approve good", *ABOUT))
    judge_receipts([("all five", written)], expected=True)
    dice = random.Random(4)
    bits = sorted(dice.randrange(8 * len(written)) for _ in range(40))
    judge_receipts([("bit %d" % bit, flipped(written, bit)) for bit in bits], expected=False)
    judge_receipts([("cut at %d" % at, written[:at]) for at in (0, 7, 31, 32, 33, len(written) - 1)] + [("longer", written + b"x")],
                   expected=False)


@case("which items a receipt may have")
def _():
    maker = make(tour)[1]
    names = ("bob approve good", "reveal good", "commit good", "stake", "announce own", "second") + ABOUT
    pairs = [(a, b) for a in names for b in names]
    more = [("bob approve good",) + tuple(each) for each in (ABOUT, ABOUT[::-1], ABOUT[1:], ABOUT[:2], ABOUT[::2], ABOUT + ABOUT[:1])]
    more += [("cyd approve good", "first", "bob approve good"), ("propose good", "announce good", "first"),
             ("open good", "propose good", "announce good"), ("holdout", "first"), ("announce good", "second"), (),
             ("announce good", "first", "second"), ("open good", "propose own"), ("reveal good", "open own", "propose good")]
    judge_receipts((" + ".join(each), m.receipt_bytes(m.receipt_of(maker, *each))) for each in pairs + more)


@case("receipts of a validator that keeps no rules")
def _():
    flip = lambda field: lambda fields: fields.update({field: flipped(fields[field], 9)})  # noqa: E731
    by_eve = lambda fields: fields.update(key=EVE)  # noqa: E731
    changes = [("announce good", flip("commitment")), ("announce good", flip("task")), ("announce good", by_eve),
               ("propose good", flip("salt")), ("propose good", flip("proposal")), ("propose good", by_eve),
               ("propose good", lambda f: f.update(content=Fields(f.content, hidden=H(b"")))),
               ("open good", flip("salt")), ("open good", flip("leaves")), ("open good", flip("proposal")), ("open good", by_eve),
               ("bob approve good", flip("shown")), ("bob approve good", by_eve), ("bob approve good", flip("chain")),
               ("first", by_eve), ("first", flip("chain")), ("reveal good", flip("salt")), ("reveal good", by_eve),
               ("propose good", lambda f: f.update(content=Fields(f.content, counts=[(9, 1)]))),
               ("bob approve good", lambda f: f.update(nonce=77, fee=0))]
    cases = []
    for number, (name, change) in enumerate(changes):
        maker = make(tour, changes=Changes(tx={name: change}, to_the_end=True))[1]
        for names in (("bob approve good",) + ABOUT, ("bob approve good", "open good"), ("bob approve good", "propose good", "open good"),
                      ("reveal good", "open good", "propose good"), ("open good", "propose good"), ("propose good", "announce good")):
            cases.append(("%d: %s changed, of %s" % (number, name, " + ".join(names)), m.receipt_bytes(m.receipt_of(maker, *names))))
    judge_receipts(cases)
    cases = []
    maker = make(tour)[1]
    made = m.receipt_of(maker, "bob approve good", "open good")
    sealed(made["parts"][1], "state", H(b""))
    cases.append(("two blocks of one height", m.receipt_bytes(made)))
    made = m.receipt_of(maker, "bob approve good", "propose good")
    sealed(made["parts"][1], "time", m.START + 999 * m.SECOND)
    cases.append(("an earlier block of a later time", m.receipt_bytes(made)))
    judge_receipts(cases, expected=False)


@case("every field of a receipt, with a hash that fits")
def _():
    maker = make(tour)[1]

    def receipt(change, *names):
        made = m.receipt_of(maker, *(names or ("bob approve good",) + ABOUT))
        change(made)
        return m.receipt_bytes(made)
    cases = []
    example = m.receipt_of(maker, "bob approve good")
    for name in ("magic", "version", "genesis", "height", "head", "count"):
        cases += [("%s %.60r" % (name, value), receipt(lambda r, name=name, value=value: r.update({name: value})))
                  for value in variants(name, example[name]) + ([maker.height - 2, 4, 5, 6] if name == "height" else [])]
    item = example["parts"][0]
    others = {"certificate": [b"x"], "path": [[], item.path[1:], item.path[::-1], item.path + [v.ZERO], item.path * 33]}
    for name in ("header", "signature", "certificate", "position", "path", "tx"):
        for value in others.get(name) or variants("", item[name]):
            cases.append(("%s of the first: %.60r" % (name, value),
                          receipt(lambda r, name=name, value=value: r["parts"][0].update({name: value}))))
    for name, _ in m.HEADER_FIELDS:
        header = v.read_header(v.Reader(item.header))
        for value in variants(name, header[name]) + ([-1] if name == "time" else []):
            cases.append(("%s of a header: %.60r" % (name, value), receipt(
                lambda r, name=name, value=value: sealed(r["parts"][0], name, value))))
    judge_receipts(cases)


def sealed(item, name, value):
    """The item's header with another field, signed anew."""
    header = v.read_header(v.Reader(item.header))
    header[name] = value
    item["header"] = m.header_bytes(header)
    item["signature"] = SEAL.sign("morphsmith block", item.header)


# --- prepared and signed files ---------------------------------------------------------------------------------------

def container(kind, blobs, magic=b"MSOFFL01"):
    data = magic + v.u8(kind) + v.u32(len(blobs)) + b"".join(v.blob(each) for each in blobs)
    return data + H(data)


@case("a chain by commands, prepared and signed files")
def _():
    w = os.path.join(FOLDER, "commands")
    call("init", w)
    for words in (["key", "new", "--name", "ada"], ["chain", "init", "--key", "ada", "--name", "by commands"],
                  ["chain", "seal-block", "--key", "ada"]):
        call("-w", w, *words, secret=True)
    prepared, signed = os.path.join(FOLDER, "stake.prepared"), os.path.join(FOLDER, "stake.signed")
    call("-w", w, "chain", "prepare", "unstake", 30, "--key", "ada", "--out", prepared)
    with open(prepared, "rb") as f:
        word = v.check_container(f.read())["hash"]
    call("-w", w, "chain", "sign", prepared, "--out", signed, "--expect", word, secret=True)
    both = []
    for name, is_signed in ((prepared, False), (signed, True)):
        with open(name, "rb") as f:
            both.append(f.read())
        answer = v.check_container(both[-1])
        check(answer["ok"] and answer["signed"] == is_signed and answer["transactions"] == 1, str(answer))
    one = v.read_container(both[0])[1][0]
    pair = [one.unsigned[:66] + v.u64(one.nonce + i) + one.unsigned[74:] for i in range(2)]
    prepared, signed = prepared + ".2", signed + ".2"
    with open(prepared, "wb") as f:
        f.write(container(1, pair))
    call("-w", w, "chain", "sign", prepared, "--out", signed, "--expect", v.check_container(container(1, pair))["hash"], secret=True)
    with open(signed, "rb") as f:
        answer = v.check_container(f.read())
    check(answer["ok"] and answer["transactions"] == 2, str(answer))
    bad = [("flipped %d" % bit, flipped(both[1], bit)) for bit in range(3, 8 * len(both[1]), 257)]
    tx = v.Reader(both[1][13:-32]).blob(v.MAX_BLOB)
    bad += [("twice", container(2, [tx, tx])), ("none", container(2, [])), ("type 3", container(3, [tx])), ("a byte more", both[1] + b"\0"),
            ("another signature", container(2, [flipped(tx, 8 * len(tx) - 9)])), ("signed as prepared", container(1, [tx]))]
    for what, data in bad:
        check(not v.check_container(data)["ok"], "the verifier takes a file: " + what)
        name = os.path.join(FOLDER, "bad.signed")
        with open(name, "wb") as f:
            f.write(data)
        check(call("-w", w, "chain", "submit", name, status=None).returncode in (3, 4), "the program takes a file: " + what)
    call("-w", w, "chain", "submit", signed)
    call("-w", w, "chain", "seal-block", "--key", "ada", secret=True)
    with open(os.path.join(w, "chain", "blocks.msc"), "rb") as f:
        judge([("the chain", f.read())], expected=True)


# --- chains for many --------------------------------------------------------------------------------------------------

@case("a chain of the program with four validators")
def _():
    place = os.path.join(FOLDER, "bench-many")
    call("bench", "chain", "--transactions", 1200, "--accounts", 60, "--validators", 4, "--keep", place)
    with open(os.path.join(place, "chain", "blocks.msc"), "rb") as f:
        judge([("the chain", f.read())], expected=True)


@case("receipts of a chain for many that the program writes")
def _():
    data, maker = m.meet()
    place = os.path.join(FOLDER, "many-receipts")
    call("init", place)
    os.makedirs(os.path.join(place, "chain"), exist_ok=True)
    with open(os.path.join(place, "chain", "blocks.msc"), "wb") as f:
        f.write(data)
    dice = random.Random(5)
    for number, name in enumerate(("pay", "dan registers", "bob twice", "eve registers")):
        file = os.path.join(FOLDER, "many-receipt.%d" % number)
        call("-w", place, "--read-only", "chain", "receipt", maker.ids[name].hex(), file)
        with open(file, "rb") as f:
            written = f.read()
        same(v.check_receipt(written).get("tx"), maker.ids[name].hex(), "the receipt of " + name)
        judge_receipts([(name, written)], expected=True)
        body = written[:-32]
        bits = sorted(dice.randrange(8 * 800, 8 * len(body)) for _ in range(40))
        judge_receipts([("bit %d" % bit, m.with_sum(flipped(body, bit))) for bit in bits])
        judge_receipts([("bit %d, no hash that fits" % bit, flipped(written, bit)) for bit in bits[:5]], expected=False)


@case("validators come, go and are punished")
def _():
    data, maker = m.meet()
    check(len(maker.state.set) == 3 and maker.height == 20, "the story went another way: %r" % maker.state.set)
    judge([("the session", data)], expected=True)


@case("every field of a genesis for many, and without the least")
def _():
    cases = [("%s %r" % (name, value), m.meet(quiet, m.council(**{name: value}))[0] if readable({name: value}) else
              m.frame(0, 0, m.genesis_payload(m.council(**{name: value})), v.ZERO))
             for name in list(m.MANY) + ["missed_ppm", "min_fee", "unbonding_blocks", "unbonding_seconds", "expiry_seconds", "commit_blocks",
                                         "reveal_blocks"] for value in (0, 1, 8, 999999, 1000000, 1000001)]
    judge(cases)
    longest = [dict(unbonding_blocks=value, expiry_blocks=expiry) for value, expiry in ((12, 9), (13, 9), (9, 1), (10, 1), (9, 6), (10, 6))]
    longest += [dict(unbonding_seconds=value, expiry_seconds=0, reveal_seconds=2, commit_seconds=1, dispute_seconds=4) for value in (9, 10)]
    judge([("%r" % case, m.frame(0, 0, m.genesis_payload(m.council(**case)), v.ZERO)) for case in longest[::2]], expected=False)
    judge([("%r" % case, m.frame(0, 0, m.genesis_payload(m.council(**case)), v.ZERO)) for case in longest[1::2]], expected=True)
    short = m.council()
    del short["least_stake"]
    judge([("nothing of what several need", m.frame(0, 0, m.genesis_payload(short), v.ZERO)),
           ("a stake below the least", m.frame(0, 0, m.genesis_payload(dict_with(least_stake=2501)), v.ZERO)),
           ("half of it", m.frame(0, 0, m.genesis_payload(m.council())[:-9], v.ZERO)),
           ("a byte more", m.frame(0, 0, m.genesis_payload(m.council()) + b"\0", v.ZERO))], expected=False)


def dict_with(**fields):
    genesis = m.council()
    genesis.update(fields)
    return genesis


def readable(changes):
    try:
        v.read_genesis(m.genesis_payload(m.council(**changes)))
        return True
    except v.Breach:
        return False


def met(height, **fields):
    """The session with another block of this height."""
    return m.meet(changes=Changes(block={height: lambda block: block.update(fields)}))[0]


def met_header(height, name, value):
    def change(block):
        block.header[name] = value
    return m.meet(changes=Changes(block={height: change}))[0]


@case("every field of a header on a chain for many, signed anew")
def _():
    cases = []
    for height in (1, 3, 8):
        example = m.meet()[1].frames[height][20:268]
        header = v.read_header(v.Reader(example))
        for name, _ in m.HEADER_FIELDS:
            for value in variants(name, header[name]):
                cases.append(("%s of block %d: %r" % (name, height, value), met_header(height, name, value)))
    judge(cases)


@case("certificates: of others, of few, of another block, height or round, and forged ones")
def _():
    maker = m.meet()[1]
    chain, cases = maker.chain, []
    ids = [maker.chain] + [H(b"morphsmith header\0", frame[20:268]) for frame in maker.frames[1:]]
    ada, bob, cyd, dan, eve = m.VOTING
    proofs = {"of ada alone": (3, 1, ids[3], [ada]), "of ada and bob": (3, 1, ids[3], [ada, bob]),
              "of bob, cyd and dan": (3, 1, ids[3], [bob, cyd, dan]), "of a stranger": (3, 1, ids[3], [ada, bob, cyd, eve]),
              "of an earlier round": (3, 0, ids[3], [ada, bob, cyd]), "of a later round": (3, 10000, ids[3], [ada, bob, cyd]),
              "of a round too late": (3, 10001, ids[3], [ada, bob, cyd]), "of another block": (3, 1, ids[2], [ada, bob, cyd]),
              "of another height": (4, 1, ids[3], [ada, bob, cyd]), "of all": (3, 1, ids[3], [ada, bob, cyd, dan])}
    for what, (height, round_, block, keys) in proofs.items():
        data = m.certificate_bytes(chain, height, round_, block, keys)
        cases.append((what, met(4, certificate=data)))
    whole = m.certificate_bytes(chain, 3, 1, ids[3], [ada, bob, cyd, dan])
    other = m.certificate_bytes(v.ZERO, 3, 1, ids[3], [ada, bob, cyd, dan])
    forged = [("none", b""), ("cut", whole[:-1]), ("a byte more", whole + b"\0"), ("of another chain", other),
              ("a flipped bit", flipped(whole, 8 * len(whole) - 70)), ("without signers", whole[:44] + v.u32(0)),
              ("out of order", whole[:48] + whole[144:240] + whole[48:144] + whole[240:]),
              ("one twice", whole[:44] + v.u32(4) + whole[48:144] * 2 + whole[144:336])]
    judge(cases)
    judge([(what, met(4, certificate=data)) for what, data in forged], expected=False)
    judge([("a certificate of genesis", met(1, certificate=m.certificate_bytes(chain, 1, 0, chain, [ada, bob, cyd])))],
          expected=False)


MANY_EXAMPLES = {"register": "dan registers", "retire": "cyd retires", "evidence": "bob twice"}


@case("every field of what only a chain for many knows")
def _():
    cases = []
    for kind, name in MANY_EXAMPLES.items():
        found = []
        m.meet(changes=Changes(tx={name: lambda fields: found.append(copy.copy(fields))}))
        for field, value in found[0].items():
            if field in ("key", "kind"):
                continue
            for other in variants(field, value) + ([value[:-1], value + b"\0"] if isinstance(value, bytes) else []):
                change = Changes(tx={name: lambda fields, field=field, other=other: fields.update({field: other})})
                cases.append(("%s of %s: %r" % (field, kind, other), m.meet(changes=change)[0]))
    judge(cases)


def during(act):
    """The session, and an act behind it."""
    def whole(maker):
        maker.changes.to_the_end = True
        m.session(maker)
        act(maker)
        maker.seal()
        if maker.state.set:
            maker.seal()
    return m.meet(whole)[0]


@case("rules of validators, votes and evidence")
def _():
    ada, bob, cyd, dan, eve = m.VOTING
    new = Key("new")

    def registers(key, voting):
        return lambda maker: maker.register("new", key, voting)

    def convicts(key, culprit, back, **fields):
        return lambda maker: maker.convict("again", key, culprit, maker.height - back, **fields)

    def sends(key, kind, **fields):
        return lambda maker: maker.send("new", key, kind, **fields)

    def two(first, second):
        def act(maker):
            first(maker)
            second(maker)
        return act

    def poor(maker):
        maker.send("new", CYD, "stake", amount=499)
        maker.register("poor", CYD, new)
    good = {"young evidence": convicts(DAN, ada, 8), "of this very height": convicts(DAN, ada, 0),
            "of oneself": convicts(ADA, ada, 1), "a proposal": convicts(DAN, ada, 1, step=0),
            "two leave": two(sends(DAN, "retire"), sends(EVE, "retire")),
            "leaves and comes": two(sends(DAN, "retire"), registers(DAN, new))}
    bad = {"old evidence": convicts(DAN, ada, 9), "of the future": convicts(DAN, ada, -1), "of bob, who is barred": convicts(DAN, bob, 1),
           "of no validator": convicts(DAN, new, 1), "barred": registers(BOB, new), "a validator": registers(ADA, new),
           "a used key": two(sends(DAN, "retire"), registers(DAN, cyd)), "its own used key": two(sends(DAN, "retire"), registers(DAN, dan)),
           "another's identity": two(sends(DAN, "retire"), registers(DAN, FAY)), "too poor": poor, "no stake": registers(FAY, new),
           "no validator leaves": sends(CYD, "retire"),
           "the last one leaves": two(two(sends(DAN, "retire"), sends(EVE, "retire")), sends(ADA, "retire")),
           "twice evidence": two(convicts(DAN, ada, 2), convicts(DAN, ada, 3))}
    judge([(what, during(act)) for what, act in good.items()], expected=True)
    judge([(what, during(act)) for what, act in bad.items()], expected=False)


def disputed(story, changes=None, **parameters):
    return m.meet(story, disputes_maker.genesis(**parameters), changes)


@case("disputes: every end, and all that the rules just allow")
def _():
    good = []
    for what, story in disputes_maker.GOOD:
        data, maker = disputed(story)
        same((what, maker.state.breaches), (what, []), "breaches")
        good.append((what, data))
    states = {entry.state for what, story in disputes_maker.GOOD
              for (kind, _), entry in disputed(story)[1].state.entries.items() if kind == 8}
    check(states >= {1, 2, 3, 4}, "ends of challenges: %r" % states)
    judge(good, expected=True)


@case("disputes: what breaks a rule")
def _():
    bad, wrong = [], []
    for what, story, reason in disputes_maker.BAD:
        data, _ = disputed(story)
        found = v.verify(data).get("reason", "it is good")
        if reason not in found:
            wrong.append("%s: %r, but %r was expected" % (what, found, reason))
        bad.append((what, data))
    judge(bad, expected=False)
    check(not wrong, "\n".join(wrong))


@case("disputes: every field, signed anew, and other parameters")
def _():
    cases = []
    for kind, name in disputes_maker.EXAMPLES.items():
        found = []
        disputed(disputes_maker.ALL, Changes(tx={name: lambda fields: found.append(copy.copy(fields))}))
        for field, value in found[0].items():
            if field in ("key", "kind"):
                continue
            for other in variants(field, value):
                change = Changes(tx={name: lambda fields, field=field, other=other: fields.update({field: other})})
                cases.append(("%s of %s: %.80r" % (field, kind, other), disputed(disputes_maker.ALL, change)[0]))
    for name, values in disputes_maker.PARAMETERS.items():
        for value in values:
            for what, story in disputes_maker.GOOD:
                cases.append(("%s, %s %d" % (what, name, value), disputed(story, **{name: value})[0]))
    judge(cases)


@case("jobs: every end, and all that the rules just allow")
def _():
    good, ends = [], set()
    for what, story in jobs_maker.GOOD:
        data, maker = disputed(story)
        same((what, maker.state.breaches), (what, []), "breaches")
        ends |= {entry.state for (kind, _), entry in maker.state.entries.items() if kind == 10}
        good.append((what, data))
    check(ends >= {1, 2, 3, 4}, "ends of jobs: %r" % ends)
    judge(good, expected=True)


@case("jobs: what breaks a rule")
def _():
    bad, wrong = [], []
    for what, story, reason in jobs_maker.BAD:
        data, _ = disputed(story)
        found = v.verify(data).get("reason", "it is good")
        if reason not in found:
            wrong.append("%s: %r, but %r was expected" % (what, found, reason))
        bad.append((what, data))
    judge(bad, expected=False)
    check(not wrong, "\n".join(wrong))


@case("jobs: every field, signed anew, and other parameters")
def _():
    cases = []
    for kind, name in jobs_maker.EXAMPLES.items():
        found = []
        disputed(jobs_maker.ALL, Changes(tx={name: lambda fields: found.append(copy.copy(fields))}))
        for field, value in found[0].items():
            if field in ("key", "kind"):
                continue
            for other in variants(field, value):
                change = Changes(tx={name: lambda fields, field=field, other=other: fields.update({field: other})})
                cases.append(("%s of %s: %.80r" % (field, kind, other), disputed(jobs_maker.ALL, change)[0]))
    for name, values in jobs_maker.PARAMETERS.items():
        for value in values:
            for what, story in jobs_maker.GOOD:
                cases.append(("%s, %s %d" % (what, name, value), disputed(story, **{name: value})[0]))
    judge(cases)


@case("the last validator loses, but stays, and for each height once")
def _():
    ada, bob, cyd, _, _ = m.VOTING

    def story(*acts):
        def whole(maker):
            maker.changes.to_the_end = True
            for who in (bob, cyd):
                maker.convict("others", DAN, who, 1)
            for height in acts:
                maker.convict("last", DAN, ada, height)
            maker.seal()
            maker.seal()
        return whole
    for share in (0, 1, 100000, 1000000):
        judge([("once, %d" % share, m.meet(story(1), m.council(double_ppm=share))[0])], expected=True)
    judge([("twice", m.meet(story(1, 1))[0])], expected=False)


@case("what only a chain for many knows, on a closed one")
def _():
    def story(maker):
        maker.changes.to_the_end = True
        maker.seal()
        votes = sorted(m.vote_bytes(SEAL, maker.chain, 2, 1, 0, H(block)) for block in (b"x", b"y"))
        maker.send("it", ADA, **acts[0](maker, votes))
        maker.seal()
    for act in (lambda maker, votes: {"kind": "evidence", "a": votes[0], "b": votes[1]}, lambda maker, votes: {"kind": "retire"},
                lambda maker, votes: {"kind": "register", "voting": EVE.public,
                                      "consent": EVE.sign("morphsmith validator", maker.chain + ADA.public)}):
        acts = [act]
        judge([("a closed chain", make(story)[0])], expected=False)


with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
    try:
        run()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
