"""Chains with disputes for test_verifier.py, from the page's RULES: challenge, respond, verdict, and what becomes of them."""

import maker as m
from maker import ADA, BOB, CYD, DAN, EVE, MILLION, ZERO, Claim, H, send_task, u8, u32, u64

m.BODIES.update({
    "challenge": lambda f: f.proposal + u32(f.fold) + u64(f.leaf) + f.found + f.state + u64(f.deposit),
    "respond": lambda f: f.challenge + u8(f.concede) + f.object,
    "verdict": lambda f: f.challenge + u8(f.upheld) + f.found,
})

STAKE, DEPOSIT = 1003, 100


def genesis(**changes):
    return m.council(**dict(dict(attest_ppm=20000, missed_ppm=100000, finder_ppm=333333, commit_blocks=2, reveal_blocks=4,
                                 reveal_seconds=0, unbonding_blocks=40, unbonding_seconds=8, expiry_blocks=30, expiry_seconds=0, dispute_seconds=2), **changes))


# --- steps -----------------------------------------------------------------------------------------------------------

def challenge(maker, name="challenge", key=EVE, of="one", **changes):
    fields = dict(proposal=maker.claims[of].id, fold=2, leaf=7, found=H(b"found"), state=H(b"state"), deposit=DEPOSIT)
    fields.update(changes)
    maker.send(name, key, "challenge", **fields)


def respond(maker, of="challenge", key=DAN, concede=0, name=None, **changes):
    fields = dict(challenge=maker.ids[of], concede=concede, object=ZERO if concede else H(b"own state"))
    fields.update(changes)
    maker.send(name or "respond to " + of, key, "respond", **fields)


def verdict(maker, upheld, of="challenge", key=CYD, name=None):
    maker.send(name or "verdict on " + of, key, "verdict", challenge=maker.ids[of], upheld=upheld, found=H(b"redone"))


def reveal(maker, *keys, of="one", finding=None):
    for key in keys:
        maker.claims[of].reveal(maker, key, finding)


def approve(maker, of="one", kind="approve"):
    maker.claims[of].decide(maker, BOB, kind)


def opened(maker, name="one", commits=((ADA, None), (CYD, None))):
    """dan's claim, committed to by these with these findings (None: its own), and open; in a block of its own."""
    claim = Claim(name, [(600, 1000), (700, 1000)])
    maker.claims[name] = claim
    claim.announce(maker, DAN, maker.ids["task"], STAKE)
    maker.seal()
    claim.propose(maker)
    for key, finding in commits:
        claim.commit(maker, key, finding and getattr(claim, finding))
    while maker.state.entries[3, claim.id].state == 1:
        maker.seal()
    claim.open(maker)
    maker.seal()


def story(*steps, commits=((ADA, None), (CYD, None))):
    """Steps behind an opened claim, each a function of the maker, or None: a block."""
    def whole(maker):
        maker.claims = {}
        send_task(maker, "task", ADA, pool=100, reviewers=[BOB.address], approvals=1)
        maker.seal()
        opened(maker, commits=commits)
        for step in steps:
            if step is None:
                maker.seal()
            else:
                step(maker)
        maker.changes.to_the_end = True
        for _ in range(3):
            maker.seal()
    return whole


def do(act, *arguments, **options):
    return lambda maker: act(maker, *arguments, **options)


def other(maker, key):
    maker.claims["one"].reveal(maker, key, maker.claims["one"].other)


def unstake(maker, key, amount):
    maker.send("unstake %d" % amount, key, "unstake", amount=amount)


BOTH = [do(reveal, ADA, CYD)]
SPLIT = ((ADA, None), (BOB, "other"), (CYD, None))
AGAINST = ((ADA, None), (CYD, "other"))

