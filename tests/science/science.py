#!/usr/bin/env python3
"""Does the sentence of evidence tell the truth? The real program, end to end, on markets whose answer is known.

For each seed: `synth`, `data add`, `task set`, `search`; the verdict is the "evidence" of the search's last line.
  noise     a random walk: nothing can be found. "No evidence" in at least 95 of 100.
  planted   40,000 bars, Bayes accuracy 56 %: "Evidence" in at least 90 of 100.
The settings are the same for both and stand below; one thread each, --jobs of them at a time. They were chosen on seeds
below 100; the check itself takes seeds from 1001 on.

Verdicts are kept as lines of JSON in --keep FILE as they come, so that a run that was stopped goes on; a line counts
only for the settings it was made with. Exit status 1 where a count is too low.

  science.py [--seeds N] [--first S] [--jobs N] [--keep FILE] [--bars N] [--bayes P] [--kinds noise,planted]
"""
import argparse
import concurrent.futures
import json
import math
import os
import subprocess
import sys
import tempfile
import time

BARS, BAYES = 40000, 0.56
LEAST = {"noise": 0.95, "planted": 0.90}
TASK = ["--lookback", "12", "--folds", "5"]
START = ["mlp", "--width", "32"]
SEARCH = ["--strategy", "bayes", "--trials", "6", "--workers", "1", "--deterministic", "--epochs", "5", "--batch", "128"]


def settings(bars, bayes):
    return " ".join([f"bars {bars} bayes {bayes}", *TASK, *START, *SEARCH])


def ask(*arguments):
    """The last line of what the program says, as JSON."""
    program = os.environ.get("MORPHSMITH", "./morphsmith")
    done = subprocess.run([program, "--json", *arguments], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()[-400:]}")
    text = done.stdout.strip()
    return json.loads(text if text.startswith("{\n") else text.splitlines()[-1])


def run(kind, seed, bars, share):
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="morphsmith-science-") as folder:
        csv, work = os.path.join(folder, "market.csv"), os.path.join(folder, "w")
        bayes = ["--bayes", str(share)] if kind == "planted" else []
        ask("synth", kind, "--seed", str(seed), "--bars", str(bars), *bayes, csv)
        ask("init", work)
        ask("-w", work, "data", "add", csv, "--asset", "market")
        ask("-w", work, "task", "set", "--asset", "market", *TASK)
        ask("-w", work, "arch", "new", *START)
        last = ask("-w", work, "search", "--seed", str(seed), *SEARCH)
    evidence = last["evidence"]
    return {"kind": kind, "seed": seed, "settings": settings(bars, share), "skill": evidence["skill"], "p": evidence["p"],
            "trials": evidence["trials"], "score": last["best"]["score"]["mean"], "sentence": evidence["sentence"],
            "seconds": round(time.monotonic() - began, 2)}


def kept(path, bars, share):
    """By kind and seed; a last line that was torn is left out."""
    found = {}
    if path and os.path.exists(path):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                try:
                    one = json.loads(line)
                except ValueError:
                    continue
                if one.get("settings") == settings(bars, share):
                    found[one["kind"], one["seed"]] = one
    return found


def tail(n, k, share):
    """Chance of at least k of n."""
    return sum(math.comb(n, i) * share ** i * (1 - share) ** (n - i) for i in range(k, n + 1))


def interval(n, k):
    """Clopper and Pearson 1934, 95 %, by bisection."""
    def solve(right):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if right(middle) else (low, middle)
        return low
    low = 0.0 if k == 0 else solve(lambda s: tail(n, k, s) < 0.025)
    high = 1.0 if k == n else solve(lambda s: 1 - tail(n, k + 1, s) > 0.025)
    return low, high


def report(kind, rows):
    n = len(rows)
    right = sum(r["skill"] == (kind == "planted") for r in rows)
    low, high = interval(n, right)
    what = "evidence" if kind == "planted" else "no evidence"
    ok = right >= LEAST[kind] * n
    print(f"{'ok' if ok else 'NOT OK'} {kind}: \"{what}\" in {right} of {n} (at least {math.ceil(LEAST[kind] * n)}), "
          f"95 % interval {100 * low:.1f} % to {100 * high:.1f} %; best scores {min(r['score'] for r in rows):.4f} to "
          f"{max(r['score'] for r in rows):.4f}; {sum(r['seconds'] for r in rows):.0f} s of runs", flush=True)
    return ok


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--seeds", type=int, default=100)
    p.add_argument("--first", type=int, default=1001)
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    p.add_argument("--bars", type=int, default=BARS)
    p.add_argument("--bayes", type=float, default=BAYES)
    p.add_argument("--kinds", default="noise,planted")
    p.add_argument("--keep")
    a = p.parse_args()
    kinds, found = a.kinds.split(","), kept(a.keep, a.bars, a.bayes)
    wanted = [(k, s) for s in range(a.first, a.first + a.seeds) for k in kinds]
    left = [w for w in wanted if w not in found]
    print(f"settings: {settings(a.bars, a.bayes)}; seeds {a.first} to {a.first + a.seeds - 1}; {len(left)} of {len(wanted)} runs "
          f"to do, {a.jobs} at a time", flush=True)
    if a.keep and os.path.exists(a.keep):
        with open(a.keep, "rb+") as torn:
            torn.seek(0, os.SEEK_END)
            if torn.tell() > 0:
                torn.seek(-1, os.SEEK_END)
                if torn.read(1) != b"\n":
                    torn.write(b"\n")
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
        for i, one in enumerate(pool.map(lambda w: run(*w, a.bars, a.bayes), left), 1):
            found[one["kind"], one["seed"]] = one
            if a.keep:
                with open(a.keep, "a", encoding="utf-8") as out:
                    out.write(json.dumps(one) + "\n")
            span = (time.monotonic() - began) / i * (len(left) - i)
            print(f"{i} of {len(left)}: {one['kind']} {one['seed']}: {'skill' if one['skill'] else 'none'}, p {one['p']:.3g}, "
                  f"{one['score']:.4f}, {one['seconds']} s; about {span / 60:.1f} min left", flush=True)
    return 0 if all([report(k, [found[k, s] for kk, s in wanted if kk == k]) for k in kinds]) else 1


if __name__ == "__main__":
    sys.exit(main())
