"""Chains with a market and a tournament for test_verifier.py, from the page's MARKETPLACE, JOBS, TOURNAMENT."""

import maker as m
from maker import ADA, BOB, CYD, DAN, EVE, MILLION, START, ZERO, H, blob, send_task, u32, u64

KEY = H(b"the key of a listing")


def commitment(key=KEY):
    return H(b"morphsmith listing\0", key)


def outcome_bytes(f):
    return (f.task + u32(f.first) + u32(f.n) + b"".join(u64(time) for time in f.times) + f.object + u64(f.up) + u64(f.none))


m.BODIES.update({
    "list": lambda f: (f.object + f.content + f.commitment + u64(f.price) + u32(f.deliver_blocks) + u32(f.deliver_seconds) +
                       blob(f.title)),
    "buy": lambda f: f.listing,
    "deliver": lambda f: f.listing + f.key_shown,
    "refund": lambda f: f.of,
    "job": lambda f: f.task + f.architecture + u64(f.pay) + u64(f.deposit) + u32(f.blocks) + u32(f.seconds),
    "take": lambda f: f.job,
    "result": lambda f: f.proposal + m.counts_bytes(f.counts) + f.hidden + f.evidence,
    "seal": lambda f: f.task + u32(f.first) + u32(f.n) + f.commitment,
    "reveal-seal": lambda f: f.seal + f.salt + u64(f.up),
    "outcome": outcome_bytes,
})


# --- steps -----------------------------------------------------------------------------------------------------------

def offer(maker, name="listing", key=DAN, **changes):
    fields = dict(object=H(b"object"), content=H(b"content"), commitment=commitment(), price=500, deliver_blocks=2,
                  deliver_seconds=1, title="ein Modell \u2013 \U0001f600".encode())
    fields.update(changes)
    maker.send(name, key, "list", **fields)
    return maker.ids[name]


def buy(maker, key=EVE, name="buy", listing="listing"):
    maker.send(name, key, "buy", listing=maker.ids[listing])


def deliver(maker, key=DAN, shown=KEY, listing="listing", name="deliver"):
    maker.send(name, key, "deliver", listing=maker.ids[listing], key_shown=shown)


def refund(maker, key, of="listing", name="refund"):
    maker.send(name, key, "refund", of=maker.ids[of])


def promise(key, task, first, n, up, salt=ZERO):
    return H(b"morphsmith seal\0", salt, key.public, task, u32(first), u32(n), u64(up))


def seal(maker, name, key=EVE, first=1, n=2, up=1, task="task", **changes):
    fields = dict(task=maker.ids[task], first=first, n=n, commitment=promise(key, maker.ids[task], first, n, up))
    fields.update(changes)
    maker.send(name, key, "seal", **fields)


def show(maker, of, key=EVE, up=1, salt=ZERO, name=None):
    maker.send(name or "show " + of, key, "reveal-seal", seal=maker.ids[of], salt=salt, up=up)


def outcome(maker, name="outcome", key=ADA, first=1, n=2, up=1, none=0, until=None, task="task", **changes):
    """until: seconds behind the start of the chain; by itself, long after all."""
    times = until if until is not None else [100000 + i for i in range(n)]
    fields = dict(task=maker.ids[task], first=first, n=n, times=[START + time * MILLION for time in times], object=H(b"bars"), up=up,
                  none=none)
    fields.update(changes)
    maker.send(name, key, "outcome", **fields)


def begin(maker):
    send_task(maker, "task", ADA, pool=0)
    maker.seal()


# --- stories ---------------------------------------------------------------------------------------------------------

