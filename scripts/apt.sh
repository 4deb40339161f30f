# shellcheck shell=bash
# apt with lists and a state of its own, so that the system's, and what it has
# installed, are left alone.  Sourced after lib.sh, never run.

debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# private_apt DIR SUITE [ARCH]: apt as it is called from here on works in DIR,
# where nothing is installed.  The mirrors are those that the machine itself uses
# for Debian; one that has no such suite, or is not signed by Debian, fails in
# update and does no harm.
private_apt() {
	local apt=$1 suite=$2 arch=${3:-$(dpkg --print-architecture)}
	mkdir -p "$apt/lists/partial" "$apt/state" "$apt/cache/archives/partial"
	: >"$apt/state/status"
	# shellcheck disable=SC2016  # the fields are apt's
	apt-get indextargets --no-release-info --format '$(COMPONENT) $(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		awk -v key="$debian_keyring" -v suite="$suite" \
			'$1 == "main" && !/security/ && !seen[$3]++ {
				print "deb [signed-by=" key "]", $3, suite, "main" }' >"$apt/sources.list"
	cat >"$apt/apt.conf" <<-END
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::State "$apt/state";
		Dir::State::lists "$apt/lists";
		Dir::State::status "$apt/state/status";
		Dir::Cache "$apt/cache";
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		APT::Sandbox::User "root";
	END
	export APT_CONFIG=$apt/apt.conf
}

# unpack_packages DIR PACKAGE...: these, and what they depend on that is not installed
# in the state that apt works with, into DIR: all of them or nothing.
unpack_packages() {
	local dir=$1 names deb

	shift
	rm -rf "$dir.new" && mkdir -p "$dir.new" && cd "$dir.new" || return
	names=$(apt-get -s install --no-install-recommends "$@") || return
	names=$(sed -n 's/^Inst \([^ ]*\) .*/\1/p' <<<"$names" | sort -u - <(printf '%s\n' "$@"))
	# shellcheck disable=SC2086 # one word for each package
	apt-get -q download $names || return
	for deb in *.deb; do
		dpkg-deb -x "$deb" . || return
	done
	rm ./*.deb && mv "$dir.new" "$dir"
}
