"""The harness itself, on programs that every system has: it must see what is there and fail on what is not."""

import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import harness
from tap import Failed, case, check, run, same

harness.required()


def fails(function, word):
    try:
        function()
    except Failed as error:
        check(word in str(error), "the message does not say %r: %s" % (word, error))
        return
    raise Failed("it did not fail")


@case("typed text and keys arrive, and are waited for")
def _():
    with harness.Terminal(["cat"]) as t:
        t.type("grow one node")
        t.keys("Enter")
        t.wait_for(r"^grow one node\ngrow one node$")


@case("waiting for what never comes fails and shows the screen")
def _():
    with harness.Terminal(["sh", "-c", "echo only this; cat"]) as t:
        t.wait_for("only this")
        fails(lambda: t.wait_for("something else", seconds=0.2), "only this")


@case("a refused text fails when it is there, and only then")
def _():
    with harness.Terminal(["sh", "-c", "echo error 7; cat"]) as t:
        t.wait_for("error")
        fails(lambda: t.refuse(r"error \d"), "error 7")
        t.refuse("warning")


@case("the terminal has the size and the name that were asked for")
def _():
    with harness.Terminal(["sh", "-c", "stty size; echo $TERM; cat"], size=(132, 43), term="screen-256color") as t:
        t.wait_for(r"^43 132\nscreen-256color$")


@case("a resize reaches the program")
def _():
    script = "trap 'stty size' WINCH; echo ready; while :; do read -r line; done"
    with harness.Terminal(["sh", "-c", script]) as t:
        t.wait_for("ready")
        t.resize(60, 20)
        t.wait_for("^20 60$")


@case("the last screen and the exit status outlive the program")
def _():
    with harness.Terminal(["sh", "-c", "echo bye; exit 5"]) as t:
        same(t.status(), 5, "status")
        check("bye" in t.snapshot(), t.snapshot())
    for number in (signal.SIGTERM, signal.SIGINT):
        with harness.Terminal(["cat"]) as t:
            t.signal(number)
            same(t.status(), 128 + number, "status after a signal")


@case("Ctrl-C at the terminal ends the program, not the terminal")
def _():
    with harness.Terminal(["sh", "-c", "trap 'echo caught; exit 7' INT; echo ready; while :; do read -r line; done"]) as t:
        t.wait_for("ready")
        t.keys("C-c")
        same(t.status(), 7, "status")
        t.wait_for("caught")


@case("wide characters and braille come through")
def _():
    with harness.Terminal(["cat"]) as t:
        t.type("⣿ 網 é")
        t.keys("Enter")
        t.wait_for("⣿ 網 é\n⣿ 網 é")


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@case("neither the server nor the program nor a file is left behind")
def _():
    t = harness.Terminal(["cat"])
    left = [int(t.tmux("display-message", "-p", "#{pid}")), int(t.tmux("display-message", "-p", "#{pane_pid}")),
            int(t.until(lambda: t.note("pid"), "the program"))]
    t.close()
    check(not os.path.exists(t.folder), "the folder is still there")
    end = time.monotonic() + 10
    while any(alive(pid) for pid in left) and time.monotonic() < end:
        time.sleep(harness.POLL_SECONDS)
    same([pid for pid in left if alive(pid)], [], "processes that still run")


run()
