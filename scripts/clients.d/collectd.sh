# shellcheck shell=bash disable=SC2154 # tools, here, root: scripts/clients
# Debian's collectd: the delays of a process, by its plugin "processes".

# It takes answers of one size only, that of the struct taskstats which it was
# built with: 416 bytes in bookworm.  It has grown since.
test_collectd_delays() {
	daemon collectd-core
	sleep 600 &
	cat >conf <<-CONF
		PluginDir "$root/usr/lib/collectd"
		TypesDB "$root/usr/share/collectd/types.db"
		BaseDir "$PWD"
		Hostname here
		FQDNLookup false
		Interval 1
		LoadPlugin logfile
		LoadPlugin csv
		LoadPlugin processes
		<Plugin logfile>
			File STDOUT
		</Plugin>
		<Plugin csv>
			DataDir STDOUT
		</Plugin>
		<Plugin processes>
			CollectDelayAccounting true
			Process sleep
		</Plugin>
	CONF
	stdbuf -oL collectd -f -C conf >heard 2>&1 &
	soon lines '^PUTVAL here/processes-sleep/ps_count .*:1.000000:1.000000$' 2
	soon grep -q 'delay' heard
	is 'delays' "$(grep -c '^PUTVAL .*delay' heard)" 0
	is 'the reason' "$(sed -n 's/.*utils_taskstats: \(mnl_attr.* = 688\), want .*/\1/p' heard | sort -u)" \
		'mnl_attr_get_payload_len(attr) = 688'
	recorded "not 688 bytes, it says: $(grep -m 1 -o 'want .*' heard)"
}
