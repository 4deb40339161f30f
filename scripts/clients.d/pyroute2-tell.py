# What pyroute2's TaskStats tells of a process, and of one that exits, as
# NAME=VALUE in the files get and exit:  pyroute2-tell.py PID COMMAND [ARGS...]
import subprocess
import sys

from pyroute2 import TaskStats


def tell(message, name):
    """Write down an answer or a record; returns whom it is about."""
    (_, task), (_, stats) = message["attrs"][0][1]["attrs"]
    with open(name, "w") as out:
        for field in stats.keys():
            print(f"{field}={stats[field]}", file=out)
    return task


ts = TaskStats()
ts.bind()
tell(ts.get_pid_stat(int(sys.argv[1]))[0], "get")
ts.register_mask("0-1")
child = subprocess.Popen(sys.argv[2:])
while not any(tell(message, "exit") == child.pid for message in ts.get()):
    pass
ts.deregister_mask("0-1")
ts.close()
with open("child", "w") as out:
    print(child.pid, file=out)
