# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# Debian's iotop-c: bytes and time waited of each process, and who does I/O.

test_iotop-c_bytes() {
	watch_writer stdbuf -oL iotop-c -b -d 1 -P -k -a
	tells_bytes_of_writer
}

test_iotop-c_only() {
	watch_writer stdbuf -oL iotop-c -b -d 1 -P -o
	tells_of_writer_only
}
