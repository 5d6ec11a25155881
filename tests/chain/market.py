"""The marketplace, jobs and the tournament for verifier.py, written from the same page, MARKETPLACE, JOBS, TOURNAMENT."""

from verifier import (ACCEPTED, ANNOUNCED, CLAIMED, EXPIRED, MAX_SUPPLY, MILLION, PROPOSAL, TASK, ZERO, Breach, Fields, H, Moment,
                      Proposal, counts_bytes, demand, read_counts, u8, u32, u64)

LISTING, JOB, SEAL, OUTCOME, SCORE = 9, 10, 11, 12, 13
OPEN, BOUGHT, DELIVERED, REFUNDED, WITHDRAWN = range(5)
TAKEN, PAID, RETURNED, JOB_WITHDRAWN = 1, 2, 3, 4
WAITING, JUDGED, REVEALED, LAPSED = range(4)
BARS_MOST, AHEAD = 64, 4096
FIRST_MOST = 4294967231


# --- bodies ----------------------------------------------------------------------------------------------------------

def read_title(reader):
    data = reader.blob(127)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Breach("the title is no UTF-8") from None
    demand(not any(ord(c) <= 0x1f or 0x7f <= ord(c) <= 0x9f for c in text), "the title has a control character")
    return data


def read_list(reader):
    return Fields(object=reader.take(32), content=reader.take(32), commitment=reader.take(32), price=reader.u64(),
                  deliver_blocks=reader.u32(), deliver_seconds=reader.u32(), title=read_title(reader))


def read_deliver(reader):
    return Fields(listing=reader.take(32), key=reader.take(32))


def read_job(reader):
    return Fields(task=reader.take(32), architecture=reader.take(32), pay=reader.u64(), deposit=reader.u64(), blocks=reader.u32(),
                  seconds=reader.u32())


def read_result(reader):
    return Fields(proposal=reader.take(32), counts=read_counts(reader), hidden=reader.take(32), evidence=reader.take(32))


def read_bars(reader):
    return Fields(task=reader.take(32), first=reader.u32(1, FIRST_MOST), n=reader.u32(1, BARS_MOST))


def read_seal(reader):
    fields = read_bars(reader)
    fields["commitment"] = reader.take(32)
    return fields


def read_outcome(reader):
    fields = read_bars(reader)
    fields["times"] = [reader.time() for _ in range(fields.n)]
    fields.update(object=reader.take(32), up=reader.u64(), none=reader.u64())
    demand((fields.up | fields.none) >> fields.n == 0 and fields.up & fields.none == 0, "an outcome's bits contradict each other")
    return fields


READERS = {
    "list": read_list,
    "buy": lambda reader: Fields(listing=reader.take(32)),
    "deliver": read_deliver,
    "refund": lambda reader: Fields(of=reader.take(32)),
    "job": read_job,
    "take": lambda reader: Fields(job=reader.take(32)),
    "result": read_result,
    "seal": read_seal,
    "reveal-seal": lambda reader: Fields(seal=reader.take(32), salt=reader.take(32), up=reader.u64()),
    "outcome": read_outcome,
}


# --- entries ---------------------------------------------------------------------------------------------------------

class Listing:
    def __init__(self, tx, height, seller):
        self.id, self.height, self.seller, self.terms = tx.id, height, seller, tx
        self.state = OPEN
        self.buyer = bytes(20)
        self.bought = Moment()
        self.key = ZERO

    def value(self):
        return (u64(self.height) + self.seller + self.terms.body + u8(self.state) + self.buyer + self.bought.value() + self.key)


class Job:
    def __init__(self, tx, height, owner):
        self.id, self.height, self.owner, self.terms = tx.id, height, owner, tx
        self.state = OPEN
        self.proposal = None

    def value(self):
        return u64(self.height) + self.owner + self.terms.body + u8(self.state) + (self.proposal.id if self.proposal else ZERO)


class Seal:
    def __init__(self, tx, sender):
        self.id, self.sender, self.terms = tx.id, sender, tx
        self.sealed, self.judged = Moment(), Moment()
        self.state = WAITING
        self.counts = self.up = self.correct = 0

    def bars(self):
        return range(self.terms.first, self.terms.first + self.terms.n)

    def value(self):
        return (self.sender + self.terms.body + self.sealed.value() + self.judged.value() + u8(self.state) + u64(self.counts) +
                u64(self.up) + u32(self.correct))


class Outcome:
    def __init__(self, tx, height, sender):
        self.height, self.sender, self.terms = height, sender, tx

    def value(self):
        return u64(self.height) + self.sender + self.terms.body


class Score:
    def __init__(self, task, address):
        self.task, self.address = task, address
        self.sealed_to = self.total = self.correct = self.seals = self.revealed = 0

    def value(self):
        return (self.task + self.address + u32(self.sealed_to) + u64(self.total) + u64(self.correct) + u64(self.seals) +
                u64(self.revealed))


