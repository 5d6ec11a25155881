"""The rules of the house that a program can check. Each takes the root of a tree and yields breaches as text.

They read the sources with comments and string literals blanked out, so that words in prose break nothing.
"""

import fnmatch
import glob
import os
import re
import subprocess

# A folder may include itself and the floors named here.
ENGINE = ["base", "data", "net", "train", "search"]
FLOORS = {name: ENGINE[:i] for i, name in enumerate(ENGINE)}
FLOORS["chain"] = ["base"]
for _name in ["store", "work", "export", "action", "cmd", "ui"]:
    FLOORS[_name] = list(FLOORS)
FLOORS["main"] = list(FLOORS)

TOP_LEVEL = ["configure.ac", "Makefile.am", "bootstrap", "README.md", "LICENSE", "src", "ui", "tests", "samples", "man"]
# What a build leaves beside them; a checkout ignores these names, a release holds some of them.
GENERATED = ["build*", "_build", "_inst", "Makefile.in", "aclocal.m4", "autom4te.cache", "configure", "configure~", "config.h.in",
             "config.h.in~"]

# The few places that may do what the rest may not, and why.
MAY_WRITE = {
    "src/base/error.c": "a failed ASSERT names its place before it aborts",
    "src/base/memory.c": "out of memory ends the program with a message",
}

BANNED = ["strcpy", "strcat", "sprintf", "vsprintf", "strtok", "gets", "atoi", "rand", "srand", "localtime"]
LIBM = ["exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "sin", "cos", "tan", "asin", "acos", "atan",
        "atan2", "sinh", "cosh", "tanh", "erf", "erfc", "cbrt", "hypot", "lgamma", "tgamma"]
EXACT_FLOORS = ["data", "net", "train", "search", "chain"]


# --- reading the tree ------------------------------------------------------------------------------------------------

def files(root):
    """Paths relative to root: what is tracked, or in a tree without git all that is no build product."""
    if os.path.isdir(os.path.join(root, ".git")) or os.path.isfile(os.path.join(root, ".git")):
        try:
            listed = subprocess.run(["git", "-C", root, "-c", "safe.directory=*", "ls-files", "-z"], check=True,
                                    capture_output=True).stdout.decode()
            if listed:
                return sorted(name for name in listed.split("\0") if name and os.path.exists(os.path.join(root, name)))
        except (OSError, subprocess.CalledProcessError):
            pass
    found = []
    for folder, folders, names in os.walk(root):
        inner = os.path.relpath(folder, root)
        if inner == ".":
            folders[:] = [f for f in folders if f != ".git" and not generated(f)]
            names = [n for n in names if n != ".git" and not generated(n)]
        folders[:] = [f for f in folders if f not in (".deps", ".dirstamp", "__pycache__")]
        found += [os.path.normpath(os.path.join(inner, n)) for n in names if not n.endswith((".o", ".a", "~"))]
    return sorted(found)


def generated(name):
    return any(fnmatch.fnmatch(name, pattern) for pattern in GENERATED)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        return f.read()


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def code(text):
    """The text with comments and literals as spaces; includes keep theirs. Lines stay where they are."""
    lines = []
    pieces = TOKEN.sub(blank, text).split("\n")
    for got, original in zip(pieces, text.split("\n")):
        keeps = re.match(r"\s*#\s*include\b", got)
        lines.append(original if keeps else got)
    return "\n".join(lines)


def sources(root, suffixes=(".c", ".h", ".inc")):
    return [p for p in files(root) if p.startswith(("src/", "ui/")) and p.endswith(suffixes)]


def fragments(root):
    return "\n".join(read(root, p) for p in files(root) if p.endswith(".mk") or p == "Makefile.am")


def floor_of(path):
    if path == "src/main.c":
        return "main"
    parts = path.split("/")
    return "ui" if parts[0] == "ui" else parts[1] if len(parts) > 2 else None


def calls(root, path, names):
    """Lines that call one of the functions: not a member, not a declaration with that name."""
    pattern = re.compile(r"(?<![\w.])(?<!->)(?<!\bstruct )(%s)\s*\(" % "|".join(names))
    for number, line in enumerate(code(read(root, path)).split("\n"), 1):
        if re.match(r"\s*#", line):
            continue
        for match in pattern.finditer(line):
            yield number, match.group(1), line


