"""bootstrap's handling of packages, with stand-ins for the system's tools: nothing is installed by this test."""

import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))

from tap import case, check, run, same

BOOTSTRAP = os.path.join(HERE, "..", "..", "bootstrap")
TOOLS = ["sh", "dirname", "tr", "tail", "rm", "mktemp", "env", "cat"]


def bootstrap(*words, installed=(), user=0, sudo=None, apt_status=0, dpkg=True):
    """Runs bootstrap where only these packages are installed. Returns status, output, messages, calls of apt-get."""
    with tempfile.TemporaryDirectory(prefix="morphsmith-bootstrap-") as folder:
        tools = os.path.join(folder, "bin")
        os.mkdir(tools)
        shutil.copy(BOOTSTRAP, os.path.join(folder, "bootstrap"))
        for name in TOOLS:
            os.symlink(shutil.which(name), os.path.join(tools, name))

        def tool(name, text):
            path = os.path.join(tools, name)
            with open(path, "w", encoding="utf-8") as f:
                f.write("#!/bin/sh\n" + text + "\n")
            os.chmod(path, 0o755)
        calls = os.path.join(folder, "calls")
        if dpkg:
            tool("dpkg-query", 'for last; do :; done\ncase " %s " in *" $last "*) echo installed;; *) exit 1;; esac'
                 % " ".join(installed))
        tool("id", "echo %d" % user)
        tool("apt-get", 'echo "$*" >>"%s"\necho "E: no such package" >&2\nexit %d' % (calls, apt_status))
        if sudo is not None:
            tool("sudo", '[ "$1" = -n ] && exit %d\necho sudo >>"%s"\nexec "$@"' % (sudo, calls))
        done = subprocess.run([os.path.join(folder, "bootstrap"), *words], env={"PATH": tools, "TMPDIR": folder},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            with open(calls, encoding="utf-8") as f:
                called = f.read().splitlines()
        except FileNotFoundError:
            called = []
        return done.returncode, done.stdout, done.stderr, called


def needed(name):
    """The packages of a set, as bootstrap asks for them on a system that has none."""
    return bootstrap("packages", name)[3][-1].split("--no-install-recommends ")[1].split()


@case("the sets lie within each other")
def _():
    build, check_set, ci = needed("build"), needed("check"), needed("ci")
    check("gcc" in build and "libcmocka-dev" not in build, build)
    check("libcmocka-dev" in check_set and "tmux" in check_set and "clang" in ci, check_set)
    check(set(build) < set(check_set) < set(ci), "not nested")


@case("with nothing missing apt-get is not called")
def _():
    same(bootstrap("packages", "check", installed=needed("check")), (0, "", "", []), "outcome")


@case("only what is missing is installed, after one update")
def _():
    have = [name for name in needed("check") if name not in ("tmux", "libcsv-dev")]
    status, _, messages, calls = bootstrap("packages", "check", installed=have)
    same(status, 0, "status")
    same(calls, ["update", "install -y --no-install-recommends libcsv-dev tmux"], "calls")
    check("installing: libcsv-dev tmux" in messages, messages)


@case("another user installs through sudo")
def _():
    status, _, _, calls = bootstrap("packages", "build", user=1000, sudo=0)
    same((status, calls[0], calls[1]), (0, "sudo", "update"), "outcome")


@case("with neither root nor sudo: one line to run, and status 2")
def _():
    for sudo in (None, 1):
        status, out, messages, calls = bootstrap("packages", "build", user=1000, sudo=sudo)
        same((status, calls, out.count("\n")), (2, [], 1), "outcome")
        check(out.startswith("apt-get update && apt-get install -y --no-install-recommends gcc "), out)
        check("as root" in messages, messages)


@case("a failing apt-get is shown and ends it")
def _():
    status, _, messages, _ = bootstrap("packages", "build", apt_status=100)
    same(status, 1, "status")
    check("E: no such package" in messages, messages)


@case("another system goes on with what it has")
def _():
    status, _, messages, calls = bootstrap("packages", "build", dpkg=False)
    same((status, calls), (0, []), "outcome")
    check("no Debian" in messages, messages)


@case("wrong usage ends with status 2, none with help")
def _():
    same(bootstrap("install")[0], 2, "status")
    status, out, _, _ = bootstrap()
    same(status, 0, "status")
    check("./bootstrap" in out and "check" in out, out)


run()
