"""A second verifier of a chain, written from the manual page morphsmith-chain(5) alone.

    verifier.py BLOCKS.MSC          {"ok": true, "height", "head", "transactions", "signatures"}, status 0, or
                                    {"ok": false, "height", "offset", "reason"}, status 4
    verifier.py --receipt FILE      the same question about a receipt
    verifier.py --container FILE    the same question about a prepared or signed file

It shares no line with the program. The words in quotes below, such as "can pay", are the page's.
"""

import argparse
import hashlib
import json
import sys

from nacl import bindings
from nacl.exceptions import CryptoError

MILLION = 1000000
MAX_FRAME = 33554432
MAX_BLOB = 1048576
MAX_SUPPLY = 1 << 42
MAX_TIME = 253402300799999999
HEADER = 248
ZERO = bytes(32)
TOTALS, ACCOUNT, TASK, PROPOSAL, UNBONDING, HOLDOUT, ROTATION, VOTING = range(8)
VOTE = 177
LAST_ROUND = 10000
ANNOUNCED, CLAIMED, REVEALING, ACCEPTED, REJECTED, EXPIRED, REFUTED = range(7)


class Breach(Exception):
    """What makes a file bad."""


def demand(condition, reason):
    if not condition:
        raise Breach(reason)


# --- bytes -----------------------------------------------------------------------------------------------------------

