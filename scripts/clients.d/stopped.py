# taskstats top on a terminal is stopped and goes on:  stopped.py TASKSTATS
# Meanwhile the terminal is as it was, for the shell; without one it goes on.
import os
import pty
import re
import signal
import sys
import termios
import time


def reads_keys():
    """Whether each key is read as it is pressed, and not shown."""
    flags = termios.tcgetattr(terminal)[3]
    is_raw = not flags & termios.ICANON
    assert is_raw == (not flags & termios.ECHO), flags
    return is_raw


def next_table():
    seen = b""
    while not re.search(rb"by cpu over", seen):
        seen += os.read(terminal, 65536)


def top():
    os.environ["TERM"] = "linux"
    os.execv(sys.argv[1], [sys.argv[1], "top", "--delay", "0.2"])


def top_of_shell():
    """In a process group of its own, which has the terminal and somebody to continue it."""
    child = os.fork()
    if child:
        os._exit(os.waitpid(child, 0)[1] != 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    top()


def is_stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "T"


shell, terminal = pty.fork()
if shell == 0:
    top_of_shell()
next_table()
assert reads_keys()
child = os.tcgetpgrp(terminal)
os.write(terminal, b"\x1a")
while not is_stopped(child):
    time.sleep(0.1)
assert not reads_keys()
os.kill(child, signal.SIGCONT)
next_table()
next_table()
assert reads_keys()
os.write(terminal, b"q")
while os.waitpid(shell, os.WNOHANG) == (0, 0):
    try:
        os.read(terminal, 65536)
    except OSError:
        break
assert not reads_keys()

shell, terminal = pty.fork()
if shell == 0:
    top()
next_table()
os.write(terminal, b"\x1a")
next_table()
next_table()
assert reads_keys()
os.write(terminal, b"q")
