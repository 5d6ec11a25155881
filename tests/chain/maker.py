"""Builds and signs chains for tests, good ones and bad ones, from the manual page morphsmith-chain(5) alone.

A story is a function that sends transactions and seals blocks with a Maker. Changes say what becomes another than the
story has it; what depends on it (ids, roots, state hashes, signatures, hashes of frames) is then made anew, so that
the change itself is all that can be wrong. The state that a bad block "leads to" is what its rules would lead to if the
broken one did not exist.
"""

import copy
import hashlib
import random

from nacl import bindings

from verifier import (ACCEPTED, ANNOUNCED, CLAIMED, MILLION, NUMBERS, REVEALING, ZERO, Breach, Fields, H, ROTATION, State, address_of, blob,
                      counts_bytes, read_block, read_genesis, read_transaction, root, u8, u16, u32, u64)

L = (1 << 252) + 27742317777372353535851937790883648493
ORDER_8 = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
START = 1600000000 * MILLION
SECOND = MILLION


# --- keys ------------------------------------------------------------------------------------------------------------

class Key:
    def __init__(self, name):
        self.name = name
        self.seed = H(b"morphsmith test key", name.encode())
        self.public, self.secret = bindings.crypto_sign_seed_keypair(self.seed)

    @property
    def address(self):
        return address_of(self.public)

    def scalar(self):
        low = bytearray(hashlib.sha512(self.seed).digest()[:32])
        low[0] &= 248
        low[31] = low[31] & 127 | 64
        return int.from_bytes(low, "little")

    def sign(self, domain, data):
        return bindings.crypto_sign(domain.encode() + b"\0" + data, self.secret)[:64]


class MixedKey(Key):
    """A public key with a part of order 8: libsodium takes its signatures where k is a multiple of 8, and only there."""

    def __init__(self, name, good=True):
        super().__init__(name)
        self.good = good
        self.public = bindings.crypto_core_ed25519_add(self.public, ORDER_8)

    def sign(self, domain, data):
        message = domain.encode() + b"\0" + data
        for r in range(1, 1000):
            R = bindings.crypto_scalarmult_ed25519_base_noclamp(r.to_bytes(32, "little"))
            k = challenge(R, self.public, message)
            if (k % 8 == 0) == self.good:
                return R + ((r + k * self.scalar()) % L).to_bytes(32, "little")
        raise ValueError("no such signature was found")


def challenge(R, public, message):
    return int.from_bytes(hashlib.sha512(R + public + message).digest(), "little") % L


def beyond_order(signature):
    """The same signature with another spelling of S."""
    return signature[:32] + (int.from_bytes(signature[32:], "little") + L).to_bytes(32, "little")


def with_small_r(key, domain, data):
    """A signature whose equation holds, but whose R is the neutral point."""
    R = (1).to_bytes(32, "little")
    k = challenge(R, key.public, domain.encode() + b"\0" + data)
    return R + (k * key.scalar() % L).to_bytes(32, "little")


def with_mixed_r(key, domain, data):
    """A signature that only a rule with a multiplication by the cofactor takes."""
    R = bindings.crypto_core_ed25519_add(bindings.crypto_scalarmult_ed25519_base_noclamp((5).to_bytes(32, "little")), ORDER_8)
    k = challenge(R, key.public, domain.encode() + b"\0" + data)
    return R + ((5 + k * key.scalar()) % L).to_bytes(32, "little")


# --- bytes -----------------------------------------------------------------------------------------------------------

def content_bytes(c):
    return c.parent + c.steps + c.architecture + counts_bytes(c.counts) + c.hidden + c.evidence


def finding_bytes(f):
    return counts_bytes(f.counts) + f.root + f.weights


def task_bytes(f):
    return (f.data + f.text + f.recipe + blob(f.numeric) + u32(f.folds) + u64(f.pool) + u32(f.min_improvement) + u32(f.full_pay) +
            u32(f.baseline) + u32(len(f.reviewers)) + b"".join(f.reviewers) + u32(f.approvals))


def decision_bytes(f):
    return f.proposal + f.shown + f.rerun + blob(f.reason)


