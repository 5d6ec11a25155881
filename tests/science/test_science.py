"""The check of the evidence's truth (science.py) on two seeds of each kind, small: it runs, keeps, goes on, counts."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))

from tap import case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(HERE, "..", ".."))
SCRIPT = os.path.join(HERE, "science.py")
FOLDER = tempfile.mkdtemp(prefix="morphsmith-science-")
KEEP = os.path.join(FOLDER, "keep.jsonl")
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("MORPHSMITH_", "XDG_"))}
ENVIRONMENT.update(LC_ALL="C.UTF-8", TMPDIR=FOLDER,
                   MORPHSMITH=os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith"))

spec = importlib.util.spec_from_file_location("science", SCRIPT)
science = importlib.util.module_from_spec(spec)
sys.dont_write_bytecode = True
spec.loader.exec_module(science)


def call(*options):
    done = subprocess.run([sys.executable, SCRIPT, "--first", "1", "--seeds", "2", "--jobs", "1", "--bars", "12000",
                           "--bayes", "0.6", "--keep", KEEP, *options], env=ENVIRONMENT, cwd=FOLDER, timeout=600,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    return done


@case("two seeds of each kind come to the right verdict")
def _():
    done = call()
    same(done.returncode, 0, "exit status (%s%s)" % (done.stdout[-600:], done.stderr[-600:]))
    check('ok noise: "no evidence" in 2 of 2' in done.stdout, done.stdout)
    check('ok planted: "evidence" in 2 of 2' in done.stdout, done.stdout)


@case("what is kept is not run again, and a torn line is")
def _():
    with open(KEEP, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    same(len(rows), 4, "lines kept")
    with open(KEEP, "w", encoding="utf-8") as out:
        out.write("".join(json.dumps(r) + "\n" for r in rows[:3]) + json.dumps(rows[3])[:20])
    done = call()
    check("1 of 4 runs to do" in done.stdout, done.stdout)
    again = science.kept(KEEP, 12000, 0.6)
    same(sorted(again), sorted((r["kind"], r["seed"]) for r in rows), "what is kept")
    same(again[rows[3]["kind"], rows[3]["seed"]]["p"], rows[3]["p"], "the same seed's p")


@case("a wrong verdict fails")
def _():
    rows = list(science.kept(KEEP, 12000, 0.6).values())
    with open(KEEP, "w", encoding="utf-8") as out:
        for r in rows:
            r["skill"] = r["skill"] if r["kind"] == "planted" else True
            out.write(json.dumps(r) + "\n")
    done = call()
    same(done.returncode, 1, "exit status")
    check("NOT OK noise" in done.stdout and "ok planted" in done.stdout, done.stdout)


@case("the binomial interval is that of Clopper and Pearson")
def _():
    for n, k, low, high in ((100, 95, 0.8872, 0.9836), (100, 90, 0.8238, 0.9510), (10, 0, 0.0, 0.3085), (2, 2, 0.1581, 1.0)):
        got = science.interval(n, k)
        check(abs(got[0] - low) < 1e-4 and abs(got[1] - high) < 1e-4, "%d of %d: %r" % (k, n, got))


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
