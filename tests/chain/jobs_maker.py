"""Chains for many with jobs for test_verifier.py, from the page's MARKETPLACE, JOBS, TOURNAMENT."""

import market_maker  # noqa: F401 (the bodies)
from disputes_maker import challenge, do, genesis, verdict
from maker import ADA, BOB, CYD, DAN, EVE, Claim, H, send_task

PAY, DEPOSIT = 700, 1003


# --- steps -----------------------------------------------------------------------------------------------------------

def job(maker, name="job", key=EVE, **changes):
    fields = dict(task=maker.ids["task"], architecture=H(b"job's architecture"), pay=PAY, deposit=DEPOSIT, blocks=3, seconds=2)
    fields.update(changes)
    maker.send(name, key, "job", **fields)


def take(maker, key=DAN, of="job", name="take"):
    maker.send(name, key, "take", job=maker.ids[of])
    claim = Claim(name, [(600, 1000), (700, 1000)], H(b"job's architecture"))
    claim.key, claim.id = key, maker.ids[name]
    maker.claims[name] = claim


def result(maker, of="take", key=None, name=None, **changes):
    claim = maker.claims[of]
    fields = dict(proposal=claim.id, counts=claim.counts, hidden=claim.content.hidden, evidence=claim.content.evidence)
    fields.update(changes)
    maker.send(name or "result of " + of, key or claim.key, "result", **fields)


def refund(maker, key=EVE, of="job", name="refund"):
    maker.send(name, key, "refund", of=maker.ids[of])


def commit(maker, *keys, of="take", other=False):
    for key in keys:
        maker.claims[of].commit(maker, key, maker.claims[of].other if other else None)


def closed(maker, of="take"):
    while maker.state.entries[3, maker.claims[of].id].state == 1:
        maker.seal()


def opened(maker, of="take"):
    maker.claims[of].open(maker)


def reveal(maker, *keys, of="take", other=False):
    for key in keys:
        maker.claims[of].reveal(maker, key, maker.claims[of].other if other else None)


def decide(maker, kind="approve", of="take"):
    maker.claims[of].decide(maker, BOB, kind)


def propose_instead(maker):
    maker.claims["take"].propose(maker)


def rival(maker):
    """A proposal with the architecture of the job, announced before or behind it, and claimed."""
    claim = Claim("rival", [(5, 10), (6, 10)], H(b"job's architecture"))
    claim.announce(maker, BOB, maker.ids["task"], 50)
    maker.seal()
    claim.propose(maker)


def dispute(maker):
    challenge(maker, of="take")


def story(*steps):
    def whole(maker):
        maker.claims = {}
        send_task(maker, "task", ADA, pool=100, reviewers=[BOB.address], approvals=1)
        maker.seal()
        for step in steps:
            if step is None:
                maker.seal()
            else:
                step(maker)
        maker.changes.to_the_end = True
        for _ in range(3):
            maker.seal()
    return whole


TAKEN = [do(job), do(take), None]
CLAIMED = TAKEN + [do(result)]
OPEN = CLAIMED + [do(commit, ADA, BOB, CYD), None, do(closed), do(opened)]
PAID = OPEN + [do(reveal, ADA, BOB, CYD), None]
WRONG = CLAIMED + [do(commit, ADA, BOB, CYD, other=True), None, do(closed), do(opened), do(reveal, ADA, BOB, CYD, other=True), None]
ALL = story(*PAID, do(job, "second"), do(refund, of="second"))

GOOD = [
    ("paid", story(*PAID)),
    ("result in the block of the take", story(do(job), do(take), do(result))),
    ("the result is refuted", story(*WRONG)),
    ("never opened", story(*CLAIMED, do(commit, ADA, BOB, CYD), *[None] * 8)),
    ("nobody commits to it", story(*CLAIMED, *[None] * 32)),
    ("not delivered", story(*TAKEN, None, None, None, None)),
    ("not delivered, a short time", story(do(job, blocks=1, seconds=0), do(take), None, None)),
    ("not delivered, a long time", story(do(job, blocks=1, seconds=5), do(take), *[None] * 7)),
    ("delivered in the last block", story(*TAKEN, None, None, do(result))),
    ("withdrawn", story(do(job), None, do(refund))),
    ("one unit each", story(do(job, pay=1, deposit=1), do(take), *[None] * 6)),
    ("an own claim beside it", story(*CLAIMED, do(rival))),
    ("an own claim before it", story(do(rival), *CLAIMED)),
    ("two of one architecture", story(do(job), do(job, "second"), do(take), do(take, CYD, "second", "second take"), None, do(result),
                                      do(result, "second take"))),
    ("a dispute about it is upheld", story(*OPEN, do(dispute), None, do(verdict, 1))),
    ("a dispute about it is dismissed", story(*OPEN, do(reveal, ADA, BOB, CYD), do(dispute), None, do(verdict, 0))),
    ("a dispute about it lapses", story(*OPEN, do(reveal, ADA, BOB, CYD), do(dispute), *[None] * 6)),
]

BAD = [
    ("a pay of nothing", story(do(job, pay=0)), "cannot pay"),
    ("more than there is", story(do(job, pay=1 << 50)), "cannot pay"),
    ("no deposit", story(do(job, deposit=0)), "terms"),
    ("a deposit above all", story(do(job, deposit=(1 << 42) + 1)), "terms"),
    ("no block for it", story(do(job, blocks=0)), "terms"),
    ("for no task", story(do(job, task=H(b"no"))), "no such task"),
    ("taken by its owner", story(do(job), do(take, EVE)), "to take"),
    ("taken twice", story(*TAKEN, do(take, CYD, name="again")), "to take"),
    ("taken though withdrawn", story(do(job), do(refund), do(take)), "to take"),
    ("a deposit that nobody has", story(do(job, deposit=1 << 41), do(take)), "cannot pay"),
    ("withdrawn by another", story(do(job), do(refund, DAN)), "to withdraw"),
    ("withdrawn though taken", story(*TAKEN, do(refund)), "to withdraw"),
    ("a result by another", story(*TAKEN, do(result, key=CYD)), "has taken"),
    ("a second result", story(*CLAIMED, do(result, name="again")), "has taken"),
    ("a result of a proposal", story(lambda maker: [maker.claims.update(take=Claim("take", [(1, 2)] * 2)),
                                                    maker.claims["take"].announce(maker, DAN, maker.ids["task"], 5)],
                                     None, do(result)), "has taken"),
    ("one fold", story(*TAKEN, do(result, counts=[(1, 2)])), "folds"),
    ("more right than there are", story(*TAKEN, do(result, counts=[(1, 2), (3, 2)])), "counts"),
    ("a propose instead", story(*TAKEN, do(propose_instead)), "result"),
    ("a result too late", story(*TAKEN, None, None, None, do(result)), "has taken"),
    ("approved", story(*OPEN, do(decide)), "no decision"),
    ("rejected", story(*OPEN, do(decide, "reject")), "no decision"),
    ("committed to by who has taken it", story(do(job), do(take, CYD), None, do(result), do(commit, CYD)), "own proposal"),
]

EXAMPLES = {"job": "job", "take": "take", "result": "result of take"}
PARAMETERS = {"finder_ppm": [0, 1, 1000000], "attest_ppm": [0, 333333, 1000000], "missed_ppm": [0, 999999]}
