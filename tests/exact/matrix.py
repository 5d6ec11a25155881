"""The golden hashes from every compiler, at -O0 and -O3, with every kernel, with 1, 2 and 4 threads, on x86-64 and on
aarch64 (built by cross compilers, run under qemu-user).

`make check-exact` says in exact/plan how this build compiles: which sources, which flags. The programs are built in
exact/NAME and kept there. Only blake2b.c stands in for libsodium, which cross compilers have none of."""

import concurrent.futures
import os
import platform
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from proof import THREADS, kernels_of, must_be_golden, must_keep_denormals
from tap import Failed, Skip, case, check, run, skip_all

TOP = os.path.join(HERE, "..", "..")
X86, ARM = "x86_64", "aarch64"

# name, machine, compiler and its flags
VARIANTS = [
    ("gcc-O0", X86, "gcc", "-O0"),
    ("gcc-O3", X86, "gcc", "-O3"),
    ("gcc-native", X86, "gcc", "-O3 -march=native"),
    ("clang-O0", X86, "clang", "-O0"),
    ("clang-O3", X86, "clang", "-O3"),
    ("aarch64-gcc-O0", ARM, "aarch64-linux-gnu-gcc", "-O0"),
    ("aarch64-gcc-O3", ARM, "aarch64-linux-gnu-gcc", "-O3"),
    ("aarch64-clang-O3", ARM, "clang --target=aarch64-linux-gnu", "-O3"),
]


def read_plan():
    try:
        with open("exact/plan", encoding="utf-8") as f:
            return {key: words.split() for key, words in (line.rstrip("\n").split(" ", 1) for line in f)}
    except FileNotFoundError:
        skip_all("make check-exact says how to build")


PLAN = read_plan()


def newest_header():
    found = 0.0
    for folder in (os.path.join(TOP, "src"), HERE, "src", "."):
        for place, folders, files in os.walk(folder):
            if folder == ".":
                folders.clear()
            found = max([found] + [os.path.getmtime(os.path.join(place, f)) for f in files if f.endswith(".h")])
    return found


HEADERS = newest_header()


def units(machine):
    """What is compiled: (source, further flags, suffix of the object). Sources of data that no claim needs are left out:
    they read CSV files and want a library for it."""
    own = PLAN["base"] + PLAN["net"] + PLAN["train"] + PLAN["prove"]
    own += [f for f in PLAN["data"] if os.path.basename(f)[:-2] + ".o" in PLAN["members"]]
    yield from ((f, [], "") for f in own if f.endswith(".c"))
    if machine == X86:
        yield from ((f, PLAN["vmath_flags"], "-fma") for f in PLAN["vmath"] if f.endswith(".c"))
        yield from ((f, PLAN["avx512_flags"], "") for f in PLAN["avx512"])
        yield from ((f, PLAN["avx2_flags"], "") for f in PLAN["avx2"])


def must_run(command, what):
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(out.returncode == 0, "%s: %s" % (what, out.stdout[-2000:]))


def compile_one(folder, command, unit):
    source, flags, suffix = unit
    target = os.path.join(folder, source[:-2].replace("/", "_") + suffix + ".o")
    path = os.path.join(TOP, source)
    if os.path.exists(target) and os.path.getmtime(target) > max(os.path.getmtime(path), HEADERS):
        return target
    must_run([*command, *flags, "-c", "-o", target, path], source)
    return target


def build(name, machine, compiler, flags):
    folder = os.path.join("exact", name)
    os.makedirs(folder, exist_ok=True)
    stand_in = ["-I" + os.path.join(HERE, "stand_in")]
    command = [*compiler.split(), *stand_in, *PLAN["cppflags"], *PLAN["cflags"], *flags.split()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(lambda unit: compile_one(folder, command, unit), units(machine)))
    # An archive: of two sources of one name only the one that is needed gets in.
    archive, program = os.path.join(folder, "all.a"), os.path.join(folder, "prove")
    main = [o for o in objects if o.endswith("prove.o")]
    if os.path.exists(archive):
        os.remove(archive)
    ar = "ar" if platform.machine() == machine else "aarch64-linux-gnu-ar"
    must_run([ar, "rcs", archive, *objects], "archive")
    must_run([*compiler.split(), "-static", "-pthread", "-o", program, *main, archive, "-lm"], "linking")
    return [os.path.abspath(program)]


def how_to_run(machine):
    """What stands before the program; Skip where this machine cannot run it."""
    if platform.machine() == machine:
        return []
    if machine == ARM:
        for emulator in ("qemu-aarch64", "qemu-aarch64-static"):
            if shutil.which(emulator):
                return [emulator]
        raise Skip("qemu-aarch64 is not installed (Debian: qemu-user)")
    raise Skip("this machine is no %s" % machine)


BUILT = {}
POOL = concurrent.futures.ThreadPoolExecutor(os.cpu_count())


def runs_of(machine, flags):
    """(kernel, threads): all, but for what an emulator takes a minute for each, code that is not optimised."""
    kernels = kernels_of(machine)
    if platform.machine() != machine and flags == "-O0":
        return [(kernels[0], 1)] + [(kernels[1], threads) for threads in THREADS]
    return [(isa, threads) for isa in kernels for threads in THREADS]


def add_cases(name, machine, compiler, flags):
    started = {}

    def start(before):
        """All of its runs at once, side by side."""
        program = before + build(name, machine, compiler, flags)
        for isa, threads in runs_of(machine, flags):
            started[isa, threads] = POOL.submit(must_be_golden, program, isa, threads)
        for isa in kernels_of(machine):
            started[isa, "denormals"] = POOL.submit(must_keep_denormals, program, isa)
        BUILT[name] = program

    def must_hold(*which):
        if name not in BUILT:
            raise Failed("it was not built")
        if BUILT[name] is None:
            raise Skip("it was not built")
        started[which].result()

    @case("%s is built" % name)
    def _():
        BUILT[name] = None
        if not shutil.which(compiler.split()[0]):
            raise Skip("%s is not installed" % compiler.split()[0])
        if machine == ARM and compiler.startswith("clang") and not shutil.which("aarch64-linux-gnu-gcc"):
            raise Skip("clang finds no C library for aarch64 (Debian: gcc-aarch64-linux-gnu)")
        before = how_to_run(machine)
        del BUILT[name]
        start(before)

    for isa, threads in runs_of(machine, flags):
        case("%s, %s, %d threads" % (name, isa, threads))(
            lambda isa=isa, threads=threads: must_hold(isa, threads))
    for isa in kernels_of(machine):
        case("%s, %s keeps denormals" % (name, isa))(lambda isa=isa: must_hold(isa, "denormals"))


chosen = os.environ.get("EXACT", "").split()  # make check-exact EXACT="gcc-O3 aarch64-gcc-O3"
for variant in VARIANTS:
    if not chosen or variant[0] in chosen:
        add_cases(*variant)
run()