GOOD = [
    ("attested without a dispute", story(*BOTH, None, do(approve))),
    ("a minority found otherwise", story(*BOTH, do(other, BOB), None, commits=SPLIT)),
    ("no majority", story(do(reveal, ADA), do(other, BOB), commits=((ADA, None), (BOB, "other")))),
    ("unstaked behind the commit, then silent", story(do(reveal, ADA), do(unstake, CYD, 1500), None, do(unstake, CYD, 999), None, None, None)),
    ("unstaked behind the commit, then alone", story(do(unstake, BOB, 2999), do(other, BOB), *BOTH, None, commits=SPLIT)),
    ("unstaked behind the commit, then upheld", story(do(reveal, ADA), do(unstake, ADA, 5007), do(challenge), None, do(verdict, 1))),
    ("upheld before anybody revealed", story(do(challenge), None, do(verdict, 1))),
    ("upheld behind the same finding", story(do(reveal, ADA), do(challenge), None, do(verdict, 1))),
    ("upheld behind another finding", story(do(reveal, ADA), do(other, CYD), do(challenge), None, do(verdict, 1), commits=AGAINST)),
    ("upheld when the reveals had run out", story(do(reveal, ADA), do(challenge), None, None, None, do(verdict, 1))),
    ("upheld in the block of the challenge", story(do(challenge), do(verdict, 1))),
    ("upheld when it was verified", story(*BOTH, None, do(challenge), None, do(verdict, 1))),
    ("others go back", story(do(challenge), do(challenge, "second", ADA, deposit=333), do(challenge, "third"), do(verdict, 1, "second"))),
    ("dismissed, and judged behind it", story(*BOTH, do(challenge), None, do(verdict, 0), None, do(approve))),
    ("approved meanwhile", story(*BOTH, None, do(challenge), do(approve), None, do(verdict, 0))),
    ("lapsed", story(*BOTH, do(challenge), None, None, None, None)),
    ("lapsed when the reveals had run out", story(do(reveal, ADA), do(challenge, found=ZERO), None, None, None, None, None)),
    ("several lapse", story(*BOTH, do(challenge), do(challenge, "second", BOB), None, None, None, None)),
    ("one lapses, one is open", story(*BOTH, do(challenge), None, do(challenge, "second", BOB), None, None, None)),
    ("expired behind it", story(*BOTH, None, *[None] * 24, do(challenge), None, None, None, None)),
    ("conceded", story(do(reveal, ADA), do(challenge), do(challenge, "second", BOB), do(respond, concede=1))),
    ("answered, then dismissed", story(*BOTH, do(challenge), do(respond), do(verdict, 0))),
    ("answered, then conceded elsewhere", story(do(challenge), do(challenge, "second"), do(respond, "second"), do(respond, concede=1))),
    ("the whole claim", story(do(challenge, fold=0, leaf=0, found=ZERO, state=ZERO), do(verdict, 1))),
    ("a leaf that no list has", story(do(challenge, leaf=(1 << 64) - 1), do(verdict, 0))),
    ("eight at once", story(*[do(challenge, "c%d" % i, deposit=DEPOSIT + i) for i in range(8)], None, do(verdict, 1, "c5"))),
    ("dearer behind one that was lost", story(do(challenge), do(verdict, 0), do(challenge, "second", deposit=2 * DEPOSIT))),
]

# What, the story, and a part of the reason.
BAD = [
    ("of no proposal", story(do(challenge, proposal=H(b"no"))), "no such proposal"),
    ("of one's own claim", story(do(challenge, key=DAN)), "its own claim"),
    ("a fold too many", story(do(challenge, fold=3)), "no such place"),
    ("leaf 0 of a fold", story(do(challenge, leaf=0)), "no such place"),
    ("leaf 1 of the whole", story(do(challenge, fold=0, leaf=1, found=ZERO, state=ZERO)), "no such place"),
    ("a leaf of the whole", story(do(challenge, fold=0, leaf=0, state=ZERO)), "of a whole claim"),
    ("a state of the whole", story(do(challenge, fold=0, leaf=0, found=ZERO)), "of a whole claim"),
    ("too small a deposit", story(do(challenge, deposit=DEPOSIT - 1)), "too small a deposit"),
    ("more than there is", story(do(challenge, deposit=5000)), "cannot pay"),
    ("nine at once", story(*[do(challenge, "c%d" % i) for i in range(9)]), "too many"),
    ("as cheap behind one that was lost", story(do(challenge), do(verdict, 0), do(challenge, "second", deposit=2 * DEPOSIT - 1)),
     "too small a deposit"),
    ("when it was accepted", story(*BOTH, None, do(approve), do(challenge)), "not any more"),
    ("when it was refuted", story(do(challenge), do(verdict, 1), do(challenge, "second")), "not any more"),
    ("rejected meanwhile", story(*BOTH, None, do(challenge), do(approve, kind="reject")), "a challenge is open"),
    ("answered by another", story(do(challenge), do(respond, key=EVE)), "only the proposer"),
    ("answered twice", story(do(challenge), do(respond), do(respond, name="again")), "answered already"),
    ("answered when it is decided", story(do(challenge), do(verdict, 0), do(respond)), "is decided"),
    ("conceded with a state", story(do(challenge), do(respond, concede=1, object=H(b"x"))), "names no state"),
    ("a later one is conceded", story(do(challenge), do(challenge, "second"), do(respond, "second", concede=1)), "an earlier"),
    ("neither conceded nor not", story(do(challenge), do(respond, concede=2)), "out of its range"),
    ("two verdicts", story(do(challenge), do(verdict, 0), do(verdict, 1, name="again")), "is decided"),
    ("a verdict on nothing", story(lambda maker: maker.ids.update(challenge=H(b"no")), do(verdict, 1)), "no such challenge"),
    ("a verdict that is neither", story(do(challenge), do(verdict, 2)), "out of its range"),
    ("a verdict when it has lapsed", story(do(challenge), None, None, None, None, do(verdict, 1)), "is decided"),
    ("accepted meanwhile", story(*BOTH, do(challenge), None, do(approve)), "not verified"),
]


# A story that has each kind, under the names of EXAMPLES.
ALL = story(do(reveal, ADA), do(challenge), do(challenge, "second", BOB), None, do(respond), do(verdict, 0, "second"), None,
            do(verdict, 1))
EXAMPLES = {"challenge": "challenge", "respond": "respond to challenge", "verdict": "verdict on challenge"}
PARAMETERS = {"attest_ppm": (0, 1, 999999, MILLION), "missed_ppm": (0, 333333, MILLION - 1), "finder_ppm": (0, 1, MILLION),
              "deposit_ppm": (0, 1, 99999), "dispute_blocks": (1, 2, 9), "dispute_seconds": (0, 1, 7), "reveal_blocks": (1, 2, 3)}
