# How many writes to its standard error a program makes:  writes.py PROGRAM [ARGS...]
# A datagram each.
import socket
import subprocess
import sys

ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
subprocess.run(sys.argv[1:], stderr=its, check=True)
its.close()
ours.setblocking(False)
writes = 0
try:
    while ours.recv(65536):
        writes += 1
except BlockingIOError:
    pass
print(writes)