BODIES = {
    "transfer": lambda f: f.to + u64(f.amount),
    "stake": lambda f: u64(f.amount),
    "unstake": lambda f: u64(f.amount),
    "task": task_bytes,
    "announce": lambda f: f.task + u64(f.stake) + f.commitment,
    "propose": lambda f: f.proposal + f.salt + content_bytes(f.content),
    "commit": lambda f: f.proposal + f.commitment,
    "reveal": lambda f: f.proposal + f.salt + finding_bytes(f.finding),
    "open": lambda f: f.proposal + f.salt + f.root + f.weights + f.leaves,
    "approve": decision_bytes,
    "reject": decision_bytes,
    "holdout": lambda f: f.task + f.architecture + f.weights + u32(f.correct) + u32(f.total) + f.evidence,
    "register": lambda f: f.voting + f.consent,
    "retire": lambda f: b"",
    "evidence": lambda f: blob(f.a) + blob(f.b),
}


def transaction(f):
    """All bytes of a transaction; f.kind_number, f.sender and f.signature say otherwise than f.kind and f.key do."""
    kind = f.get("kind_number", NUMBERS[f.kind])
    unsigned = u16(kind) + f.chain + f.get("sender", f.key.public) + u64(f.nonce) + u64(f.fee) + BODIES[f.kind](f)
    sign = f.get("sign", lambda data: f.key.sign("morphsmith tx", data))
    return unsigned + sign(unsigned)


SETTINGS = dict(min_block_seconds=0, unbonding_blocks=2, unbonding_seconds=1, expiry_blocks=9, expiry_seconds=2, commit_blocks=2,
                commit_seconds=1, reveal_blocks=2, reveal_seconds=1, epoch_blocks=4, missed_ppm=250000, finder_ppm=500000)


MANY = dict(evidence_blocks=8, double_ppm=100000, attest_ppm=0, dispute_blocks=3, dispute_seconds=0, deposit_ppm=100000)


def genesis_fields(holders, validators, **changes):
    """holders: (key, balance); validators: (identity, voting key, stake)."""
    supply = sum(h[1] for h in holders) + sum(v[2] for v in validators)
    fields = Fields(name=b"made by a test", time=START, supply=supply, min_fee=1, holders=holders, validators=validators, **SETTINGS)
    fields.update(changes)
    return fields


def genesis_payload(g):
    fixed = blob(g.name) + u64(g.time) + u64(g.supply) + u64(g.min_fee) + b"".join(u32(g[name]) for name in SETTINGS)
    holders = u32(len(g.holders)) + b"".join(key + u64(balance) for key, balance in g.holders)
    validators = u32(len(g.validators)) + b"".join(identity + voting + u64(stake) for identity, voting, stake in g.validators)
    many = b"".join(u32(g[name]) for name in MANY) + u64(g.least_stake) if "least_stake" in g else b""
    return fixed + holders + validators + many


def frame(kind, height, payload, before):
    data = b"MSCF" + u8(2) + u8(kind) + u16(0) + u32(len(payload)) + u64(height) + payload
    return data + H(before, data)


HEADER_FIELDS = [("chain", bytes), ("height", u64), ("round", u32), ("time", u64), ("parent", bytes), ("proposer", bytes),
                 ("tx_root", bytes), ("validators", bytes), ("certificate", bytes), ("state", bytes), ("count", u32)]


def header_bytes(header):
    return b"".join(write(header[name]) for name, write in HEADER_FIELDS)


# --- making ----------------------------------------------------------------------------------------------------------

class LooseState(State):
    """A state that may note breaches instead of refusing them."""

    strict = False

    def __init__(self, *arguments):
        self.breaches = []
        super().__init__(*arguments)

    def require(self, condition, reason):
        if self.strict:
            super().require(condition, reason)
        elif not condition:
            self.breaches.append(reason)

    def apply(self, tx):
        if self.strict:
            super().apply(tx)
            return
        try:
            super().apply(tx)
        except Breach as breach:
            self.breaches.append(str(breach))


