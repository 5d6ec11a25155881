"""A program in a real terminal: tmux on a socket of its own, without a config file, of a fixed size.

    with Terminal(["morphsmith"], size=(80, 24)) as t:
        t.wait_for("Data")
        t.keys("2", "Down", "Enter")
        t.wait_for(r"lstm")
        t.refuse("error")

Nothing sleeps for a fixed time: waiting polls the screen until a text stands there or a limit is reached, and then fails
with the screen in the message. The program's last screen and its exit status stay readable after it ended.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time

from tap import Failed, skip_all

POLL_SECONDS = 0.02
LIMIT_SECONDS = float(os.environ.get("MORPHSMITH_TERMINAL_SECONDS", "30"))

# Runs the program in the foreground, notes its number and how it ended, and keeps the terminal open, so that the last
# screen stays. What is typed at the terminal (Ctrl-C) reaches the program alone.
KEEPER = """
folder=$1; shift
trap : INT QUIT TERM
sh -c 'echo $$ >"$0/pid.new" && mv "$0/pid.new" "$0/pid" && exec "$@"' "$folder" "$@"
echo $? >"$folder/status.new" && mv "$folder/status.new" "$folder/status"
trap '' INT QUIT TERM
exec sleep 86400
"""

# Names as the workbench writes them, for what tmux calls otherwise.
NAMES = {"Esc": "Escape", "PgUp": "PageUp", "PgDn": "PageDown", "Backspace": "BSpace", "Del": "DC", "Ins": "IC"}


def required():
    """Skips the whole test where there is nothing to run a terminal with."""
    if not shutil.which("tmux"):
        skip_all("tmux is not installed")
    try:
        for descriptor in os.openpty():
            os.close(descriptor)
    except OSError as error:
        skip_all("this system gives no pseudo-terminal: %s" % error.strerror)


class Terminal:
    def __init__(self, command, size=(80, 24), term="xterm-256color", env=None, cwd=None):
        self.folder = tempfile.mkdtemp(prefix="morphsmith-terminal-")
        self.socket = os.path.join(self.folder, "tmux")
        self.size = size
        config = os.path.join(self.folder, "config")
        with open(config, "w", encoding="utf-8") as f:
            f.write("set -g status off\nset -sg escape-time 0\nset -g default-terminal %s\n" % term)
        inner = {"LC_ALL": "C.UTF-8", **(env or {})}
        words = ["env", "-u", "TMUX", "-u", "TMUX_PANE"] + ["%s=%s" % pair for pair in inner.items()] + list(command)
        self.tmux("-f", config, "new-session", "-d", "-s", "t", "-x", str(size[0]), "-y", str(size[1]),
                  "-c", cwd or self.folder, "--", "sh", "-c", KEEPER, "sh", self.folder, *words)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def tmux(self, *words):
        env = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")}
        env["LC_ALL"] = "C.UTF-8"
        done = subprocess.run(["tmux", "-u", "-S", self.socket, *words], env=env, text=True, encoding="utf-8",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        if done.returncode != 0:
            raise Failed("tmux %s: %s" % (" ".join(words), done.stderr.strip()))
        return done.stdout

    def close(self):
        try:
            self.tmux("kill-server")
        except Failed:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- doing ---------------------------------------------------------------------------------------------------

    def keys(self, *names):
        """Keys by name (Enter, Esc, Up, PgDn, C-c, F1, x). A single character is that key."""
        for name in names:
            if len(name) == 1:
                self.tmux("send-keys", "-t", "t", "-l", "--", name)
            else:
                self.tmux("send-keys", "-t", "t", "--", NAMES.get(name, name))

    def type(self, text):
        self.tmux("send-keys", "-t", "t", "-l", "--", text)

    def click(self, column, row, button=0):
        """A click in SGR encoding, at a cell counted from 0."""
        at = "%d;%d;%d" % (button, column + 1, row + 1)
        self.type("\x1b[<%sM\x1b[<%sm" % (at, at))

    def resize(self, columns, rows):
        self.size = (columns, rows)
        self.tmux("resize-window", "-t", "t", "-x", str(columns), "-y", str(rows))

    def signal(self, number):
        os.kill(int(self.until(lambda: self.note("pid"), "the program to start")), number)

    def note(self, name):
        try:
            with open(os.path.join(self.folder, name), encoding="ascii") as f:
                return f.read().strip()
        except FileNotFoundError:
            return None

    # --- seeing --------------------------------------------------------------------------------------------------

    def snapshot(self):
        """The screen as text: a line a row, without blanks at the right end."""
        rows = self.tmux("capture-pane", "-t", "t", "-p").split("\n")
        return "\n".join(row.rstrip() for row in rows).rstrip("\n") + "\n"

    def until(self, holds, what, seconds=None):
        end = time.monotonic() + (LIMIT_SECONDS if seconds is None else seconds)
        while True:
            got = holds()
            if got is not None and got is not False:
                return got
            if time.monotonic() > end:
                raise Failed("waited in vain for %s; the screen is:\n%s" % (what, re.sub("\n\n+", "\n", self.snapshot())))
            time.sleep(POLL_SECONDS)

    def wait_for(self, regex, seconds=None):
        """Waits until the regular expression is somewhere on the screen; returns its match."""
        pattern = re.compile(regex, re.M)
        return self.until(lambda: pattern.search(self.snapshot()), "/%s/" % regex, seconds)

    def wait_gone(self, regex, seconds=None):
        pattern = re.compile(regex, re.M)
        self.until(lambda: not pattern.search(self.snapshot()), "/%s/ to go" % regex, seconds)

    def refuse(self, regex):
        """Fails if the regular expression is on the screen now. Wait for what comes with the new screen first."""
        screen = self.snapshot()
        if re.search(regex, screen, re.M):
            raise Failed("/%s/ is on the screen:\n%s" % (regex, screen))

    def status(self, seconds=None):
        """Waits until the program ended; its exit status, 128 and the signal's number more if a signal ended it."""
        return int(self.until(lambda: self.note("status"), "the program to end", seconds))
