"""Disputes for verifier.py, written from the same page: the rules of challenge, respond and verdict, and what becomes of them."""

from verifier import MILLION, PROPOSAL, REFUTED, REVEALING, ZERO, Fields, Moment, u8, u64

CHALLENGE = 8
OPEN, UPHELD, DISMISSED, LAPSED, RETURNED = range(5)
UNANSWERED, ANSWERED, CONCEDED = range(3)
OPEN_MOST = 8


# --- bodies ----------------------------------------------------------------------------------------------------------

def read_challenge(reader):
    return Fields(proposal=reader.take(32), fold=reader.u32(), leaf=reader.u64(), found=reader.take(32), state=reader.take(32),
                  deposit=reader.u64())


READERS = {
    "challenge": read_challenge,
    "respond": lambda reader: Fields(challenge=reader.take(32), concede=reader.number(1, 0, 1), object=reader.take(32)),
    "verdict": lambda reader: Fields(challenge=reader.take(32), upheld=reader.number(1, 0, 1), found=reader.take(32)),
}


class Challenge:
    def __init__(self, tx, address, proposal):
        self.id, self.sender, self.terms, self.proposal = tx.id, address, tx, proposal
        self.made = Moment()
        self.state, self.answered = OPEN, UNANSWERED
        self.answer = self.found = ZERO
        self.closed = 0

    def value(self):
        return (self.made.value() + self.sender + self.terms.body + u8(self.state) + u8(self.answered) + self.answer + self.found +
                u64(self.closed))


def escrow_of(kind, entry):
    return entry.terms.deposit if kind == CHALLENGE and entry.state == OPEN else 0


# --- the rules, for State --------------------------------------------------------------------------------------------

class Disputes:
    def start_disputes(self):
        self.challenges = []   # in order
        self.settled = set()   # ids of proposals whose last dispute ended in this block

    def about(self, proposal, *states):
        return [c for c in self.challenges if c.proposal is proposal and c.state in states]

    def disputed(self, proposal):
        return bool(self.about(proposal, OPEN))

    def do_challenge(self, tx, address, sender):
        self.require(not self.closed(), "a closed chain has no disputes")
        proposal = self.found(PROPOSAL, tx.proposal, "proposal")
        self.require(proposal.state == REVEALING and proposal.is_open(), "there is nothing to challenge, or not any more")
        self.require(proposal.proposer != address, "a proposer challenges its own claim")
        self.require(len(self.about(proposal, OPEN)) < OPEN_MOST, "too many challenges are open")
        self.require(tx.fold <= proposal.task.terms.folds and (tx.fold == 0) == (tx.leaf == 0), "there is no such place")
        self.require(tx.fold > 0 or tx.found == tx.state == ZERO, "of a whole claim there is no leaf and no state")
        share = max(1, self.genesis.get("deposit_ppm", 0) * proposal.stake // MILLION)
        self.require(tx.deposit >= share * (1 + len(self.about(proposal, DISMISSED, LAPSED))), "too small a deposit")
        self.can_pay(tx, sender, tx.deposit)
        self.account(address).balance -= tx.deposit
        challenge = self.write(CHALLENGE, tx.id, lambda: Challenge(tx, address, proposal))
        challenge.made.set(self.height, self.time)
        self.challenges.append(challenge)

    def open_challenge(self, tx):
        challenge = self.found(CHALLENGE, tx.challenge, "challenge")
        self.require(challenge.state == OPEN, "the challenge is decided")
        return challenge

    def do_respond(self, tx, address, sender):
        challenge = self.open_challenge(tx)
        self.require(challenge.proposal.proposer == address, "only the proposer answers")
        self.require(challenge.answered == UNANSWERED, "answered already")
        if tx.concede:
            self.require(tx.object == ZERO, "who concedes names no state")
            self.require(self.about(challenge.proposal, OPEN)[:1] == [challenge], "an earlier challenge is open")
        self.write(CHALLENGE, challenge.id)
        challenge.answered = CONCEDED if tx.concede else ANSWERED
        challenge.answer = tx.object
        if tx.concede:
            challenge.found = challenge.terms.found
            self.uphold(challenge)

    def do_verdict(self, tx, address, sender):
        challenge = self.open_challenge(tx)
        challenge.found = tx.found
        if tx.upheld:
            self.uphold(challenge)
        else:
            self.lose(challenge, DISMISSED)

    def finish(self, challenge, state):
        self.write(CHALLENGE, challenge.id)
        challenge.state, challenge.closed = state, self.height

    def uphold(self, challenge):
        proposal = challenge.proposal
        self.finish(challenge, UPHELD)
        self.account(challenge.sender).balance += challenge.terms.deposit
        for other in self.about(proposal, OPEN):
            self.finish(other, RETURNED)
            self.account(other.sender).balance += other.terms.deposit
        since = proposal.opened
        late = (not proposal.verified and self.height - since.height >= self.genesis.reveal_blocks and
                self.parent_time - since.time >= self.genesis.reveal_seconds * MILLION)
        for attestation in proposal.attestations:
            found = attestation.finding.bytes if attestation.revealed else None
            if found == proposal.finding() or (late and found is None):
                self.fine(attestation)
        pot = self.genesis.finder_ppm * proposal.stake // MILLION
        self.account(challenge.sender).balance += pot
        self.burn(proposal.stake - pot)
        self.close(proposal, REFUTED, back=False)

    def lose(self, challenge, state):
        self.finish(challenge, state)
        share = self.genesis.finder_ppm * challenge.terms.deposit // MILLION
        if share:
            self.account(challenge.proposal.proposer).balance += share
        self.burn(challenge.terms.deposit - share)
        if not self.disputed(challenge.proposal):
            self.settled.add(challenge.proposal.id)

    def end_disputes(self):
        for challenge in self.challenges:
            if challenge.state == OPEN and self.passed("dispute", challenge.made):
                self.lose(challenge, LAPSED)

    # what attesters pay and get on chains for many

    def fine(self, attestation):
        validator, ppm = attestation.validator, self.genesis.missed_ppm
        amount = ppm * self.peek(validator).stake // MILLION
        if amount > 0:
            self.account(validator).stake -= amount
        if not self.closed():
            amount += self.cut_unbonding(validator, attestation.height, ppm)
        if amount > 0:
            self.burn(amount)