class Changes:
    """What is to be other than a story has it; the functions change what they are given, or return another."""

    def __init__(self, genesis=None, tx=None, raw=None, block=None, payload=None, frame=None, to_the_end=False):
        self.genesis = genesis        # the fields of genesis
        self.tx = tx or {}            # name of a transaction: its fields, before it is signed
        self.raw = raw or {}          # name of a transaction: its bytes
        self.block = block or {}      # height: Fields header, transactions, certificate, before all that is computed from them
        self.payload = payload or {}  # height: bytes
        self.frame = frame or {}      # height: bytes
        self.to_the_end = to_the_end  # the story goes on behind the change


class Done(Exception):
    """The block behind the changed one is sealed: nothing that follows could be looked at."""


def changed(changes, name, value):
    if name not in changes:
        return value
    result = changes[name](value)
    return value if result is None else result


class Maker:
    def __init__(self, genesis, voting, changes=None):
        self.changes = changes or Changes()
        if self.changes.genesis:
            self.changes.genesis(genesis)
        payload = changed(self.changes.payload, 0, genesis_payload(genesis))
        self.voting = voting
        self.chain = H(payload)
        self.parent = self.chain
        self.frames = [changed(self.changes.frame, 0, frame(0, 0, payload, ZERO))]
        self.state = LooseState(read_genesis(payload), self.chain)
        self.ids = {}
        self.nonces = {}
        self.pending = []
        self.refused = None    # the newest transaction, where a strict state refused it
        self.height = 1
        self.time = genesis.time
        self.saved = None      # the state at the begin of a block that will be changed
        self.validators = None
        self.last = None

    def begin(self, seconds=1):
        """The next block starts; without a call, with the first transaction, one second later."""
        self.time += int(seconds * SECOND)
        if self.height in self.changes.block:
            self.saved = copy.deepcopy(self.state)
        self.validators = self.state.validators_hash()
        self.state.begin(self.height, self.time)

    def send(self, name, key, kind, **fields):
        """Makes a transaction; a strict state refuses it with Breach."""
        if self.state.height < self.height:
            self.begin()
        f = Fields({"kind": kind, "chain": self.chain, "key": key, "fee": 1}, **fields)
        f.setdefault("nonce", self.state.peek(key.address).nonce + 1)
        self.submit(name, changed(self.changes.raw, name, transaction(changed(self.changes.tx, name, f))))

    def submit(self, name, data):
        before = len(self.state.breaches)
        self.refused = data
        self.apply(data)
        self.ids[name] = H(data[:-64])
        self.pending.append(data)
        named = name in self.changes.tx or name in self.changes.raw
        if not self.state.strict and (named or len(self.state.breaches) > before):
            self.last = self.last or self.height + 1

    def apply(self, data):
        try:
            self.state.apply(read_transaction(data))
        except Breach:
            if self.state.strict:
                raise

    def seal(self, seconds=1):
        """Seals what was sent."""
        if self.state.height < self.height:
            self.begin(seconds)
        block = self.empty_block()
        if self.saved is not None:
            block = changed(self.changes.block, self.height, block)
            self.again(block)
        self.state.end_block()
        self.append(block)

    def empty_block(self):
        header = Fields(chain=self.chain, height=self.height, round=0, time=self.time, parent=self.parent,
                        proposer=self.voting.public)
        return Fields(header=header, transactions=self.pending, certificate=b"", key=self.voting)

    def again(self, block):
        """Carries out the changed block from where it began."""
        self.state = self.saved
        self.state.begin(self.height, block.header.time)
        for data in block.transactions:
            self.apply(data)
        self.last = self.last or self.height + 1

    def append(self, block):
        header = block.header
        header.setdefault("tx_root", root([H(data) for data in block.transactions]))
        header.setdefault("validators", self.validators)
        header.setdefault("certificate", H(block.certificate))
        header.setdefault("state", self.state.hash)
        header.setdefault("count", len(block.transactions))
        bytes_ = header_bytes(header)
        signature = block.get("sign", lambda data: block.key.sign("morphsmith block", data))(bytes_)
        payload = bytes_ + signature + blob(block.certificate) + b"".join(blob(data) for data in block.transactions)
        self.wrap(changed(self.changes.payload, self.height, payload))
        self.parent = H(b"morphsmith header\0", bytes_)
        self.pending, self.saved = [], None
        self.time = header.time
        self.height += 1
        if self.last is not None and self.height > self.last and not self.changes.to_the_end:
            raise Done

    def wrap(self, payload):
        data = frame(1, self.height, payload, self.frames[-1][-32:])
        if self.height in self.changes.payload or self.height in self.changes.frame:
            self.last = self.last or self.height + 1
        self.frames.append(changed(self.changes.frame, self.height, data))

    def data(self):
        return b"".join(self.frames)