def fair(maker):
    """Every kind that a closed chain takes, and every end of listings and seals."""
    begin(maker)
    offer(maker)
    offer(maker, "withdrawn", title=b"")
    offer(maker, "refunded", BOB, price=7, deliver_blocks=1, deliver_seconds=2)
    offer(maker, "unsold", CYD, price=1 << 42)
    seal(maker, "good")
    seal(maker, "silent", BOB, n=3, up=5)
    seal(maker, "far", CYD, first=4000, n=64, up=0)
    maker.seal()
    buy(maker)
    buy(maker, CYD, "buy it", "refunded")
    refund(maker, DAN, "withdrawn", "withdraw")
    outcome(maker, n=1)
    seal(maker, "late", DAN, first=2, n=2, up=3)
    maker.seal()
    deliver(maker)
    outcome(maker, "second", first=2, n=2, up=1, none=2, until=[100000, 100001])
    maker.seal()
    maker.seal(2)
    refund(maker, CYD, "refunded", "take back")
    show(maker, "good")
    show(maker, "late", DAN, up=3)
    outcome(maker, "third", first=4, n=1, up=0, until=[100001])
    for seconds in (1, 1, 1, 1, 1, 1, 1, 1, 1, 1):
        maker.seal(seconds)


def story(*steps):
    """Steps, each a function of the maker, or None: a block; behind the task."""
    def whole(maker):
        begin(maker)
        for step in steps:
            if step is None:
                maker.seal()
            else:
                step(maker)
        maker.seal()
    return whole


def do(act, *arguments, **options):
    return lambda maker: act(maker, *arguments, **options)


SEALED = [do(seal, "one"), None]
JUDGED = SEALED + [do(outcome), None]

GOOD = [
    ("bought and delivered in the block of the listing", story(do(offer), do(buy), do(deliver))),
    ("delivered long after the window", story(do(offer, deliver_blocks=1), do(buy), None, None, None, None, do(deliver))),
    ("refunded as early as it may be", story(do(offer, deliver_seconds=0), do(buy), None, None, do(refund, EVE))),
    ("the last unit that the buyer has", story(do(offer, price=99999), do(buy))),
    ("one predicts as many as there may be", story(do(seal, "one", n=64, up=(1 << 64) - 1))),
    ("as far ahead as it may be", story(do(seal, "one", first=4095))),
    ("sealed and told in one block, which counts for nothing", story(do(seal, "one"), do(outcome), None, do(show, "one"))),
    ("sealed at the very time, which is too late", story(*SEALED, do(outcome, until=[2, 2]), None, do(show, "one"))),
    ("sealed just before", story(*SEALED, do(outcome, until=[3, 3]), None, do(show, "one"))),
    ("the same bar by two", story(*SEALED, do(seal, "two", BOB), do(outcome), None, do(show, "one"), do(show, "two", BOB))),
    ("a second seal behind the first", story(*SEALED, do(seal, "two", first=3, n=1))),
    ("times that stand still", story(do(outcome, until=[5, 5]))),
    ("no bar has a direction", story(*SEALED, do(outcome, up=0, none=3), None, do(show, "one"))),
    ("a seal that two outcomes cover", story(*SEALED, do(outcome, n=1), do(outcome, "next", first=2, n=1), None, do(show, "one"))),
]