# --- the rules -------------------------------------------------------------------------------------------------------

def floors(root):
    """Every include of src/ and ui/ stays on its floor or below, and is written from the root of src/."""
    generated_sources = set(re.findall(r"[\w./-]+", " ".join(re.findall(r"^nodist_.*=(.*)$", fragments(root), re.M))))
    for path in sources(root):
        mine = floor_of(path)
        if mine not in FLOORS:
            yield "%s: stands on no floor" % path
            continue
        for number, line in enumerate(code(read(root, path)).split("\n"), 1):
            match = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
            if not match or match.group(1) == "config.h":
                continue
            name = match.group(1)
            where = "%s:%d" % (path, number)
            target = name if name.startswith("ui/") or name in generated_sources else "src/" + name
            if not os.path.exists(os.path.join(root, target)) and target not in generated_sources:
                yield "%s: \"%s\" is no path from src/ (write \"floor/name.h\")" % (where, name)
                continue
            theirs = floor_of(target)
            if theirs != mine and theirs not in FLOORS[mine]:
                yield "%s: %s may not include %s (\"%s\")" % (where, mine, theirs, name)


def curses(root):
    """Only ui/present.c knows curses."""
    for path in sources(root):
        if path == "ui/present.c":
            continue
        for number, line in enumerate(code(read(root, path)).split("\n"), 1):
            if re.match(r"\s*#\s*include\s*[<\"](ncursesw?/)?(n?cursesw?|term|panel|menu|form|termcap)\.h[>\"]", line):
                yield "%s:%d: curses outside ui/present.c" % (path, number)


def quiet(root):
    """Nothing prints and nothing ends the program but cmd/, main.c and what draws the screen."""
    speak = ["printf", "vprintf", "puts", "putchar", "perror"]
    leave = ["exit", "_exit", "_Exit", "quick_exit"]
    streams = re.compile(r"\b(fprintf|vfprintf|fputs|fputc|putc|fwrite|fflush)\s*\([^;]*\b(stdout|stderr)\b|"
                         r"(?<![\w.>])write\s*\(\s*(1|2|STDOUT_FILENO|STDERR_FILENO)\s*,")
    for path in sources(root):
        if floor_of(path) in ("cmd", "main") or path == "ui/present.c":
            continue
        for number, name, _ in calls(root, path, leave):
            yield "%s:%d: %s ends the program; return an error" % (path, number, name)
        if path in MAY_WRITE:
            continue
        for number, name, _ in calls(root, path, speak):
            yield "%s:%d: %s prints; hand the text up or log it" % (path, number, name)
        for number, line in enumerate(code(read(root, path)).split("\n"), 1):
            if streams.search(line):
                yield "%s:%d: writes to the terminal; hand the text up or log it" % (path, number)


def banned(root):
    """Functions that are banned by name, in the tests' C too. setlocale is main's alone."""
    everywhere = [p for p in files(root) if p.endswith((".c", ".h", ".inc")) and p.startswith(("src/", "ui/", "tests/"))]
    for path in everywhere:
        if path == "src/base/banned.h":
            continue
        for number, name, _ in calls(root, path, BANNED):
            yield "%s:%d: %s is banned (see src/base/banned.h)" % (path, number, name)
        if path != "src/main.c" and not path.startswith("tests/"):
            for number, line in enumerate(code(read(root, path)).split("\n"), 1):
                if re.search(r"\bsetlocale\b", line):
                    yield "%s:%d: only main sets the locale" % (path, number)


def exact(root):
    """What is hashed or compared uses base/vmath: a libm gives other bits on another machine."""
    names = [n + suffix for n in LIBM for suffix in ("", "f", "l")]
    for path in sources(root):
        if floor_of(path) not in EXACT_FLOORS:
            continue
        for number, name, line in calls(root, path, names):
            if not re.match(r"\s*(static |extern |const )*(double|float|bool|void)\s*\*?\s*%s\s*\(" % name, line):
                yield "%s:%d: %s of libm; use base/vmath" % (path, number, name)