# --- chains for many -------------------------------------------------------------------------------------------------

def with_sum(data):
    """With the hash of all before at the end."""
    return data + H(data)


def vote_bytes(key, chain, step, height, round_, block, valid=0):
    unsigned = chain + u8(step) + u64(height) + u32(round_) + u32(valid) + block + key.public
    return unsigned + key.sign("morphsmith vote", unsigned)


def certificate_bytes(chain, height, round_, block, keys):
    """Precommits of these keys."""
    votes = sorted((key.public, vote_bytes(key, chain, 2, height, round_, block)[-64:]) for key in keys)
    return u64(height) + u32(round_) + block + u32(len(votes)) + b"".join(key + signature for key, signature in votes)


class Voters(Maker):
    """Makes blocks that are voted on by everybody who can; `round` is the next block's."""

    def __init__(self, genesis, keys, changes=None):
        super().__init__(genesis, None, changes)
        self.keys = {key.public: key for key in keys}
        self.round = 0
        self.proof = b""
        self.voters = []

    def begin(self, seconds=1):
        super().begin(seconds)
        self.proposer = self.keys.get(self.state.entries[ROTATION, b""].proposer(self.round), SEAL)
        self.voters = [self.keys[key] for key, _ in self.state.set if key in self.keys]  # a changed one may be nobody's

    def empty_block(self):
        header = Fields(chain=self.chain, height=self.height, round=self.round, time=self.time, parent=self.parent,
                        proposer=self.proposer.public)
        return Fields(header=header, transactions=self.pending, certificate=self.proof, key=self.proposer)

    def append(self, block):
        height, voters, round_ = self.height, self.voters, self.round
        self.round = 0
        super().append(block)
        self.proof = certificate_bytes(self.chain, height, round_, self.parent, voters)

    def register(self, name, key, voting, **fields):
        self.keys[voting.public] = voting
        consent = voting.sign("morphsmith validator", self.chain + key.public)
        self.send(name, key, "register", **Fields({"voting": voting.public, "consent": consent}, **fields))

    def convict(self, name, key, culprit, height, step=2, **fields):
        votes = sorted(vote_bytes(culprit, self.chain, step, height, 0, H(block)) for block in (b"x", b"y"))
        self.send(name, key, "evidence", **Fields({"a": votes[0], "b": votes[1]}, **fields))


VOTING = [Key("voting %d" % i) for i in range(5)]


def council(**changes):
    """Ada, Bob and Cyd validate."""
    stakes = ((ADA, 6000), (BOB, 3000), (CYD, 2500))
    validators = [(key.public, VOTING[i].public, stake) for i, (key, stake) in enumerate(stakes)]
    holders = [(key.public, 5000) for key in (ADA, BOB, CYD, DAN, EVE)]
    return genesis_fields(holders, validators, **dict(dict(MANY, least_stake=500, unbonding_blocks=13, unbonding_seconds=3, commit_seconds=0), **changes))


def session(maker):
    """Validators come, go and are punished; blocks of later rounds; a claim that others attest."""
    maker.send("pay", ADA, "transfer", to=FAY.address, amount=50)
    maker.seal()
    maker.round = 2
    maker.send("dan stakes", DAN, "stake", amount=900)
    maker.register("dan registers", DAN, VOTING[3])
    maker.seal()
    maker.round = 1
    maker.send("bob unstakes", BOB, "unstake", amount=700)
    maker.seal(3)
    maker.send("cyd retires", CYD, "retire")
    maker.send("cyd unstakes", CYD, "unstake", amount=2500)
    maker.seal()
    maker.convict("bob twice", EVE, VOTING[1], 3)
    maker.seal()
    maker.send("again", EVE, "stake", amount=600)
    maker.register("eve registers", EVE, VOTING[4])
    maker.seal()
    maker.round = 5
    maker.convict("cyd twice", DAN, VOTING[2], 4, step=1)
    for seconds in (1, 0, 1):
        maker.seal(seconds)
    for _ in range(10):
        maker.seal()


