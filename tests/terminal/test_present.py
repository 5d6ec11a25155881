"""The terminal is given back however the program ends, on the widgets' demonstration: it can crash at a key."""

import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import harness
from tap import case, check, run, same, skip_all

harness.required()

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.path.dirname(os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith"))
DEMO = os.path.join(BUILD, "tests", "unit", "ui_demo")
# cores are of no use here; what a sanitizer says about the crash made on purpose would hide the frame behind it
START = "ulimit -c 0; export ASAN_OPTIONS=handle_segv=0:handle_abort=0:allow_user_segv_handler=1; "

if not os.access(DEMO, os.X_OK):
    skip_all("%s is not built" % DEMO)


def demo(before="echo before", after="", folder="w", **more):
    """The demonstration between two marks, in a shell that then says what state the terminal is in."""
    script = START + "%s; %s %s %s; echo \"ended $?\"; stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo|isig|opost)' | " \
        "tr '\\n' ' '; echo; echo over; exec cat" % (before, "mkdir -p %s; %s" % (folder, DEMO), folder, after)
    return harness.Terminal(["sh", "-c", script], **more)


def restored(t, status):
    t.wait_for("^over$")
    t.wait_for("^ended %d$" % status)
    t.wait_for("^before$")  # the screen that was there, not the frame
    t.refuse(r"\[\d (Graph|Train)\]")
    got = t.wait_for(r"^.*icanon.*$").group().split()
    same(sorted(got), ["echo", "icanon", "isig", "opost"], "the terminal's modes")
    same(t.tmux("display-message", "-p", "-t", "t", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}").split(),
         ["0", "1", "0"], "other screen, cursor, mouse")


@case("leaving by q")
def _():
    with demo() as t:
        t.wait_for(r"\[1 Graph\]")
        same(t.tmux("display-message", "-p", "-t", "t", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}").split(),
             ["1", "0", "1"], "other screen, cursor, mouse")
        t.keys("q")
        restored(t, 0)


@case("a crash of its own")
def _():
    with demo() as t:
        t.wait_for(r"\[1 Graph\]")
        t.keys("2", "B")
        restored(t, 128 + signal.SIGSEGV)


@case("fatal signals and polite ones from outside")
def _():
    for number in (signal.SIGABRT, signal.SIGFPE, signal.SIGBUS, signal.SIGILL, signal.SIGTERM, signal.SIGHUP,
                   signal.SIGINT, signal.SIGQUIT):
        with demo(before='echo before; echo "number $$"') as t:
            t.wait_for(r"\[1 Graph\]")
            children = "/proc/%s/task/%s/children" % ((t.note("pid"),) * 2)
            with open(children, encoding="ascii") as f:
                os.kill(int(f.read().split()[-1]), number)
            restored(t, 128 + number)


@case("the end of its input")
def _():
    with harness.Terminal(["sh", "-c", "echo before; : | %s; echo \"ended $?\"; echo over; exec cat" % DEMO]) as t:
        t.wait_for("^before$")
        t.wait_for("^ended 0$")


@case("a stop that nobody can see coming: the frame comes back whole")
def _():
    with demo() as t:
        t.wait_for(r"\[1 Graph\]")
        with open("/proc/%s/task/%s/children" % ((t.note("pid"),) * 2), encoding="ascii") as f:
            child = int(f.read().split()[-1])
        os.kill(child, signal.SIGSTOP)
        t.tmux("send-keys", "-t", "t", "-R")  # the terminal forgets what it shows
        t.wait_gone(r"\[1 Graph\]")
        os.kill(child, signal.SIGCONT)
        t.wait_for(r"\[1 Graph\]")
        t.keys("q")
        restored(t, 0)


@case("what libraries print goes to the log, not over the frame")
def _():
    with demo(after="; cat w/log.txt") as t:
        t.wait_for(r"\[1 Graph\]")
        t.keys("2", "o")
        t.wait_for("printed")
        t.refuse("library speaks")
        t.keys("q")
        t.wait_for("^library speaks on 1$")
        t.wait_for("^library speaks on 2$")


@case("keys are read whole: arrows, a lone Esc, letters beyond ASCII, a click")
def _():
    with demo() as t:
        t.wait_for(r"▸ input")
        t.keys("Down")
        t.wait_for(r"▸ conv1d")
        t.keys("/")
        t.wait_for("Search")
        t.type("née 日本")
        t.wait_for("née 日本")
        t.keys("Esc")
        t.wait_gone("Search")
        t.click(13, 0)
        t.wait_for(r"\[2 Train\]")
        t.keys("é")
        t.wait_for("é does nothing here")


run()