def checks(root):
    """CHECK stands in the floor chain alone: make check-checks compiles and runs no other floor's tests with it."""
    for path in sources(root):
        if floor_of(path) == "chain" or path == "src/base/error.h":
            continue
        for number, _, _ in calls(root, path, ["CHECK"]):
            yield "%s:%d: CHECK outside the floor chain: add its tests to checks_tests in tests/local.mk" % (path, number)


def listed(root):
    """Every source is named in a makefile fragment: else it is neither built nor in a release."""
    named = set(re.findall(r"[\w./-]+", fragments(root)))
    for path in files(root):
        if path.startswith(("src/", "ui/", "tests/")) and path.endswith((".c", ".h", ".inc", ".sql", ".py")):
            if path not in named and not (path.endswith(".c") and path[:-2] in named):  # NAME.c is automake's source of a program NAME
                yield "%s: no local.mk names it" % path


def headers(root):
    """A header opens by saying what the module is, and can be included twice."""
    for path in sources(root, (".h",)):
        text = read(root, path)
        if not text.startswith("/*"):
            yield "%s: opens with no comment that says what it is" % path
        # Pieces of a file that is compiled several times say so instead.
        piece = re.search(r"\b(part of|include after)\b", text.split("*/")[0])
        if not piece and not re.search(r"#ifndef (\w+)\n#define \1\n", text):
            yield "%s: has no include guard" % path


def top_level(root):
    """The first folder stays small enough to read at a glance."""
    for name in sorted({p.split("/")[0] for p in files(root)}):
        if name not in TOP_LEVEL and not name.startswith("."):
            yield "%s: does not belong at the top level" % name


def words(root):
    """Nothing that is true on one machine alone: its folders, its package mirrors."""
    tops = "|".join(["work", "var/tmp", "home/[a-z][a-z0-9_-]*"])
    pattern = re.compile(r"(?<![\w.)}/*\]-])/(%s)/|https?://[^\s/]*(registry|artifactory|mirror|localhost|127\.0\.0\.1)"
                         % tops)
    for path in files(root):
        if path.endswith((".csv", ".png", ".bin", ".msc")):
            continue
        for number, line in enumerate(read(root, path).split("\n"), 1):
            match = pattern.search(line)
            if match:
                yield "%s:%d: speaks of one machine: %s" % (path, number, match.group())


ALL = [floors, curses, quiet, banned, exact, checks, listed, headers, top_level, words]


def names(build):
    """A name that other files can see is defined once in the whole program."""
    libraries = sorted(glob.glob(os.path.join(build, "src", "*", "lib*.a")) + glob.glob(os.path.join(build, "ui", "lib*.a")))
    if not libraries:
        yield "%s: no libraries are built here" % build
        return
    out = subprocess.run(["nm", "-A", "--defined-only", "--extern-only"] + libraries, check=True, capture_output=True).stdout
    places = {}
    for line in out.decode().splitlines():
        if len(line.split()) < 3:  # the head of an archive's member
            continue
        library = os.path.relpath(line.split(".a:")[0] + ".a", build)
        places.setdefault(line.split()[-1], []).append(library)
    for name, where in sorted(places.items()):
        if len(where) > 1:
            yield "%s: defined in %s" % (name, " and in ".join(where))


# --- reported, never failed ------------------------------------------------------------------------------------------

def long_functions(root, limit=60):
    """(lines, path, name) of functions over the limit; a function starts at its brace in the first column."""
    for path in sources(root, (".c",)):
        lines = code(read(root, path)).split("\n")
        start = None
        for number, line in enumerate(lines):
            if line.startswith("{"):
                start = number
            elif line.startswith("}") and start is not None:
                if number - start + 1 > limit:
                    head = " ".join(lines[max(0, start - 3):start])
                    names = re.findall(r"(\w+)\s*\(", head)
                    yield number - start + 1, path, names[0] if names else "?"
                start = None


def long_files(root, limit=600):
    for path in sources(root, (".c",)):
        count = read(root, path).count("\n")
        if count > limit:
            yield count, path
