"""bench chain: what it promises, and an attacker's hands on the chain it leaves behind: exit status 4, with height and
offset. The attacker is written here, from the format's page alone."""

import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from tap import case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
FOLDER = tempfile.mkdtemp(prefix="morphsmith-chain-bench-")
KEPT = os.path.join(FOLDER, "kept")
FILE = os.path.join(KEPT, "chain", "blocks.msc")
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("MORPHSMITH_", "XDG_"))}
ENVIRONMENT.update(HOME=FOLDER, LC_ALL="C.UTF-8", TERM="dumb", TMPDIR=FOLDER)

KINDS = ["transfer", "stake", "unstake", "task", "announce", "propose", "commit", "reveal", "open", "approve", "reject", "holdout"]


def call(*words, expect=0):
    done = subprocess.run([PROGRAM] + list(words), env=ENVIRONMENT, cwd=FOLDER, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    same(done.returncode, expect, "status of %s (%s)" % (" ".join(words), done.stderr.decode()[-500:]))
    return done.stdout.decode()


def frames(data):
    out, at = [], 0
    while at < len(data):
        payload = struct.unpack_from("<I", data, at + 8)[0]
        out.append(bytearray(data[at:at + 20 + payload]))
        at += 20 + payload + 32
    return out


def together(parts):
    """The file with frame hashes that fit, heights too, and where each frame begins."""
    out, previous, offsets = b"", bytes(32), []
    for height, part in enumerate(parts):
        part = bytes(part[:12]) + struct.pack("<Q", height) + bytes(part[20:])
        previous = hashlib.blake2b(previous + part, digest_size=32).digest()
        offsets.append(len(out))
        out += part + previous
    return out, offsets


def refused(data, height, offset, what, says=None):
    with open(FILE, "wb") as f:
        f.write(data)
    answer = json.loads(call("-w", KEPT, "chain", "verify", "--json", expect=4))
    check(not answer["ok"], what)
    same([answer["error"]["height"], answer["error"]["offset"]], [height, offset], "%s: %s" % (what, answer["error"]["reason"]))
    check(says is None or says in answer["error"]["reason"], "%s: %s" % (what, answer["error"]["reason"]))


@case("bench chain: every kind of transaction, rates and ratios, and no folder left behind")
def _():
    r = json.loads(call("bench", "chain", "--transactions", "1500", "--accounts", "60", "--threads", "2", "--keep", KEPT, "--json"))
    same(sorted(r["kinds"]), sorted(KINDS), "kinds")
    for kind in KINDS:
        check(r["kinds"][kind] > 0, "none of " + kind)
    same(sum(r["kinds"].values()), 1500, "transactions")
    same([r["transactions"], r["accounts"], r["threads"]], [1500, 60, 2], "what was asked for")
    same(r["bytes"], os.path.getsize(FILE), "bytes")
    for key in ("transactions_per_second", "signatures_per_second", "peak_rss_mb", "seconds", "seconds_to_open"):
        check(r[key] > 0, key)
    check(0 < r["of_libsodium"]["median"] < 3 and 0 < r["threads_over_one"]["median"] < 5, "ratios")
    before = sorted(os.listdir(FOLDER))
    alone = json.loads(call("bench", "chain", "--transactions", "1500", "--accounts", "60", "--threads", "1", "--json"))
    same([alone["bytes"], alone["kinds"], alone["threads_over_one"]], [r["bytes"], r["kinds"], None], "the same chain")
    same(sorted(os.listdir(FOLDER)), before, "what is left behind")
    answer = json.loads(call("-w", KEPT, "chain", "verify", "--json"))
    same([answer["ok"], answer["transactions"], answer["height"]], [True, 1500, r["blocks"]], "verified")
    call("bench", "chain", "--transactions", "100", "--accounts", "200", expect=2)
    call("bench", "chain", "--keep", KEPT, expect=1)


@case("bytes altered, cut off, re-hashed; blocks dropped, doubled, swapped: status 4, with height and offset")
def _():
    with open(FILE, "rb") as f:
        good = f.read()
    for name in ("blocks.len", "remembered"):
        path = os.path.join(KEPT, "chain", name)
        if os.path.exists(path):
            os.remove(path)
    parts = frames(good)
    again, offsets = together(parts)
    same(again, good, "the attacker's own pen")
    for height in range(len(parts)):
        at = offsets[height] + 20 + len(parts[height]) // 3
        refused(good[:at] + bytes([good[at] ^ 4]) + good[at + 1:], height, offsets[height], "a bit of block %d" % height)
        refused(good[:at], height, offsets[height], "cut inside of block %d" % height)
        changed = [bytearray(p) for p in parts]
        changed[height][20 + (len(parts[height]) - 20) // 2] ^= 1
        data, places = together(changed)
        # genesis is the chain's name: altered, block 1 is another chain's
        first = 1 if height == 0 else height
        refused(data, first, places[first], "a bit of block %d, re-hashed" % height)
        if height == 0:
            continue
        data, places = together(parts[:height] + parts[height + 1:])
        if height + 1 < len(parts):
            refused(data, height, places[height], "without block %d" % height, "its header says height %d" % (height + 1))
        data, places = together(parts[:height + 1] + parts[height:])
        refused(data, height + 1, places[height + 1], "block %d twice" % height, "its header says height %d" % height)
    for height in range(1, len(parts) - 1):
        data, places = together(parts[:height] + [parts[height + 1], parts[height]] + parts[height + 2:])
        refused(data, height, places[height], "blocks %d and %d swapped" % (height, height + 1), "its header says height")


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
