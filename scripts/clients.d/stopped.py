# taskstats top on a terminal is stopped and goes on:  stopped.py TASKSTATS
# Meanwhile the terminal is as it was, for the shell.
import os
import pty
import re
import signal
import sys
import termios


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


child, terminal = pty.fork()
if child == 0:
    os.environ["TERM"] = "linux"
    os.execv(sys.argv[1], [sys.argv[1], "top", "--delay", "0.2"])
next_table()
assert reads_keys()
os.kill(child, signal.SIGTSTP)
assert os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])
assert not reads_keys()
os.kill(child, signal.SIGCONT)
next_table()
next_table()
assert reads_keys()
os.write(terminal, b"q")
while os.waitpid(child, os.WNOHANG) == (0, 0):
    try:
        os.read(terminal, 65536)
    except OSError:
        break
assert not reads_keys()
