# shellcheck shell=bash
# Packages of another Debian than this machine's.  Sourced, never run.

# private_apt SUITE DIR ELSE: apt with lists and a state of its own in DIR, so that
# the system's are left alone.  The mirrors are those that the machine itself uses
# for Debian; one that has no such suite, or is not signed by Debian, fails in
# update and does no harm.  ELSE is what to do where there is no Debian.
private_apt() {
	local suite=$1 apt=$2 keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -r "$keyring" ] ||
		die "$keyring is missing: no Debian here; $3"
	mkdir -p "$apt/lists/partial" "$apt/state" "$apt/cache/archives/partial"
	: >"$apt/state/status"
	# shellcheck disable=SC2016  # the fields are apt's
	apt-get indextargets --format '$(COMPONENT) $(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		awk -v key="$keyring" -v suite="$suite" \
			'$1 == "main" && !/security/ && !seen[$3]++ {
				print "deb [signed-by=" key "]", $3, suite, "main" }' >"$apt/sources.list"
	cat >"$apt/apt.conf" <<-END
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::State "$apt/state";
		Dir::State::lists "$apt/lists";
		Dir::State::status "$apt/state/status";
		Dir::Cache "$apt/cache";
		APT::Sandbox::User "root";
	END
	export APT_CONFIG=$apt/apt.conf
	apt-get -q update >"$logs/${apt##*/}.log" 2>&1 || :
}
