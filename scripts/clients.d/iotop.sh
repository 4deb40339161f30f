# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# Debian's iotop: reads two delays and three byte counts at fixed offsets.

written() { awk '/^write_bytes/ { print $2 / 1024 }' "/proc/$1/io"; }

test_iotop_writer() {
	dd if=/dev/zero of=/run/disk/dd bs=4k count=60000 oflag=dsync 2>/dev/null &
	pid=$!
	sleep 60 &
	idle=$!
	wants iotop-py
	timeout 60 iotop-py -b -n 3 -d 1 -P -k -a -qqq >out
	line=$(grep "^ *$pid " out | tail -n 1)
	echo "$line"
	above 'KiB written, accumulated' "$(awk '{ print $6 }' <<<"$line")" 0
	above 'written by its own account' "$(written $pid)" "$(awk '{ print $6 }' <<<"$line") - 1"
	is 'KiB read' "$(awk '{ print $4 }' <<<"$line")" 0.00
	above 'time waited for I/O (%)' "$(awk '{ print $10 }' <<<"$line")" 0
	is 'written by the idle' "$(awk -v p=$idle '$1 == p { print $6 }' out | sort -u)" 0.00
}

test_iotop_only() {
	dd if=/dev/zero of=/run/disk/dd bs=4k count=60000 oflag=dsync 2>/dev/null &
	pid=$!
	sleep 60 &
	wants iotop-py
	timeout 60 iotop-py -b -n 2 -d 1 -o -k -qqq >out
	is 'those who do I/O' "$(awk -v p="$pid" '$1 == p { print $NF }' out | sort -u)" oflag=dsync
	is 'those who do not' "$(grep -c 'sleep 60' out)" 0
}