# What, the story, and a part of the reason.
BAD = [
    ("a price of nothing", story(do(offer, price=0)), "a price"),
    ("a price above all", story(do(offer, price=(1 << 42) + 1)), "a price"),
    ("no time to deliver", story(do(offer, deliver_blocks=0)), "no time"),
    ("bought by its seller", story(do(offer), do(buy, DAN)), "to buy"),
    ("bought twice", story(do(offer), do(buy), do(buy, BOB, "again")), "to buy"),
    ("bought for more than there is", story(do(offer, price=100000), do(buy)), "cannot pay"),
    ("what is not there is bought", story(do(offer), lambda maker: maker.ids.update(listing=H(b"no")), do(buy)), "no such listing"),
    ("delivered before it is bought", story(do(offer), do(deliver)), "to deliver"),
    ("delivered by another", story(do(offer), do(buy), do(deliver, BOB)), "to deliver"),
    ("delivered twice", story(do(offer), do(buy), do(deliver), do(deliver, name="again")), "to deliver"),
    ("another key", story(do(offer), do(buy), do(deliver, shown=H(b"another"))), "the key"),
    ("refunded a block too early", story(do(offer), do(buy), None, do(refund, EVE)), "still time"),
    ("refunded a second too early", story(do(offer, deliver_blocks=1, deliver_seconds=2), do(buy), None, None, do(refund, EVE)),
     "still time"),
    ("refunded to another", story(do(offer, deliver_seconds=0), do(buy), None, None, do(refund, BOB)), "nothing is to be refunded"),
    ("refunded by the seller", story(do(offer, deliver_seconds=0), do(buy), None, None, do(refund, DAN)), "nothing is to be refunded"),
    ("withdrawn by another", story(do(offer), do(refund, EVE)), "only its seller"),
    ("withdrawn twice", story(do(offer), do(refund, DAN), do(refund, DAN, name="again")), "nothing is to be refunded"),
    ("delivered though withdrawn", story(do(offer), do(refund, DAN), do(deliver)), "to deliver"),
    ("bought though withdrawn", story(do(offer), do(refund, DAN), do(buy)), "to buy"),
    ("a refund of a task", story(do(refund, ADA, "task")), "no such listing or job"),
    ("a job on a closed chain", story(lambda maker: maker.send("job", ADA, "job", task=maker.ids["task"], architecture=ZERO, pay=5,
                                                                deposit=5, blocks=2, seconds=0)), "closed chain"),
    ("a take of no job", story(lambda maker: maker.send("take", ADA, "take", job=maker.ids["task"])), "no such job"),
    ("a result of nothing", story(lambda maker: maker.send("result", ADA, "result", proposal=maker.ids["task"], counts=[(1, 2)] * 2,
                                                           hidden=ZERO, evidence=ZERO)), "no such proposal"),
    ("the first bar twice", story(*SEALED, do(seal, "two")), "already"),
    ("a bar between two", story(*SEALED, do(seal, "two", first=2, n=3)), "already"),
    ("a bar whose outcome is known", story(do(outcome, n=1), do(seal, "one")), "can be sealed"),
    ("too far ahead", story(do(seal, "one", first=4096)), "can be sealed"),
    ("a seal for no task", story(lambda maker: maker.ids.update(task=H(b"no")), do(seal, "one")), "no such task"),
    ("shown before the outcome", story(*SEALED, do(show, "one")), "to reveal"),
    ("shown in the outcome's block", story(*SEALED, do(outcome), do(show, "one")), "to reveal"),
    ("shown with one bar of two known", story(*SEALED, do(outcome, n=1), None, do(show, "one")), "to reveal"),
    ("shown by another", story(*JUDGED, do(show, "one", BOB)), "to reveal"),
    ("shown twice", story(*JUDGED, do(show, "one"), do(show, "one", name="again")), "to reveal"),
    ("shown after it lapsed", story(*JUDGED, *[None] * 9, do(show, "one")), "to reveal"),
    ("something else is shown", story(*JUDGED, do(show, "one", up=2)), "not what was sealed"),
    ("with another salt", story(*JUDGED, do(show, "one", salt=H(b"salt"))), "not what was sealed"),
    ("more bars are shown than were sealed", story(do(seal, "one", n=2, commitment=ZERO), None, do(outcome), None,
                                                   do(show, "one", up=4)), "more predictions"),
    ("an outcome by another", story(do(outcome, key=BOB)), "owner"),
    ("an outcome for no task", story(lambda maker: maker.ids.update(task=H(b"no")), do(outcome)), "no such task"),
    ("an outcome that leaves a bar out", story(do(outcome, first=2)), "does not follow"),
    ("an outcome twice", story(do(outcome), do(outcome, "again")), "does not follow"),
    ("an outcome whose times run backwards", story(do(outcome, until=[5, 4])), "backwards"),
    ("an outcome of 65 bars", story(do(outcome, n=65)), "out of its range"),
    ("an outcome of none", story(do(outcome, n=0, up=0)), "out of its range"),
    ("an outcome with bits too many", story(do(outcome, up=4)), "contradict"),
    ("a bar that goes up and nowhere", story(do(outcome, up=1, none=1)), "contradict"),
    ("a time before all times", story(do(outcome, times=[-1, 5 * MILLION])), "out of its range"),
    ("a seal of no bar", story(do(seal, "one", n=0)), "out of its range"),
    ("a seal of bar 0", story(do(seal, "one", first=0)), "out of its range"),
    ("a title with a control character", story(do(offer, title=b"a\nb")), "control"),
    ("a title with a control character of two bytes", story(do(offer, title="a\u009bb".encode())), "control"),
    ("a title that is too long", story(do(offer, title=b"x" * 128)), "out of its range"),
    ("a title that is no UTF-8", story(do(offer, title=b"\xff")), "UTF-8"),
]