def meet(story=session, genesis=None, changes=None):
    """As make, of a chain for many."""
    maker = Voters(genesis or council(), VOTING, changes)
    try:
        story(maker)
    except Done:
        pass
    return maker.data(), maker


# --- receipts --------------------------------------------------------------------------------------------------------

def path_of(hashes, position):
    """The hashes beside the way from a leaf to the root, the lowest first."""
    if len(hashes) == 1:
        return []
    k = 1 << (len(hashes) - 1).bit_length() - 1
    if position < k:
        return path_of(hashes[:k], position) + [root(hashes[k:])]
    return path_of(hashes[k:], position - k) + [root(hashes[:k])]


def item_of(maker, name):
    """What a receipt holds of a transaction of this name."""
    for frame_bytes in maker.frames[1:]:
        block = read_block(frame_bytes[20:-32])
        for position, data in enumerate(block.transactions):
            if H(data[:-64]) == maker.ids[name]:
                path = path_of([H(each) for each in block.transactions], position)
                return Fields(header=block.header_bytes, signature=block.signature, certificate=b"", position=position, path=path,
                              tx=data)
    raise KeyError(name)


def item_bytes(item):
    return (item.header + item.signature + blob(item.certificate) + u32(item.position) + u32(len(item.path)) +
            b"".join(item.path) + blob(item.tx))


def receipt_of(maker, *names):
    items = [item_of(maker, name) for name in names]
    return Fields(magic=b"MSRC", version=b"\1\0\0\0", genesis=maker.frames[0][20:-32], height=maker.height - 1, head=maker.parent,
                  count=len(items), parts=items)


def receipt_bytes(r):
    data = (r.magic + r.version + blob(r.genesis) + u64(r.height) + r.head + u32(r.count) +
            b"".join(item_bytes(item) for item in r.parts))
    return data + H(data)


# --- claims ----------------------------------------------------------------------------------------------------------

class Claim:
    """All that a proposer knows of a proposal, made from a name."""

    def __init__(self, name, counts, architecture=None):
        self.name = name
        self.counts = counts
        self.root, self.weights, self.leaves = self.hash("root"), self.hash("weights"), self.hash("leaves")
        self.content = Fields(parent=ZERO, steps=ZERO, architecture=architecture or self.hash("architecture"), counts=counts,
                              hidden=H(b"morphsmith root\0", self.hash("salt 2"), self.root, self.weights),
                              evidence=self.hash("evidence"))
        self.finding = Fields(counts=counts, root=self.root, weights=self.weights)
        self.other = Fields(counts=counts, root=self.hash("another root"), weights=self.weights)

    def hash(self, what):
        return H(self.name.encode(), what.encode())

    def announce(self, maker, key, task, stake):
        self.key = key
        commitment = H(b"morphsmith announce\0", self.hash("salt 1"), key.public, content_bytes(self.content))
        maker.send("announce " + self.name, key, "announce", task=task, stake=stake, commitment=commitment)
        self.id = maker.ids["announce " + self.name]

    def propose(self, maker, **changes):
        fields = dict(proposal=self.id, salt=self.hash("salt 1"), content=self.content, **changes)
        maker.send("propose " + self.name, self.key, "propose", **fields)

    def commit(self, maker, key, finding=None):
        finding = finding or self.finding
        commitment = H(b"morphsmith attest\0", self.hash("salt 3"), key.public, self.id, finding_bytes(finding))
        maker.send("commit " + self.name, key, "commit", proposal=self.id, commitment=commitment)

    def open(self, maker):
        maker.send("open " + self.name, self.key, "open", proposal=self.id, salt=self.hash("salt 2"), root=self.root,
                   weights=self.weights, leaves=self.leaves)

    def reveal(self, maker, key, finding=None):
        maker.send("reveal " + self.name, key, "reveal", proposal=self.id, salt=self.hash("salt 3"), finding=finding or self.finding)

    def decide(self, maker, key, kind="approve", rerun=ZERO, reason=b""):
        shown = H(b"morphsmith shown\0", self.content.evidence, self.root, self.weights, self.leaves)
        maker.send("%s %s %s" % (key.name, kind, self.name), key, kind, proposal=self.id, shown=shown, rerun=rerun, reason=reason)


