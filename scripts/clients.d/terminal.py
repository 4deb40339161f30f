# Run a command on a terminal of 80 x 24 and print each line of it anew that has
# changed:  terminal.py COMMAND [ARGS...]
import os
import pty
import sys

import pyte

screen = pyte.Screen(80, 24)
stream = pyte.ByteStream(screen)
child, terminal = pty.fork()
if child == 0:
    os.environ.update(TERM="linux", COLUMNS="80", LINES="24")
    os.execvp(sys.argv[1], sys.argv[1:])
before = [None] * 24
while True:
    try:
        stream.feed(os.read(terminal, 65536))
    except OSError:
        break
    for old, new in zip(before, screen.display):
        if old != new:
            print(new, flush=True)
    before = list(screen.display)