TWOFOLD = {"shown by another", "more bars are shown than were sealed"}

EXAMPLES = {"list": "listing", "buy": "buy", "deliver": "deliver", "refund": "take back", "seal": "good", "reveal-seal": "show good",
            "outcome": "second"}


# --- random stories --------------------------------------------------------------------------------------------------

class Trader(m.Wanderer):
    """A wanderer who trades and predicts, too."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.listings, self.seals = [], []

    def act(self):
        if self.dice.random() < 0.3:
            super().act()
        else:
            self.dice.choice([self.list] * 2 + [self.buy] * 3 + [self.deliver] * 2 + [self.refund] * 2 + [self.seal] * 3 +
                             [self.tell] * 3 + [self.show] * 5)()

    def list(self):
        key = self.anyone()
        secret = H(b"secret %d" % self.sent)
        price = self.some(self.maker.state.peek(key.address).balance // 4 + 2)
        listing = self.send(key, "list", object=ZERO, content=ZERO, commitment=commitment(secret), price=price,
                            deliver_blocks=self.dice.choice([1, 2, 3]), deliver_seconds=self.dice.choice([0, 1]), title=b"t")
        self.listings.append((listing, key, secret))

    def buy(self):
        if self.listings:
            self.send(self.anyone(), "buy", listing=self.dice.choice(self.listings[-8:])[0])

    def deliver(self):
        if self.listings:
            listing, key, secret = self.dice.choice(self.listings[-8:])
            self.send(key if self.dice.random() < 0.9 else self.anyone(), "deliver", listing=listing,
                      key_shown=secret if self.dice.random() < 0.9 else ZERO)

    def refund(self):
        if self.listings:
            self.send(self.anyone(), "refund", of=self.dice.choice(self.listings[-8:])[0])

    def known(self, task):
        return len(self.maker.state.bars.get(task, []))

    def seal(self):
        if not self.tasks:
            return
        task, key = self.dice.choice(self.tasks[-2:]), self.anyone()
        first, n = self.known(task) + self.dice.choice([0, 1, 1, 2, 3]), self.dice.choice([1, 1, 2, 5])
        up = self.dice.randrange(1 << n)
        self.seals.append((self.send(key, "seal", task=task, first=max(1, first), n=n,
                                     commitment=promise(key, task, max(1, first), n, up)), key, up))

    def tell(self):
        if not self.tasks:
            return
        task, n = self.dice.choice(self.tasks[-2:]), self.dice.choice([1, 1, 2, 4])
        owner = self.maker.state.entries[2, task].owner
        key = next((k for k in (ADA, BOB, CYD, DAN, EVE) if k.address == owner), ADA)
        none = self.dice.randrange(1 << n) & self.dice.randrange(1 << n)
        time = self.maker.time + self.dice.choice([-2, 0, 1, 2]) * MILLION
        self.send(key, "outcome", task=task, first=self.known(task) + 1, n=n, times=[time + i for i in range(n)], object=ZERO,
                  up=self.dice.randrange(1 << n) & ~none, none=none)

    def show(self):
        if self.seals:
            seal, key, up = self.dice.choice(self.seals[-10:])
            self.send(key, "reveal-seal", seal=seal, salt=ZERO, up=up if self.dice.random() < 0.9 else up ^ 1)