def escrow_of(kind, entry):
    """The units that an entry holds."""
    if kind == LISTING:
        return entry.terms.price if entry.state == BOUGHT else 0
    if kind == JOB:
        return entry.terms.pay if entry.state in (OPEN, TAKEN) else 0
    return 0


# --- rules -----------------------------------------------------------------------------------------------------------

class Market:
    """Rules that verifier.State takes over. Bars whose outcome is known are kept by task, from the first on."""

    def start_market(self):
        self.bars = {}     # task: [(height of the outcome, time, up, none)] of each bar
        self.waiting = {}  # seals that are waiting or judged, by id

    def passed_since(self, since, blocks, seconds, time=None):
        return self.height - since.height >= blocks and (self.time if time is None else time) - since.time >= seconds * MILLION

    # marketplace

    def do_list(self, tx, address, sender):
        self.require(1 <= tx.price <= MAX_SUPPLY, "a price out of its range")
        self.require(tx.deliver_blocks >= 1, "no time to deliver")
        self.write(LISTING, tx.id, lambda: Listing(tx, self.height, address))

    def do_buy(self, tx, address, sender):
        listing = self.found(LISTING, tx.listing, "listing")
        self.require(listing.state == OPEN and listing.seller != address, "not for this sender to buy")
        self.can_pay(tx, sender, listing.terms.price)
        self.account(address).balance -= listing.terms.price
        listing.state, listing.buyer = BOUGHT, address
        listing.bought.set(self.height, self.time)
        self.write(LISTING, tx.listing)

    def do_deliver(self, tx, address, sender):
        listing = self.found(LISTING, tx.listing, "listing")
        self.require(listing.state == BOUGHT and listing.seller == address, "not for this sender to deliver")
        self.require(listing.terms.commitment == H(b"morphsmith listing\0", tx.key), "not the key that was promised")
        self.account(address).balance += listing.terms.price
        listing.state, listing.key = DELIVERED, tx.key
        self.write(LISTING, tx.listing)

    def do_refund(self, tx, address, sender):
        if (LISTING, tx.of) in self.entries:
            self.refund_listing(self.entries[LISTING, tx.of], address)
            return
        job = self.found(JOB, tx.of, "listing or job")
        self.require(job.state == OPEN and job.owner == address, "not for this sender to withdraw")
        job.state = JOB_WITHDRAWN
        self.account(address).balance += job.terms.pay
        self.write(JOB, tx.of)

    def refund_listing(self, listing, address):
        if listing.state == OPEN:
            self.require(listing.seller == address, "only its seller withdraws it")
            listing.state = WITHDRAWN
        else:
            self.require(listing.state == BOUGHT and listing.buyer == address, "nothing is to be refunded to the sender")
            self.require(listing.bought.height < self.height and
                         self.passed_since(listing.bought, listing.terms.deliver_blocks, listing.terms.deliver_seconds,
                                           self.parent_time), "there is still time to deliver")
            listing.state = REFUNDED
            self.account(address).balance += listing.terms.price
        self.write(LISTING, listing.id)

    # jobs

    def do_job(self, tx, address, sender):
        self.require(not self.closed(), "a job on a closed chain")
        self.found(TASK, tx.task, "task")
        self.require(1 <= tx.deposit <= MAX_SUPPLY and tx.blocks >= 1, "a job's terms are out of their range")
        self.can_pay(tx, sender, tx.pay)
        self.account(address).balance -= tx.pay
        self.write(JOB, tx.id, lambda: Job(tx, self.height, address))

    def do_take(self, tx, address, sender):
        job = self.found(JOB, tx.job, "job")
        self.require(job.state == OPEN and job.owner != address, "not for this sender to take")
        self.can_pay(tx, sender, job.terms.deposit)
        self.account(address).balance -= job.terms.deposit
        terms = Fields(id=tx.id, sender=tx.sender, stake=job.terms.deposit, commitment=ZERO,
                       body=job.terms.task + u64(job.terms.deposit) + ZERO + job.id)
        task = self.entries[TASK, job.terms.task]
        proposal = self.write(PROPOSAL, tx.id, lambda: Proposal(terms, self.announcements, task))
        proposal.job = job
        proposal.announced.set(self.height, self.time)
        self.announcements += 1
        self.alive[tx.id] = proposal
        job.state, job.proposal = TAKEN, proposal
        self.write(JOB, job.id)

    def do_result(self, tx, address, sender):
        proposal = self.found(PROPOSAL, tx.proposal, "proposal")
        demand(proposal.job is not None, "no job that somebody has taken")
        self.require(proposal.state == ANNOUNCED and proposal.proposer == address, "no job that the sender has taken")
        self.require(len(tx.counts) == proposal.task.terms.folds, "another number of folds than the task's")
        self.require(all(0 < total and correct <= total for correct, total in tx.counts), "a fold's counts are wrong")
        architecture = proposal.job.terms.architecture
        proposal.content = Fields(parent=ZERO, steps=ZERO, architecture=architecture, counts=tx.counts, hidden=tx.hidden,
                                  evidence=tx.evidence)
        proposal.content["bytes"] = ZERO + ZERO + architecture + counts_bytes(tx.counts) + tx.hidden + tx.evidence
        proposal.state = CLAIMED
        proposal.claimed.set(self.height, self.time)
        self.touch(proposal)

    def close_job(self, proposal, state):
        job = proposal.job
        job.state = PAID if state == ACCEPTED else RETURNED
        self.account(proposal.proposer if state == ACCEPTED else job.owner).balance += job.terms.pay
        self.write(JOB, job.id)

    def forfeit_jobs(self):
        for proposal in list(self.alive.values()):
            job = proposal.job
            if job is None or proposal.state != ANNOUNCED or \
                    not self.passed_since(proposal.announced, job.terms.blocks, job.terms.seconds):
                continue
            share = self.genesis.finder_ppm * proposal.stake // MILLION
            self.account(job.owner).balance += share
            self.burn(proposal.stake - share)
            self.close(proposal, EXPIRED, back=False)

    # tournament

    def score(self, task, address):
        return self.write(SCORE, H(b"score", task, address), lambda: Score(task, address))

    def do_seal(self, tx, address, sender):
        self.found(TASK, tx.task, "task")
        known, last = len(self.bars.get(tx.task, [])), tx.first + tx.n - 1
        score = self.entries.get((SCORE, H(b"score", tx.task, address)))
        self.require(tx.first > known and last <= known + AHEAD, "no bars that can be sealed")
        self.require(score is None or tx.first > score.sealed_to, "the sender has sealed that bar already")
        seal = self.write(SEAL, tx.id, lambda: Seal(tx, address))
        seal.sealed.set(self.height, self.time)
        self.waiting[tx.id] = seal
        score = self.score(tx.task, address)
        score.sealed_to = last
        score.seals += 1

    def do_reveal_seal(self, tx, address, sender):
        seal = self.found(SEAL, tx.seal, "seal")
        demand(seal.state != WAITING, "not for this sender to reveal yet")
        self.require(seal.state == JUDGED and seal.sender == address, "not for this sender to reveal")
        self.require(tx.up >> seal.terms.n == 0, "more predictions than were sealed")
        self.require(seal.terms.commitment == H(b"morphsmith seal\0", tx.salt, tx.sender, seal.terms.task, u32(seal.terms.first),
                                                u32(seal.terms.n), u64(tx.up)), "not what was sealed")
        known = self.bars[seal.terms.task]
        for i, bar in enumerate(seal.bars()):
            if seal.counts >> i & 1 and known[bar - 1][2] == (tx.up >> i & 1):
                seal.correct += 1
        seal.up, seal.state = tx.up, REVEALED
        self.waiting.pop(tx.seal, None)
        score = self.score(seal.terms.task, address)
        score.correct += seal.correct
        score.revealed += 1
        self.write(SEAL, tx.seal)

    def do_outcome(self, tx, address, sender):
        # Whether its bars yield what it says is no rule of the state, and not to be seen from blocks: validators compute it
        # from the objects before they vote, as they re-execute a verdict.
        task = self.found(TASK, tx.task, "task")
        known = self.bars.get(tx.task, [])
        self.require(task.owner == address, "only the task's owner says what came")
        self.require(tx.first == len(known) + 1, "an outcome that does not follow")
        self.require(all(a <= b for a, b in zip(tx.times, tx.times[1:])), "an outcome's times run backwards")
        known = self.bars.setdefault(tx.task, [])
        for i in range(tx.n):
            known.append((self.height, tx.times[i], tx.up >> i & 1, tx.none >> i & 1))
        name = H(tx.task, u32(tx.first))
        self.write(OUTCOME, name, lambda: Outcome(tx, self.height, address))

    def judge_seals(self):
        for seal in list(self.waiting.values()):
            known = self.bars.get(seal.terms.task, [])
            if seal.state == WAITING and seal.bars()[-1] <= len(known):
                self.judge_seal(seal, known)
            elif seal.state == JUDGED and self.passed("expiry", seal.judged):
                seal.state = LAPSED
                del self.waiting[seal.id]
                self.write(SEAL, seal.id)

    def judge_seal(self, seal, known):
        for i, bar in enumerate(seal.bars()):
            height, time, _, none = known[bar - 1]
            if not none and seal.sealed.height < height and seal.sealed.time < time:
                seal.counts |= 1 << i
        seal.state = JUDGED
        seal.judged.set(self.height, self.time)
        self.write(SEAL, seal.id)
        self.score(seal.terms.task, seal.sender).total += bin(seal.counts).count("1")

    def end_market(self):
        self.forfeit_jobs()
        self.judge_seals()