def number(value, size):
    return (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")


def u8(value):
    return number(value, 1)


def u16(value):
    return number(value, 2)


def u32(value):
    return number(value, 4)


def u64(value):
    return number(value, 8)


def blob(data):
    return u32(len(data)) + data


class Reader:
    """Takes bytes apart from the front; what is missing or left over is a breach."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, size):
        demand(size <= len(self.data) - self.at, "it ends too early")
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, size, low=0, high=None, signed=False):
        value = int.from_bytes(self.take(size), "little", signed=signed)
        demand(value >= low and (high is None or value <= high), "a number is out of its range: %d" % value)
        return value

    def u8(self):
        return self.number(1)

    def u16(self):
        return self.number(2)

    def u32(self, low=0, high=None):
        return self.number(4, low, high)

    def u64(self, low=0, high=None):
        return self.number(8, low, high)

    def time(self):
        return self.number(8, 0, MAX_TIME, signed=True)

    def blob(self, limit):
        return self.take(self.u32(0, limit))

    def text(self, low, high, least, most):
        """A text of so many bytes, each between the two."""
        data = self.take(self.u32(least, most))
        demand(all(low <= byte <= high for byte in data), "a text has a character that it may not have")
        return data

    def end(self):
        demand(self.at == len(self.data), "something follows what is described")


# --- hashes and signatures -------------------------------------------------------------------------------------------

def H(*parts):
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


def root(hashes):
    if not hashes:
        return H(b"")
    if len(hashes) == 1:
        return H(b"\0", hashes[0])
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return H(b"\1", root(hashes[:k]), root(hashes[k:]))


def address_of(key):
    return H(key)[:20]


def signed_well(domain, data, signature, key):
    try:
        bindings.crypto_sign_open(signature + domain.encode() + b"\0" + data, key)
    except CryptoError:
        return False
    return True


# --- transactions ----------------------------------------------------------------------------------------------------

class Fields(dict):
    """Named values that are read like attributes."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def read_counts(reader):
    return [(reader.u32(), reader.u32()) for _ in range(reader.u32(0, 32))]


def read_finding(reader):
    start = reader.at
    finding = Fields(counts=read_counts(reader), root=reader.take(32), weights=reader.take(32))
    finding["bytes"] = reader.data[start:reader.at]
    return finding


def read_content(reader):
    start = reader.at
    content = Fields(parent=reader.take(32), steps=reader.take(32), architecture=reader.take(32),
                     counts=read_counts(reader), hidden=reader.take(32), evidence=reader.take(32))
    content["bytes"] = reader.data[start:reader.at]
    return content


def read_transfer(reader):
    return Fields(to=reader.take(20), amount=reader.u64())


def read_amount(reader):
    return Fields(amount=reader.u64())


def read_task(reader):
    return Fields(data=reader.take(32), text=reader.take(32), recipe=reader.take(32),
                  numeric=reader.text(0x21, 0x7e, 0, 15), folds=reader.u32(0, 32), pool=reader.u64(),
                  min_improvement=reader.u32(0, MILLION), full_pay=reader.u32(0, MILLION), baseline=reader.u32(0, MILLION),
                  reviewers=[reader.take(20) for _ in range(reader.u32(0, 32))], approvals=reader.u32(0, 32))


def read_announce(reader):
    return Fields(task=reader.take(32), stake=reader.u64(), commitment=reader.take(32))


def read_propose(reader):
    return Fields(proposal=reader.take(32), salt=reader.take(32), content=read_content(reader))


def read_commit(reader):
    return Fields(proposal=reader.take(32), commitment=reader.take(32))


def read_reveal(reader):
    return Fields(proposal=reader.take(32), salt=reader.take(32), finding=read_finding(reader))


def read_open(reader):
    return Fields(proposal=reader.take(32), salt=reader.take(32), root=reader.take(32), weights=reader.take(32),
                  leaves=reader.take(32))


def read_decision(reader):
    fields = Fields(proposal=reader.take(32), shown=reader.take(32), rerun=reader.take(32), reason=reader.blob(511))
    try:
        demand("\0" not in fields.reason.decode("utf-8"), "the reason contains NUL")
    except UnicodeDecodeError:
        raise Breach("the reason is no UTF-8") from None
    return fields


def read_holdout(reader):
    return Fields(task=reader.take(32), architecture=reader.take(32), weights=reader.take(32), correct=reader.u32(),
                  total=reader.u32(), evidence=reader.take(32))


def read_register(reader):
    return Fields(voting=reader.take(32), consent=reader.take(64))


def read_nothing(reader):
    return Fields()


def read_vote(data):
    """Its form is part of the spelling of what holds it."""
    demand(len(data) == VOTE, "a vote of another length")
    reader = Reader(data)
    vote = Fields(bytes=data, signed=data[:-64], chain=reader.take(32), step=reader.number(1, 0, 2), height=reader.u64(1),
                  round=reader.u32(0, LAST_ROUND), valid=reader.u32(), block=reader.take(32), voting=reader.take(32),
                  signature=reader.take(64))
    demand(vote.valid <= vote.round if vote.step == 0 else vote.valid == 0, "a vote with a valid round that it cannot have")
    demand(vote.step != 0 or vote.block != ZERO, "a proposal of no block")
    return vote


def read_evidence(reader):
    return Fields(a=read_vote(reader.blob(VOTE)), b=read_vote(reader.blob(VOTE)))


KINDS = ["transfer", "stake", "unstake", "task", "announce", "propose", "commit", "reveal", "open", "approve", "reject", "holdout",
         "register", "retire", "evidence", "challenge", "respond", "verdict", "list", "buy", "deliver", "refund", "job", "take",
         "result", "seal", "reveal-seal", "outcome"]
READERS = {"transfer": read_transfer, "stake": read_amount, "unstake": read_amount, "task": read_task, "announce": read_announce,
           "propose": read_propose, "commit": read_commit, "reveal": read_reveal, "open": read_open, "approve": read_decision,
           "reject": read_decision, "holdout": read_holdout,
           "register": read_register, "retire": read_nothing, "evidence": read_evidence}  # and those of market.py
NUMBERS = {name: i + 1 for i, name in enumerate(KINDS)}


def read_unsigned(reader):
    """A transaction up to its signature."""
    start = reader.at
    kind = reader.u16()
    demand(1 <= kind <= len(KINDS) and KINDS[kind - 1] in READERS, "a transaction of an unknown kind, %d" % kind)
    tx = Fields(kind=KINDS[kind - 1], chain=reader.take(32), sender=reader.take(32), nonce=reader.u64(), fee=reader.u64())
    before = reader.at
    tx.update(READERS[tx.kind](reader))
    tx["body"] = reader.data[before:reader.at]
    tx["unsigned"] = reader.data[start:reader.at]
    tx["id"] = H(tx.unsigned)
    return tx


def read_transaction(data):
    reader = Reader(data)
    tx = read_unsigned(reader)
    tx["signature"] = reader.take(64)
    reader.end()
    return tx


# --- genesis ---------------------------------------------------------------------------------------------------------

WINDOWS = [("min_block_seconds", 0, None), ("unbonding_blocks", 0, None), ("unbonding_seconds", 0, None),
           ("expiry_blocks", 1, None), ("expiry_seconds", 0, None), ("commit_blocks", 1, None), ("commit_seconds", 0, None),
           ("reveal_blocks", 1, None), ("reveal_seconds", 0, None), ("epoch_blocks", 1, None), ("missed_ppm", 0, MILLION),
           ("finder_ppm", 0, MILLION)]
MANY = [("evidence_blocks", 1, None), ("double_ppm", 0, MILLION), ("attest_ppm", 0, MILLION), ("dispute_blocks", 1, None),
        ("dispute_seconds", 0, None), ("deposit_ppm", 0, MILLION)]


def read_genesis(payload):
    reader = Reader(payload)
    name = reader.text(0x20, 0x7e, 1, 31)
    demand(name == name.strip(b" "), "a blank at an end of the name")
    genesis = Fields(name=name, time=reader.time(), supply=reader.u64(1, MAX_SUPPLY))
    genesis["min_fee"] = reader.u64(0, genesis.supply)
    for setting, low, high in WINDOWS:
        genesis[setting] = reader.u32(low, high)
    genesis["holders"] = [(reader.take(32), reader.u64(0, MAX_SUPPLY)) for _ in range(reader.u32(1, 64))]
    genesis["validators"] = [(reader.take(32), reader.take(32), reader.u64(1, MAX_SUPPLY)) for _ in range(reader.u32(1, 64))]
    genesis["many"] = reader.at < len(payload)
    if genesis.many:
        for setting, low, high in MANY:
            genesis[setting] = reader.u32(low, high)
        genesis["least_stake"] = reader.u64(1, MAX_SUPPLY)
    else:
        genesis.update({setting: 0 for setting, _, _ in MANY}, least_stake=0)
    reader.end()
    check_genesis(genesis)
    return genesis


def check_genesis(genesis):
    holders = [key for key, _ in genesis.holders]
    identities = [identity for identity, _, _ in genesis.validators]
    voting = [key for _, key, _ in genesis.validators]
    for names in (holders, identities, voting):
        demand(len(set(names)) == len(names), "a key is named twice")
    for identity, key, _ in genesis.validators:
        demand(key == identity or key not in identities, "a voting key is another validator's identity")
    total = sum(balance for _, balance in genesis.holders) + sum(stake for _, _, stake in genesis.validators)
    demand(total == genesis.supply, "balances and stakes do not add up to the supply")
    demand(genesis.many or len(genesis.validators) == 1, "several validators, but nothing of what they need")
    if genesis.many:
        demand(genesis.evidence_blocks < genesis.unbonding_blocks, "evidence that outlives unbonding")
        for unit in ("blocks", "seconds"):
            expiry, commit, reveal, dispute, unbonding = (genesis["%s_%s" % (window, unit)] for window in
                                                          ("expiry", "commit", "reveal", "dispute", "unbonding"))
            fined = max(expiry, commit + 2 * reveal) + dispute
            demand(unbonding > fined or (unit == "seconds" and fined == 0), "a stake that leaves before its fine: " + unit)
        demand(genesis.min_fee >= 1, "no fee")
        demand(genesis.missed_ppm < MILLION, "a missed reveal costs all")
        demand(all(stake >= genesis.least_stake for _, _, stake in genesis.validators), "a stake below the least")


# --- entries of the state --------------------------------------------------------------------------------------------

class Account:
    def __init__(self):
        self.key = ZERO
        self.balance = self.stake = self.nonce = 0
        self.voting = None
        self.barred = False

    def value(self):
        mark = u8(2) if self.barred else u8(0) if self.voting is None else u8(1) + self.voting
        return self.key + u64(self.balance) + u64(self.stake) + u64(self.nonce) + mark


class Task:
    def __init__(self, tx, height):
        self.id = tx.id
        self.height = height
        self.owner = address_of(tx.sender)
        self.terms = tx
        self.reviewers = tx.reviewers or [self.owner]
        self.approvals = tx.approvals if tx.reviewers else 1
        self.pool_left = tx.pool
        self.best_correct = self.best_total = self.earned = 0
        self.unpaid = []  # accepted since the last multiple of epoch_blocks

    def value(self):
        t = self.terms
        body = (t.data + t.text + t.recipe + blob(t.numeric) + u32(t.folds) + u64(t.pool) + u32(t.min_improvement) +
                u32(t.full_pay) + u32(t.baseline) + u32(len(self.reviewers)) + b"".join(self.reviewers) + u32(self.approvals))
        return (u64(self.height) + self.owner + body + u64(self.pool_left) + u64(self.best_correct) + u64(self.best_total) +
                u64(self.earned))


class Attestation:
    def __init__(self, validator, height, self_made, commitment):
        self.validator = validator
        self.height = height
        self.self_made = self_made
        self.commitment = commitment
        self.revealed = 0
        self.finding = None

    def value(self):
        shown = self.finding.bytes if self.revealed else b""
        return self.validator + u64(self.height) + u8(self.self_made) + self.commitment + u64(self.revealed) + shown


class Decision:
    def __init__(self, tx, reviewer, height, self_made):
        self.reviewer = reviewer
        self.approve = tx.kind == "approve"
        self.bytes = reviewer + u64(height) + u8(self.approve) + u8(self_made) + tx.rerun + blob(tx.reason)


class Moment:
    """The height and the time of something; both 0: not yet."""

    def __init__(self):
        self.height = self.time = 0

    def set(self, height, time):
        self.height, self.time = height, time

    def value(self):
        return u64(self.height) + u64(self.time)


class Proposal:
    def __init__(self, tx, order, task):
        self.id = tx.id
        self.order = order
        self.proposer = address_of(tx.sender)
        self.sender = tx.sender
        self.task = task
        self.stake = tx.stake
        self.commitment = tx.commitment
        self.body = tx.body
        self.state = ANNOUNCED
        self.verified = False
        self.announced, self.claimed, self.ended, self.opened = Moment(), Moment(), Moment(), Moment()
        self.content = self.opening = None
        self.job = None  # of market.py
        self.improvement = self.reward = 0
        self.attestations = []
        self.decisions = []

    def is_open(self):
        return self.opening is not None

    def approvals(self):
        return sum(decision.approve for decision in self.decisions)

    def attestation_of(self, address):
        return next((a for a in self.attestations if a.validator == address), None)

    def finding(self):
        """The claim's own, as bytes."""
        return counts_bytes(self.content.counts) + self.opening.root + self.opening.weights

    def shown(self):
        return H(b"morphsmith shown\0", self.content.evidence, self.opening.root, self.opening.weights, self.opening.leaves)

    def value(self):
        moments = b"".join(m.value() for m in (self.announced, self.claimed, self.ended, self.opened))
        content = self.content.bytes if self.content else b""
        opening = self.opening.root + self.opening.weights + self.opening.leaves if self.opening else b""
        body = self.body[:32] + u64(self.stake) + self.body[40:]  # the stake as it is now
        return (u64(self.order) + self.proposer + u8(self.state) + u8(self.verified + 2 * (self.job is not None)) + moments + body + content +
                opening + u64(self.improvement) + u64(self.reward) +
                u32(len(self.attestations)) + b"".join(a.value() for a in self.attestations) +
                u32(len(self.decisions)) + b"".join(d.bytes for d in self.decisions))


class Plain:
    """An entry whose value never changes, or is replaced as a whole."""

    def __init__(self, data):
        self.data = data

    def value(self):
        return self.data


class Unbonding:
    def __init__(self):
        self.time = self.amount = 0

    def value(self):
        return u64(self.time) + u64(self.amount)


class Totals:
    def __init__(self):
        self.treasury = self.burnt = 0

    def value(self):
        return u64(self.treasury) + u64(self.burnt)


class Rotation:
    """Whose turn it is: rows of voting key, power and priority, in order of the keys."""

    def __init__(self, members):
        self.seats = [[key, power, 0] for key, power in members]

    def value(self):
        return u32(len(self.seats)) + b"".join(key + number(priority, 8) for key, _, priority in self.seats)

    def power(self):
        return sum(power for _, power, _ in self.seats)

    def advance(self):
        """One turn; the key of who proposes."""
        whole = self.power()
        apart = max(p for _, _, p in self.seats) - min(p for _, _, p in self.seats)
        if apart > 2 * whole:
            by = -(-apart // (2 * whole))
            for seat in self.seats:
                seat[2] = abs(seat[2]) // by * (1 if seat[2] >= 0 else -1)
        average = sum(p for _, _, p in self.seats) // len(self.seats)
        for seat in self.seats:
            seat[2] += seat[1] - average
        first = max(self.seats, key=lambda seat: (seat[2], bytes(255 - byte for byte in seat[0])))
        first[2] -= whole
        return first[0]

    def proposer(self, round_):
        again = Rotation([])
        again.seats = [list(seat) for seat in self.seats]
        for _ in range(round_):
            again.advance()
        return again.advance()

    def renew(self, members):
        whole = sum(power for _, power in members)
        known = {key: priority for key, _, priority in self.seats}
        self.seats = [[key, power, known.get(key, -(whole + whole // 8))] for key, power in members]


class Voting:
    def __init__(self, owner, height):
        self.owner, self.height, self.punished = owner, height, 0

    def value(self):
        return self.owner + u64(self.height) + u64(self.punished)


def counts_bytes(counts):
    return u32(len(counts)) + b"".join(u32(correct) + u32(total) for correct, total in counts)


# --- the state and its rules -----------------------------------------------------------------------------------------

sys.modules.setdefault("verifier", sys.modules[__name__])  # market.py takes from here what stands above
import disputes
import market

READERS.update(market.READERS)
READERS.update(disputes.READERS)


class State(market.Market, disputes.Disputes):
    """What the blocks so far lead to. A rule looks first and writes then, so that a refused transaction leaves no trace.

    The page has times noted at the end of a block; here they are noted at once, as the block's time is known before.
    """

    def __init__(self, genesis, chain):
        self.genesis = genesis
        self.chain = chain
        self.entries = {(TOTALS, b""): Totals()}
        self.written = {(TOTALS, b"")}
        self.alive = {}      # proposals that are not closed, in order
        self.claims = {}     # (task, architecture): proposals that were claimed
        self.announcements = 0
        self.height = 0
        self.time = self.parent_time = genesis.time
        self.start_market()
        self.start_disputes()
        self.hash = ZERO
        for key, balance in genesis.holders:
            self.holder(key).balance += balance
        for identity, voting, stake in genesis.validators:
            account = self.holder(identity)
            account.stake, account.voting = stake, voting
        self.validators = [address_of(identity) for identity, _, _ in genesis.validators]  # who is marked
        self.voters = []  # who votes on the last block: (voting key, power)
        if genesis.many:
            self.write(ROTATION, b"", lambda: Rotation(self.members()))
            for identity, voting, _ in genesis.validators:
                self.write(VOTING, voting, lambda who=address_of(identity): Voting(who, 0))
        self.set = self.members()
        self.seal()

    def members(self):
        """The set, by the stakes as they are."""
        rows = sorted((self.peek(address).voting, self.peek(address).stake) for address in self.validators)
        return [(key, stake) for key, stake in rows if stake > 0 or not self.genesis.many]

    def holder(self, key):
        account = self.account(address_of(key))
        account.key = key
        return account

    def require(self, condition, reason):
        demand(condition, reason)

    def found(self, kind, name, what):
        entry = self.entries.get((kind, name))
        demand(entry is not None, "there is no such " + what)
        return entry

    # reading and writing entries

    def peek(self, address):
        """An account to look at."""
        return self.entries.get((ACCOUNT, address)) or Account()

    def account(self, address):
        """An account to write."""
        return self.write(ACCOUNT, address, Account)

    def write(self, kind, name, make=None):
        self.written.add((kind, name))
        if make is not None and (kind, name) not in self.entries:
            self.entries[kind, name] = make()
        return self.entries.get((kind, name))

    def totals(self):
        return self.write(TOTALS, b"")

    def touch(self, proposal):
        self.write(PROPOSAL, proposal.id)

    def burn(self, amount):
        self.totals().burnt += amount

    # sealing

    def seal(self):
        """The state hash behind this block."""
        parts = []
        for kind, name in sorted(self.written, key=lambda k: entry_key(*k)):
            entry = self.entries.get((kind, name))
            parts.append(entry_key(kind, name) + (u8(1) + blob(entry.value()) if entry else u8(0) + blob(b"")))
        self.hash = H(self.hash, u64(self.height), u32(len(parts)), *parts)
        self.written = set()

    def validators_hash(self):
        return H(b"morphsmith validators\0", u32(len(self.set)), *(voting + u64(power) for voting, power in self.set))

    def supply(self):
        """All that there is, which no rule changes."""
        amount = sum(proposal.stake for proposal in self.alive.values())
        for (kind, _), entry in self.entries.items():
            if kind == TOTALS:
                amount += entry.treasury + entry.burnt
            elif kind == ACCOUNT:
                amount += entry.balance + entry.stake
            elif kind == TASK:
                amount += entry.pool_left
            elif kind == UNBONDING:
                amount += entry.amount
            amount += market.escrow_of(kind, entry) + disputes.escrow_of(kind, entry)
        return amount

    def closed(self):
        """A closed chain for one?"""
        return not self.genesis.many

    def begin(self, height, time):
        self.parent_time = self.time if height > self.height else self.parent_time
        self.height, self.time = height, time

    # every transaction

    def apply(self, tx):
        address = address_of(tx.sender)
        sender = self.peek(address)
        self.require(tx.chain == self.chain, "a transaction of another chain")
        self.require(tx.nonce == sender.nonce + 1, "the nonce is not the next one")
        self.require(self.genesis.min_fee <= tx.fee <= sender.balance, "the fee is too low, or more than there is")
        getattr(self, "do_" + tx.kind.replace("-", "_"))(tx, address, sender)
        self.totals().treasury += tx.fee
        sender = self.account(address)
        sender.balance -= tx.fee
        sender.key = tx.sender
        sender.nonce = tx.nonce

    def can_pay(self, tx, sender, amount):
        self.require(0 < amount <= sender.balance - tx.fee, "the sender cannot pay this")

    def do_transfer(self, tx, address, sender):
        self.require(tx.to != address, "a transfer to oneself")
        self.can_pay(tx, sender, tx.amount)
        self.account(address).balance -= tx.amount
        self.account(tx.to).balance += tx.amount

    def do_stake(self, tx, address, sender):
        self.can_pay(tx, sender, tx.amount)
        account = self.account(address)
        account.balance -= tx.amount
        account.stake += tx.amount

    def do_unstake(self, tx, address, sender):
        self.require(0 < tx.amount <= sender.stake, "so much is not staked")
        self.require(sender.voting is None or tx.amount < sender.stake, "a validator keeps a stake")
        self.account(address).stake -= tx.amount
        unbonding = self.write(UNBONDING, u64(self.height) + address, Unbonding)
        unbonding.time = self.time
        unbonding.amount += tx.amount

    def do_register(self, tx, address, sender):
        self.require(not self.closed(), "a closed chain takes no validators")
        self.require(sender.voting is None and not sender.barred, "a validator already, or barred")
        self.require(sender.stake >= self.genesis.least_stake, "too small a stake")
        self.require(len(self.validators) < 64, "too many validators")
        self.require((VOTING, tx.voting) not in self.entries, "a voting key that was used")
        owner = address_of(tx.voting)
        self.require(owner == address or (ACCOUNT, owner) not in self.entries, "the voting key is another's identity")
        self.require(signed_well("morphsmith validator", tx.chain + tx.sender, tx.consent, tx.voting), "no consent")
        self.write(VOTING, tx.voting, lambda: Voting(address, self.height))
        self.account(address).voting = tx.voting
        self.validators.append(address)

    def do_retire(self, tx, address, sender):
        self.require(not self.closed(), "a closed chain keeps its validator")
        self.require(sender.voting is not None, "the sender is no validator")
        self.require(any(self.peek(v).stake > 0 for v in self.validators if v != address), "the last validator")
        self.account(address).voting = None
        self.validators = [v for v in self.validators if v != address]

    def do_evidence(self, tx, address, sender):
        a, b = tx.a, tx.b
        self.require(not self.closed(), "a closed chain has no votes")
        self.require(a.chain == b.chain == tx.chain, "votes of another chain")
        same = all(a[name] == b[name] for name in ("voting", "step", "height", "round"))
        self.require(same and a.signed != b.signed and a.bytes < b.bytes, "no two votes that contradict each other")
        for vote in (a, b):
            self.require(signed_well("morphsmith vote", vote.signed, vote.signature, vote.voting), "a vote's signature")
        key = self.found(VOTING, a.voting, "voting key")
        self.require(a.height <= self.height <= a.height + self.genesis.evidence_blocks, "too old, or of the future")
        self.require(not self.peek(key.owner).barred and a.height > key.punished, "punished already")
        self.write(VOTING, a.voting).punished = a.height
        lost = self.punish(key.owner, a.height)
        share = 0 if key.owner == address else lost * self.genesis.finder_ppm // MILLION
        if share:
            self.account(address).balance += share
        self.burn(lost - share)

    def punish(self, culprit, height):
        """What a double signature at that height costs."""
        staked = [v for v in self.validators if self.peek(v).stake > 0]
        account = self.account(culprit)
        lost = account.stake * self.genesis.double_ppm // MILLION
        if staked == [culprit]:
            lost = min(lost, account.stake - 1)
        else:
            account.barred = True
            account.voting = None
            if culprit in self.validators:
                self.validators.remove(culprit)
        account.stake -= lost
        return lost + self.cut_unbonding(culprit, height, self.genesis.double_ppm)

    def cut_unbonding(self, culprit, height, ppm):
        """What is lost of what was unstaked from that height on."""
        lost = 0
        for kind, name in list(self.entries):
            if kind == UNBONDING and name[8:] == culprit and int.from_bytes(name[:8], "little") >= height:
                entry = self.write(kind, name)
                cut = entry.amount * ppm // MILLION
                entry.amount -= cut
                lost += cut
        return lost

    def do_task(self, tx, address, sender):
        self.require(tx.folds >= 1 and tx.numeric and tx.full_pay >= 1, "a task without folds, numeric version or pay")
        if tx.reviewers:
            self.require(len(set(tx.reviewers)) == len(tx.reviewers), "a reviewer is named twice")
            self.require(1 <= tx.approvals <= len(tx.reviewers), "more approvals than reviewers, or none")
        else:
            self.require(self.closed() and tx.approvals <= 1, "a task without reviewers")
        if tx.pool != 0:
            self.can_pay(tx, sender, tx.pool)
        self.account(address).balance -= tx.pool
        self.write(TASK, tx.id, lambda: Task(tx, self.height))

    def do_announce(self, tx, address, sender):
        task = self.found(TASK, tx.task, "task")
        self.can_pay(tx, sender, tx.stake)
        self.account(address).balance -= tx.stake
        proposal = self.write(PROPOSAL, tx.id, lambda: Proposal(tx, self.announcements, task))
        proposal.announced.set(self.height, self.time)
        self.announcements += 1
        self.alive[tx.id] = proposal

    def do_propose(self, tx, address, sender):
        proposal = self.found(PROPOSAL, tx.proposal, "proposal")
        content = tx.content
        self.require(proposal.state == ANNOUNCED and proposal.proposer == address, "not the sender's to propose")
        self.require(proposal.job is None, "a job is followed by a result")
        self.require(proposal.announced.height < self.height, "announced in the same block")
        commitment = H(b"morphsmith announce\0", tx.salt, tx.sender, content.bytes)
        self.require(proposal.commitment == commitment, "not what was announced")
        self.require(len(content.counts) == proposal.task.terms.folds, "another number of folds than the task's")
        self.require(all(0 < total and correct <= total for correct, total in content.counts), "a fold's counts are wrong")
        same = self.claims.setdefault((proposal.task.id, content.architecture), [])
        self.require(not any(p.order < proposal.order and p.state in (CLAIMED, REVEALING, ACCEPTED) for p in same),
                     "this architecture was announced before")
        same.append(proposal)
        proposal.state = CLAIMED
        proposal.content = content
        proposal.claimed.set(self.height, self.time)
        self.touch(proposal)

    def do_commit(self, tx, address, sender):
        proposal = self.found(PROPOSAL, tx.proposal, "proposal")
        self.require(proposal.state == CLAIMED, "the proposal takes no commits")
        self.require(sender.voting is not None and sender.stake > 0, "the sender is no validator with a stake")
        self.require(proposal.attestation_of(address) is None, "this validator has committed already")
        self.require(len(proposal.attestations) < 64, "no more can commit")
        own = proposal.proposer == address
        self.require(not own or self.closed(), "a proposer commits to its own proposal")
        proposal.attestations.append(Attestation(address, self.height, own, tx.commitment))
        self.touch(proposal)

    def do_open(self, tx, address, sender):
        proposal = self.found(PROPOSAL, tx.proposal, "proposal")
        self.require(proposal.state == REVEALING and not proposal.is_open(), "the proposal is not to be opened")
        self.require(proposal.proposer == address, "only the proposer opens")
        self.require(proposal.content is not None and
                     proposal.content.hidden == H(b"morphsmith root\0", tx.salt, tx.root, tx.weights), "not what was hidden")
        proposal.opening = tx
        proposal.opened.set(self.height, self.time)
        self.touch(proposal)

    def do_reveal(self, tx, address, sender):
        proposal = self.found(PROPOSAL, tx.proposal, "proposal")
        self.require(proposal.state == REVEALING and proposal.is_open() and not proposal.verified, "no reveals are taken")
        attestation = proposal.attestation_of(address)
        demand(attestation is not None, "the sender has not committed")
        self.require(not attestation.revealed, "the sender has revealed already")
        commitment = H(b"morphsmith attest\0", tx.salt, tx.sender, tx.proposal, tx.finding.bytes)
        self.require(attestation.commitment == commitment, "not what was committed to")
        attestation.revealed = self.height
        attestation.finding = tx.finding
        self.touch(proposal)

    def decide(self, tx, address):
        proposal = self.found(PROPOSAL, tx.proposal, "proposal")
        self.require(proposal.state == REVEALING and proposal.is_open(), "no decisions are taken")
        self.require(proposal.job is None, "a job's result needs no decision")
        self.require(address in proposal.task.reviewers, "the sender is no reviewer")
        own = proposal.proposer == address
        self.require(not own or self.closed(), "a proposer decides on its own proposal")
        self.require(not any(d.reviewer == address for d in proposal.decisions), "the reviewer has decided already")
        demand(proposal.is_open() and proposal.content is not None, "nothing was shown")
        self.require(self.closed() or proposal.verified, "the claim is not verified yet")
        self.require(tx.shown == proposal.shown(), "another thing was shown")
        proposal.decisions.append(Decision(tx, address, self.height, own))
        self.touch(proposal)
        return proposal

    def do_approve(self, tx, address, sender):
        proposal = self.decide(tx, address)
        if proposal.verified:
            self.accept_if_approved(proposal)

    def do_reject(self, tx, address, sender):
        proposal = self.decide(tx, address)
        self.require(not self.disputed(proposal), "a challenge is open")
        self.close(proposal, REJECTED)

    def do_holdout(self, tx, address, sender):
        self.found(TASK, tx.task, "task")
        self.require(0 < tx.total and tx.correct <= tx.total, "the hold-out's counts are wrong")
        name = H(tx.task, address)
        self.require((HOLDOUT, name) not in self.entries, "this hold-out was opened before")
        self.entries[HOLDOUT, name] = Plain(u64(self.height) + address + tx.body)
        self.write(HOLDOUT, name)

    # how proposals end

    def close(self, proposal, state, back=True):
        """With back, its stake returns to the proposer."""
        proposal.state = state
        self.alive.pop(proposal.id, None)
        self.touch(proposal)
        if back:
            self.account(proposal.proposer).balance += proposal.stake
        if proposal.job is not None:
            self.close_job(proposal, state)

    def accept_if_approved(self, proposal):
        task = proposal.task
        if self.disputed(proposal):
            return
        if proposal.job is not None:
            self.close(proposal, ACCEPTED)
            return
        if proposal.approvals() < task.approvals:
            return
        correct = sum(c for c, _ in proposal.content.counts)
        total = sum(t for _, t in proposal.content.counts)
        score = correct * MILLION // total
        best = task.best_correct * MILLION // task.best_total if task.best_total else 0
        improvement = max(0, score - max(best, task.terms.baseline))
        if improvement < task.terms.min_improvement:
            improvement = 0
        if task.best_total == 0 or score > best:
            task.best_correct, task.best_total = correct, total
        proposal.improvement = improvement
        task.earned += improvement
        task.unpaid.append(proposal)
        self.write(TASK, task.id)
        self.close(proposal, ACCEPTED)

    def refute(self, proposal, paid=0):
        self.close(proposal, REFUTED, back=False)
        self.burn(proposal.stake - paid)

    # the end of a block

    def passed(self, window, since):
        blocks, seconds = self.genesis[window + "_blocks"], self.genesis[window + "_seconds"]
        return self.height - since.height >= blocks and self.time - since.time >= seconds * MILLION

    def end_block(self):
        self.return_unbonded()
        self.end_disputes()
        self.end_market()
        for step in (self.end_commits, self.judge, self.expire):
            for proposal in list(self.alive.values()):
                step(proposal)
        if self.height % self.genesis.epoch_blocks == 0:
            for (kind, _), entry in list(self.entries.items()):
                if kind == TASK:
                    self.pay(entry)
        self.change_set()
        self.settled.clear()
        self.seal()

    def change_set(self):
        self.voters, self.set = self.set, self.members()
        if not self.closed():
            self.require(self.set, "no validator with a stake is left")
            rotation = self.write(ROTATION, b"")
            rotation.advance()
            rotation.renew(self.set)

    def return_unbonded(self):
        for kind, name in [k for k in self.entries if k[0] == UNBONDING]:
            entry = self.entries[kind, name]
            since = Moment()
            since.set(int.from_bytes(name[:8], "little"), entry.time)
            if self.passed("unbonding", since):
                self.account(name[8:]).balance += entry.amount
                self.write(kind, name)
                del self.entries[kind, name]

    def may_commit(self, address, proposal):
        return (self.peek(address).stake > 0 and len(proposal.attestations) < 64 and proposal.attestation_of(address) is None and
                (proposal.proposer != address or self.closed()))

    def end_commits(self, proposal):
        if proposal.state != CLAIMED or not proposal.attestations:
            return
        new = any(a.height == self.height for a in proposal.attestations)
        complete = new and not any(self.may_commit(v, proposal) for v in self.validators)
        if complete or self.passed("commit", proposal.claimed):
            proposal.state = REVEALING
            proposal.ended.set(self.height, self.time)
            self.touch(proposal)

    def judge(self, proposal):
        if proposal.state != REVEALING or self.disputed(proposal):
            return
        if proposal.verified:
            if proposal.id in self.settled:
                self.accept_if_approved(proposal)
            return
        if not proposal.is_open():
            if self.passed("reveal", proposal.ended):
                self.refute(proposal)
        elif all(a.revealed for a in proposal.attestations) or self.passed("reveal", proposal.opened):
            self.punish_missed(proposal)
            self.weigh(proposal)

    def punish_missed(self, proposal):
        for attestation in proposal.attestations:
            if not attestation.revealed:
                self.fine(attestation)

    def weigh(self, proposal):
        revealed = [a for a in proposal.attestations if a.revealed]
        weights = {}
        for attestation in revealed:
            finding = attestation.finding.bytes
            weights[finding] = weights.get(finding, 0) + self.peek(attestation.validator).stake
        winner = next((f for f, w in weights.items() if 3 * w > 2 * sum(weights.values())), None)
        if winner is not None and not self.closed():
            for attestation in revealed:
                if attestation.finding.bytes != winner:
                    self.fine(attestation)
        finders = [a.validator for a in revealed if a.finding.bytes == winner and a.validator != proposal.proposer]
        if winner is None:
            self.close(proposal, EXPIRED)
        elif winner == proposal.finding():
            proposal.verified = True
            self.touch(proposal)
            if not self.closed():
                proposal.stake -= self.pay_finders(proposal, finders, weights[winner], self.genesis.attest_ppm)
            self.accept_if_approved(proposal)
        else:
            self.refute(proposal, self.pay_finders(proposal, finders, weights[winner], self.genesis.finder_ppm))

    def pay_finders(self, proposal, finders, weight, share_ppm):
        pot = share_ppm * proposal.stake // MILLION
        paid = 0
        for finder in finders:
            share = pot * self.peek(finder).stake // weight
            if share > 0:
                self.account(finder).balance += share
                paid += share
        return paid

    def expire(self, proposal):
        if proposal.state == ANNOUNCED:
            late = proposal.job is None and self.passed("expiry", proposal.announced)
        else:
            late = ((proposal.state == CLAIMED or proposal.verified) and not self.disputed(proposal) and
                    self.passed("expiry", proposal.claimed))
        if late:
            self.close(proposal, EXPIRED)

    def pay(self, task):
        if task.earned > 0:
            pay = task.pool_left * min(task.earned, task.terms.full_pay) // task.terms.full_pay
            for proposal in task.unpaid:
                if proposal.improvement > 0:
                    self.reward(task, proposal, pay * proposal.improvement // task.earned)
            task.earned = 0
            self.write(TASK, task.id)
        task.unpaid = []

    def reward(self, task, proposal, share):
        proposal.reward = share
        self.touch(proposal)
        if share > 0:
            task.pool_left -= share
            self.account(proposal.proposer).balance += share


def entry_key(kind, name):
    return u8(kind) + name.ljust(32, b"\0")


# --- blocks ----------------------------------------------------------------------------------------------------------

def read_header(reader):
    return Fields(chain=reader.take(32), height=reader.u64(), round=reader.u32(), time=reader.time(), parent=reader.take(32),
                  proposer=reader.take(32), tx_root=reader.take(32), validators=reader.take(32),
                  certificate=reader.take(32), state=reader.take(32), count=reader.u32())


def read_block(payload):
    reader = Reader(payload)
    block = Fields(header=read_header(reader), header_bytes=payload[:HEADER])
    block["id"] = H(b"morphsmith header\0", block.header_bytes)
    block["signature"] = reader.take(64)
    block["certificate"] = reader.blob(MAX_BLOB)
    block["transactions"] = [reader.blob(MAX_BLOB) for _ in range(block.header.count)]
    reader.end()
    return block


def read_certificate(data):
    reader = Reader(data)
    certificate = Fields(height=reader.u64(1), round=reader.u32(0, LAST_ROUND), block=reader.take(32),
                         signers=[(reader.take(32), reader.take(64)) for _ in range(reader.u32(1, 64))])
    reader.end()
    keys = [key for key, _ in certificate.signers]
    demand(certificate.block != ZERO and keys == sorted(set(keys)), "a certificate out of order")
    return certificate


def check_certificate(certificate, chain, voters):
    """More than two thirds of the power, and every signature good."""
    power = dict(voters)
    demand(all(key in power for key, _ in certificate.signers), "a signer that does not vote at this height")
    demand(3 * sum(power[key] for key, _ in certificate.signers) > 2 * sum(power.values()), "too few have signed")
    vote = chain + u8(2) + u64(certificate.height) + u32(certificate.round) + u32(0) + certificate.block
    for key, signature in certificate.signers:
        demand(signed_well("morphsmith vote", vote + key, signature, key), "a precommit's signature is not good")


class Frame:
    """One frame of a file, from its place on."""

    def __init__(self, data, at, height, before):
        self.height = height
        reader = Reader(data[at:at + 20 + MAX_FRAME + 32])
        demand(reader.take(4) == b"MSCF", "no frame begins here")
        demand(reader.u8() == 2, "a frame of another version")
        demand(reader.u8() == (1 if height else 0), "a frame of another type")
        demand(reader.u16() == 0, "a reserved field is not 0")
        size = reader.u32(0, MAX_FRAME)
        demand(reader.u64() == height, "a frame of another height")
        self.payload = reader.take(size)
        self.hash = H(before, reader.data[:reader.at])
        demand(reader.take(32) == self.hash, "the frame's hash does not fit")
        self.end = at + reader.at


class Chain:
    """Takes frame after frame; a Breach says what is wrong with the one at self.offset."""

    def __init__(self):
        self.offset = self.height = 0
        self.frame_hash = ZERO
        self.transactions = self.signatures = 0
        self.state = None
        self.head = None
        self.round = 0  # in the header of the block before

    def verify(self, data):
        demand(data, "the file is empty")
        while self.offset < len(data):
            frame = Frame(data, self.offset, self.height, self.frame_hash)
            if self.height == 0:
                self.begin(frame.payload)
            else:
                self.block(read_block(frame.payload))
            self.frame_hash = frame.hash
            self.offset = frame.end
            self.height += 1

    def begin(self, payload):
        self.head = H(payload)
        self.state = State(read_genesis(payload), self.head)

    def block(self, block):
        self.check_header(block)
        state = self.state
        state.begin(self.height, block.header.time)
        for data in block.transactions:
            tx = read_transaction(data)
            demand(signed_well("morphsmith tx", tx.unsigned, tx.signature, tx.sender), "a transaction's signature is not good")
            state.apply(tx)
        state.end_block()
        demand(state.supply() == state.genesis.supply, "the supply has changed")
        demand(state.hash == block.header.state, "the state hash is another one")
        self.head = block.id
        self.round = block.header.round
        self.transactions += len(block.transactions)
        self.signatures += len(block.transactions) + 1
        if block.certificate:
            self.signatures += len(read_certificate(block.certificate).signers)

    def check_header(self, block):
        header, state = block.header, self.state
        demand(header.chain == state.chain, "a block of another chain")
        demand(header.height == self.height, "another height than the frame's")
        demand(header.parent == self.head, "the parent is not the block before")
        demand(header.time >= state.time + state.genesis.min_block_seconds * MILLION, "too early behind the parent")
        if state.closed():
            demand(header.round == 0, "a round on a closed chain")
            demand(any(state.peek(v).voting == header.proposer for v in state.validators), "the proposer is no validator")
            demand(block.certificate == b"", "there is a certificate")
        else:
            self.check_votes(block)
        demand(header.validators == state.validators_hash(), "the validators hash is another one")
        demand(header.certificate == H(block.certificate), "the certificate hash is another one")
        demand(header.tx_root == root([H(data) for data in block.transactions]), "the tx root is another one")
        demand(signed_well("morphsmith block", block.header_bytes, block.signature, header.proposer),
               "the block's signature is not good")


    def check_votes(self, block):
        header, state = block.header, self.state
        demand(header.round <= LAST_ROUND, "a round beyond the last")
        demand(state.entries[ROTATION, b""].proposer(header.round) == header.proposer, "not the proposer's turn")
        if self.height == 1:
            demand(block.certificate == b"", "a certificate of genesis")
            return
        certificate = read_certificate(block.certificate)
        demand(certificate.height == self.height - 1 and certificate.block == self.head, "a certificate of another block")
        demand(certificate.round >= self.round, "a certificate of an earlier round")
        check_certificate(certificate, state.chain, state.voters)


def verify(data):
    """What the command prints, as a dictionary."""
    chain = Chain()
    try:
        chain.verify(data)
    except Breach as breach:
        return {"ok": False, "height": chain.height, "offset": chain.offset, "reason": str(breach)}
    return {"ok": True, "height": chain.height - 1, "head": chain.head.hex(), "transactions": chain.transactions,
            "signatures": chain.signatures}


# --- receipts --------------------------------------------------------------------------------------------------------

FOLLOWED = ("announce", "propose", "commit", "open", "reveal", "approve", "reject")
FOLLOWERS = ("task", "announce", "propose", "open")


def without_hash(data):
    """What stands before the hash of all before, at the end."""
    demand(len(data) >= 32 and H(data[:-32]) == data[-32:], "the hash at the end does not fit")
    return data[:-32]


def read_item(reader):
    header_bytes = reader.take(HEADER)
    item = Fields(header_bytes=header_bytes, header=read_header(Reader(header_bytes)), signature=reader.take(64),
                  certificate=reader.blob(MAX_BLOB), position=reader.u32(),
                  path=[reader.take(32) for _ in range(reader.u32(0, 64))], bytes=reader.blob(MAX_BLOB))
    item["tx"] = read_transaction(item.bytes)
    item["place"] = (item.header.height, item.position)
    return item


def read_receipt(data):
    reader = Reader(without_hash(data))
    demand(reader.take(8) == b"MSRC\1\0\0\0", "no receipt of this version")
    receipt = Fields(genesis=reader.blob(MAX_FRAME), height=reader.u64(), head=reader.take(32),
                     parts=[read_item(reader) for _ in range(reader.u32(1, 5))])
    reader.end()
    return receipt


def led_to(leaf, position, count, path):
    """The root that a path leads to, where it has just the hashes that it needs (RFC 6962, 2.1.1)."""
    demand(position < count, "the position is beyond the block")
    if count == 1:
        demand(not path, "the path is too long")
        return H(b"\0", leaf)
    demand(path, "the path is too short")
    k = 1 << (count - 1).bit_length() - 1
    if position < k:
        return H(b"\1", led_to(leaf, position, k, path[:-1]), path[-1])
    return H(b"\1", path[-1], led_to(leaf, position - k, count - k, path[:-1]))


def check_proof(item, genesis, chain):
    """That more than two thirds of the set which the header names have signed the block."""
    header, reader = item.header, Reader(item.certificate)
    certificate = read_certificate(reader.blob(MAX_BLOB))
    start = reader.at
    members = [(reader.take(32), reader.u64(1, MAX_SUPPLY)) for _ in range(reader.u32(1, 64))]
    reader.end()
    demand(header.validators == H(b"morphsmith validators\0", item.certificate[start:]), "another set than the header's")
    keys = [key for key, _ in members]
    demand(keys == sorted(set(keys)) and sum(power for _, power in members) <= genesis.supply, "no set of validators")
    demand(header.proposer in keys, "the proposer is no validator")
    demand(certificate.height == header.height and certificate.block == H(b"morphsmith header\0", item.header_bytes) and
           certificate.round >= header.round, "a certificate of another block")
    check_certificate(certificate, chain, members)
    if header.height == 1:
        demand(members == sorted((key, stake) for _, key, stake in genesis.validators), "another set than genesis names")
        demand(header.certificate == H(b""), "a certificate of genesis")


def check_item(item, genesis, chain):
    header, tx = item.header, item.tx
    demand(header.chain == chain and tx.chain == chain, "a block or transaction of another chain")
    demand(header.height >= 1 and header.time >= genesis.time, "no block of a chain")
    demand(header.round <= (LAST_ROUND if genesis.many else 0), "a round that cannot be")
    if genesis.many:
        check_proof(item, genesis, chain)
    else:
        demand(item.certificate == b"" and header.certificate == H(b""), "there is a certificate")
        demand(header.proposer == genesis.validators[0][1], "the proposer is no validator")
    demand(signed_well("morphsmith block", item.header_bytes, item.signature, header.proposer), "a header's signature is not good")
    demand(signed_well("morphsmith tx", tx.unsigned, tx.signature, tx.sender), "a transaction's signature is not good")
    demand(led_to(H(item.bytes), item.position, header.count, item.path) == header.tx_root, "the path leads elsewhere")


def check_followers(items):
    """The items behind the first: what its proposal has behind it."""
    first = items[0]
    demand(len(items) == 1 or first.tx.kind in FOLLOWED, "something follows what stands alone")
    found = {item.tx.kind: item.tx for item in items}
    demand(len(found) == len(items), "two items of one kind")
    proposal = first.tx.id if first.tx.kind == "announce" else first.tx.get("proposal")
    for item in items[1:]:
        tx = item.tx
        demand(tx.kind in FOLLOWERS and item.place < first.place, "an item does not belong here, or is not from earlier")
        if tx.kind == "task":
            demand("announce" in found and found["announce"].task == tx.id, "another task than the announced one")
        else:
            demand(proposal == (tx.id if tx.kind == "announce" else tx.proposal), "an item of another proposal")
    check_promises(Fields(found), first.tx)


def check_order(items):
    """Of one height there is one block, and time does not run backwards."""
    headers = sorted((item.header for item in items), key=lambda header: header.height)
    for one, next_one in zip(headers, headers[1:]):
        if one.height == next_one.height:
            demand(one == next_one, "two blocks of one height")
        demand(one.time <= next_one.time, "time runs backwards")


def check_promises(found, first):
    senders = {found[kind].sender for kind in ("announce", "propose", "open") if kind in found}
    demand(len(senders) <= 1, "a proposal of two senders")
    if "announce" in found and "propose" in found:
        claim = found.propose
        demand(found.announce.commitment == H(b"morphsmith announce\0", claim.salt, claim.sender, claim.content.bytes),
               "not what was announced")
    if "propose" in found and "open" in found:
        opening = found.open
        demand(found.propose.content.hidden == H(b"morphsmith root\0", opening.salt, opening.root, opening.weights),
               "not what was hidden")
        if "shown" in first:
            demand(first.shown == H(b"morphsmith shown\0", found.propose.content.evidence, opening.root, opening.weights,
                                    opening.leaves), "another thing was shown")


def check_receipt(data):
    try:
        receipt = read_receipt(data)
        chain, genesis = H(receipt.genesis), read_genesis(receipt.genesis)
        for item in receipt.parts:
            check_item(item, genesis, chain)
            height = item.header.height
            demand(height <= receipt.height, "a block above the head")
            demand(height < receipt.height or H(b"morphsmith header\0", item.header_bytes) == receipt.head, "another block than the head")
        check_order(receipt.parts)
        check_followers(receipt.parts)
    except Breach as breach:
        return {"ok": False, "reason": str(breach)}
    first = receipt.parts[0]
    return {"ok": True, "chain": chain.hex(), "tx": first.tx.id.hex(), "height": first.header.height, "items": len(receipt.parts),
            "head": "%d:%s" % (receipt.height, receipt.head.hex())}


# --- prepared and signed files ---------------------------------------------------------------------------------------

def read_container(data):
    reader = Reader(without_hash(data))
    demand(reader.take(8) == b"MSOFFL01", "no prepared and no signed file")
    signed = reader.number(1, 1, 2) == 2
    blobs = [reader.blob(MAX_BLOB) for _ in range(reader.u32(1, 16))]
    reader.end()
    if signed:
        return signed, [read_transaction(data) for data in blobs]
    readers = [Reader(data) for data in blobs]
    transactions = [read_unsigned(each) for each in readers]
    for each in readers:
        each.end()
    return signed, transactions


def expected_word(transactions):
    """What --expect names: the hash of what is signed."""
    if len(transactions) == 1:
        return transactions[0].id
    return H(blob(b"morphsmith transactions"), u32(len(transactions)), *(blob(tx.unsigned) for tx in transactions))


def check_container(data):
    try:
        signed, transactions = read_container(data)
        first = transactions[0]
        for place, tx in enumerate(transactions):
            demand(tx.chain == first.chain and tx.sender == first.sender, "not all of one chain and one sender")
            demand(tx.nonce == first.nonce + place, "a nonce is not the one before plus 1")
            demand(not signed or signed_well("morphsmith tx", tx.unsigned, tx.signature, tx.sender), "a signature is not good")
    except Breach as breach:
        return {"ok": False, "reason": str(breach)}
    return {"ok": True, "signed": signed, "chain": first.chain.hex(), "sender": first.sender.hex(),
            "transactions": len(transactions), "hash": expected_word(transactions).hex()}


def main():
    parser = argparse.ArgumentParser(description="Verifies a chain from what morphsmith-chain(5) says alone.")
    parser.add_argument("file", metavar="FILE", help="a blocks.msc")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--receipt", dest="check", action="store_const", const=check_receipt, help="the file is a receipt instead")
    kinds.add_argument("--container", dest="check", action="store_const", const=check_container,
                       help="the file is a prepared or signed one instead")
    options = parser.parse_args()
    with open(options.file, "rb") as f:
        data = f.read()
    result = (options.check or verify)(data)
    print(json.dumps(result))
    return 0 if result["ok"] else 4


if __name__ == "__main__":
    sys.exit(main())
