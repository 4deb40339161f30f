# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# Debian's iotop: reads two delays and three byte counts at fixed offsets.

test_iotop_bytes() {
	watch_writer env PYTHONUNBUFFERED=1 iotop-py -b -d 1 -P -k -a
	tells_bytes_of_writer
}

test_iotop_only() {
	watch_writer env PYTHONUNBUFFERED=1 iotop-py -b -d 1 -P -o
	tells_of_writer_only
}