# --- stories ---------------------------------------------------------------------------------------------------------

ADA, BOB, CYD, DAN, EVE, FAY = [Key(name) for name in ("ada", "bob", "cyd", "dan", "eve", "fay")]
SEAL = Key("seal")


def cast(**changes):
    """Genesis with ada as the validator, whose blocks another key signs."""
    holders = [(key.public, 100000) for key in (ADA, BOB, CYD, DAN, EVE)]
    return genesis_fields(holders, [(ADA.public, SEAL.public, 40000)], **changes)


def send_task(maker, name, key, **changes):
    fields = dict(data=H(b"data"), text=H(name.encode()), recipe=H(b"recipe"), numeric=b"exact-1", folds=2, pool=9000,
                  min_improvement=1000, full_pay=200000, baseline=500000, reviewers=[], approvals=0)
    fields.update(changes)
    maker.send(name, key, "task", **fields)
    return maker.ids[name]


def tour(maker):
    """Every kind of transaction, and every end that a proposal can have on a chain with one validator."""
    first = tour_opens(maker)
    good, twin, own, wrong, refused, hidden, silent, late = claims = [
        Claim("good", [(600, 1000), (700, 1000)]), Claim("twin", [(5, 10), (6, 10)], H(b"twins")), Claim("own", [(9, 10), (7, 11)]),
        Claim("wrong", [(1, 2), (2, 2)]), Claim("refused", [(3, 4), (3, 4)]), Claim("hidden", [(3, 4), (4, 4)]),
        Claim("silent", [(1, 4), (4, 4)]), Claim("late", [(1, 9), (4, 9)])]
    owners = [DAN, EVE, ADA, DAN, EVE, DAN, EVE, DAN]
    for claim, owner in zip(claims, owners):
        claim.announce(maker, owner, maker.ids["second"] if claim is own else first, 100 + len(claim.name))
    maker.seal()
    for claim in claims[:-1]:
        claim.propose(maker)
    maker.seal()
    for claim in claims[:-1]:
        claim.commit(maker, ADA, claim.other if claim is wrong else None)
    maker.seal()
    for claim in (good, own, wrong, refused, silent, twin):
        claim.open(maker)
    good.decide(maker, BOB, reason="knapp, aber gut \u2013 \U0001f600".encode())
    maker.seal()
    tour_ends(maker, good, twin, own, wrong, refused)


def tour_opens(maker):
    maker.send("pay bob", ADA, "transfer", to=BOB.address, amount=50)
    maker.send("pay fay", ADA, "transfer", to=FAY.address, amount=500)
    maker.send("stake", BOB, "stake", amount=700)
    maker.send("unstake", BOB, "unstake", amount=300)
    maker.send("unstake again", BOB, "unstake", amount=100)
    maker.send("validator's unstake", ADA, "unstake", amount=10)
    first = send_task(maker, "first", ADA, reviewers=[BOB.address, CYD.address], approvals=2)
    send_task(maker, "second", CYD, pool=0, min_improvement=0)
    maker.seal()
    maker.send("fay's own", FAY, "transfer", to=EVE.address, amount=499)
    return first


def tour_ends(maker, good, twin, own, wrong, refused):
    good.reveal(maker, ADA)
    own.reveal(maker, ADA)
    twin.reveal(maker, ADA)
    wrong.reveal(maker, ADA, wrong.other)
    refused.decide(maker, CYD, "reject", rerun=H(b"re-run"), reason=b"no")
    own.decide(maker, CYD)
    maker.seal()
    good.decide(maker, CYD)
    maker.send("holdout", DAN, "holdout", task=maker.ids["first"], architecture=good.content.architecture, weights=good.weights,
               correct=60, total=100, evidence=H(b"evidence"))
    for seconds in (1, 0, 2.5, 1, 1, 1, 1):
        maker.seal(seconds)


