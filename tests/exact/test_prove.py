"""This build gives the golden hashes with every kernel that runs here and with 1, 2 and 4 threads.

MORPHSMITH_UPDATE_GOLDENS=1 writes golden.txt, which is right only together with a new NUMERIC_VERSION (or with more
networks: then no line that was there may change)."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from proof import GOLDEN, THREADS, kernels_of, must_be_golden, must_keep_denormals
from tap import case, run

PROGRAM = [os.path.abspath("tests/exact/prove")]

if os.environ.get("MORPHSMITH_UPDATE_GOLDENS"):
    lines = subprocess.run(PROGRAM, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    with open(GOLDEN, "w", encoding="ascii") as f:
        f.write("\n".join([lines[0].split(",")[0], *lines[1:]]) + "\n")

for isa in kernels_of(os.uname().machine):
    for threads in THREADS:
        case("%s, %d threads" % (isa, threads))(lambda isa=isa, threads=threads: must_be_golden(PROGRAM, isa, threads))
    case("%s keeps denormals" % isa)(lambda isa=isa: must_keep_denormals(PROGRAM, isa))

run()
