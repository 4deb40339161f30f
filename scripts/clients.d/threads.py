"""Four threads compute; then all stop (argument: stop) or end (exit), or they
end a second later (linger).

Their ids go to the output.
"""
import os
import signal
import sys
import threading
import time

worked = threading.Barrier(4)
hold = threading.Event()


def work():
    os.write(1, b"%d\n" % threading.get_native_id())
    sum(range(300000))
    worked.wait()
    if sys.argv[1] == "stop":
        hold.wait()
    if sys.argv[1] == "linger":
        time.sleep(1)


others = [threading.Thread(target=work, daemon=True) for _ in range(3)]
for thread in others:
    thread.start()
os.write(1, b"%d\n" % os.getpid())
sum(range(300000))
worked.wait()
if sys.argv[1] == "stop":
    os.kill(os.getpid(), signal.SIGSTOP)
for thread in others:
    thread.join()