def make(story, genesis=None, changes=None, voting=SEAL):
    """The bytes of the story's chain, and its Maker."""
    maker = Maker(genesis or cast(), voting, changes)
    try:
        story(maker)
    except Done:
        pass
    return maker.data(), maker


# --- random stories --------------------------------------------------------------------------------------------------

def random_genesis(dice):
    small = {name: dice.choice([0, 1, 1, 2, 3]) for name in SETTINGS}
    for name in ("expiry_blocks", "commit_blocks", "reveal_blocks", "epoch_blocks"):
        small[name] = dice.choice([1, 2, 3, 5])
    small["expiry_blocks"] = dice.choice([2, 6, 12, 12])
    for name in ("missed_ppm", "finder_ppm"):
        small[name] = dice.choice([0, 1, 333333, 500000, 1000000])
    small.update(min_block_seconds=dice.choice([0, 0, 1]), min_fee=dice.choice([0, 1, 3]))
    scale = dice.choice([40, 1000, 1000, 1 << 38])
    holders = [(key.public, dice.randrange(scale // 2, scale)) for key in (ADA, BOB, CYD, DAN)]
    voting = dice.choice([SEAL, ADA])
    return genesis_fields(holders, [(ADA.public, voting.public, dice.randrange(1, scale))], **small), voting


class Wanderer:
    """Sends what comes to its mind to a strict state; what that refuses is left out, or with end_badly ends the chain."""

    def __init__(self, seed, blocks=14, end_badly=False):
        self.dice = random.Random(seed)
        genesis, voting = random_genesis(self.dice)
        self.maker = Maker(genesis, voting)
        self.maker.state.strict = True
        self.blocks = blocks
        self.end_badly = end_badly
        self.tasks, self.claims = [], []
        self.sent = 0

    def run(self):
        for height in range(1, self.blocks + 1):
            self.maker.begin(self.dice.choice([1, 1, 1.5, 2, 0.000001 + self.maker.state.genesis.min_block_seconds]))
            for _ in range(self.dice.choice([0, 4, 8, 16])):
                if self.attempt() and self.end_badly and height > self.blocks // 2:
                    return self.maker.data()
            self.maker.seal()
        return self.maker.data()

    def attempt(self):
        """True if it was refused, and the chain ends with it."""
        maker = self.maker
        self.sent += 1
        if self.dice.random() < 0.1:
            maker.changes.tx[self.name()] = self.spoil
        try:
            self.act()
        except Breach:
            if self.end_badly and maker.height > self.blocks // 2 and self.dice.random() < 0.3:
                maker.state.strict = False
                maker.submit("refused", maker.refused)
                maker.seal()
                return True
        return False

    def name(self):
        return "sent %d" % self.sent

    def send(self, key, kind, **fields):
        fields.setdefault("fee", max(1, self.maker.state.genesis.min_fee))
        self.maker.send(self.name(), key, kind, **fields)
        return self.maker.ids[self.name()]

    def spoil(self, fields):
        """One field becomes another."""
        name = self.dice.choice([n for n, v in fields.items() if isinstance(v, (int, bytes)) and n not in ("chain", "nonce")])
        value = fields[name]
        if isinstance(value, int):
            fields[name] = self.dice.choice([0, 1, value + 1, value - 1, value * 2, (1 << 64) - 1])
        else:
            fields[name] = bytes(len(value)) if self.dice.random() < 0.3 else self.dice.randbytes(len(value))

    def act(self):
        likely = [self.pay, self.bind, self.task] + [self.announce] * 3 + [self.holdout] + [self.go_on] * 12
        self.dice.choice(likely)()

    def anyone(self):
        return self.dice.choice([ADA, BOB, CYD, DAN, EVE])

    def some(self, limit):
        return self.dice.choice([1, 1, 2, limit // 10, limit // 5, limit // 4] + [limit // 2, limit - 1, limit] * (self.dice.random() < 0.3))

    def pay(self):
        key = self.anyone()
        self.send(key, "transfer", to=self.anyone().address, amount=self.some(self.maker.state.peek(key.address).balance))

    def bind(self):
        key = self.anyone()
        account = self.maker.state.peek(key.address)
        if self.dice.random() < 0.5:
            self.send(key, "stake", amount=self.some(account.balance))
        else:
            self.send(key, "unstake", amount=self.some(account.stake))

    def task(self):
        reviewers = [key.address for key in self.dice.sample([ADA, BOB, CYD, DAN], self.dice.randrange(4))]
        key = self.anyone()
        self.tasks.append(self.send(
            key, "task", data=ZERO, text=ZERO, recipe=ZERO, numeric=b"n", folds=self.dice.choice([1, 1, 2]),
            pool=self.dice.choice([0, self.some(self.maker.state.peek(key.address).balance)]),
            min_improvement=self.dice.choice([0, 100000]), full_pay=self.dice.choice([1, 100000, 1000000]),
            baseline=self.dice.choice([0, 500000]), reviewers=reviewers, approvals=self.dice.choice([0, 1, len(reviewers)])))

    def announce(self):
        if not self.tasks:
            return
        task = self.dice.choice(self.tasks)
        folds = self.maker.state.entries[2, task].terms.folds
        counts = [(self.dice.randrange(8), self.dice.randrange(7, 9)) for _ in range(folds)]
        claim = Claim("claim %d" % self.sent, counts, H(self.dice.choice([b"a", b"b", b"c", b"d"])))
        key = self.anyone()
        commitment = H(b"morphsmith announce\0", claim.hash("salt 1"), key.public, content_bytes(claim.content))
        claim.key = key
        claim.found = claim.finding if self.dice.random() < 0.7 else claim.other
        claim.id = self.send(key, "announce", task=task, commitment=commitment,
                             stake=self.some(self.maker.state.peek(key.address).balance // 4))
        self.claims.append(claim)

    def holdout(self):
        if self.tasks:
            self.send(self.anyone(), "holdout", task=self.dice.choice(self.tasks), architecture=ZERO, weights=ZERO,
                      correct=self.dice.randrange(3), total=self.dice.randrange(1, 4), evidence=ZERO)

    def go_on(self):
        """What a proposal may wait for, or may not."""
        alive = [c for c in self.claims if c.id in self.maker.state.alive] if self.dice.random() < 0.95 else self.claims
        if not alive:
            return
        claim = self.dice.choice(alive)
        state = self.maker.state.entries[3, claim.id].state
        opened = self.maker.state.entries[3, claim.id].is_open()
        steps = {ANNOUNCED: [self.propose], CLAIMED: [self.commit],
                 REVEALING: [self.reveal, self.decide, self.decide] if opened else [self.open]}.get(state, [])
        if self.dice.random() < 0.1:
            steps = [self.propose, self.commit, self.open, self.reveal, self.decide]
        if steps:
            self.dice.choice(steps)(claim)

    def propose(self, claim):
        self.send(claim.key, "propose", proposal=claim.id, salt=claim.hash("salt 1"), content=claim.content)

    def commit(self, claim):
        key = ADA if self.dice.random() < 0.95 else self.anyone()
        commitment = H(b"morphsmith attest\0", claim.hash("salt 3"), key.public, claim.id, finding_bytes(claim.found))
        self.send(key, "commit", proposal=claim.id, commitment=commitment)

    def open(self, claim):
        self.send(claim.key, "open", proposal=claim.id, salt=claim.hash("salt 2"), root=claim.root, weights=claim.weights,
                  leaves=claim.leaves)

    def reveal(self, claim):
        key = ADA if self.dice.random() < 0.95 else self.anyone()
        self.send(key, "reveal", proposal=claim.id, salt=claim.hash("salt 3"), finding=claim.found)

    def decide(self, claim):
        shown = H(b"morphsmith shown\0", claim.content.evidence, claim.root, claim.weights, claim.leaves)
        self.send(self.anyone(), "approve" if self.dice.random() < 0.9 else "reject", proposal=claim.id, shown=shown,
                  rerun=self.dice.choice([ZERO, claim.root]), reason=self.dice.choice([b"", "\u00e4".encode()]))
