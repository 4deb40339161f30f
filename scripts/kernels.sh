# shellcheck shell=bash
# Many kernels, one after the other: each is built, then booted once with KUnit and
# the kselftests of its tree.  What passed once with the same sources is not done
# again.  Sourced by bisect and configs, never run.
#   which   the tree's name, as for scripts/kernel
#   DEATHS  torture goes on until so many threads have died (500)

. "$top/scripts/patches.sh"
src=$cache/src/$which${KDIR:+-$kdir_key}
tools=$cache/build/tools${KDIR:+-$kdir_key}
[ "$which" != bisect ] || tools=$cache/build/tools-bisect${KDIR:+-$kdir_key}
passed=$cache/build/$which${KDIR:+-$kdir_key}-passed
all_ok=0 all_bad=0 all_skip=0
. "$top/scripts/ktap.sh"
mkdir -p "$cache/build"
touch "$passed"

# What the result of tests depends on.  Of tools only the tests matter, and
# documents do not.
key_of() { # COMMIT FLAVOUR [ARGS]
	{
		say "${@:2}" "${DEATHS-}"
		gcc --version
		g ls-tree "$1" | grep -vE '	(tools|Documentation|MAINTAINERS)$'
		g ls-tree -r "$1" tools/testing/selftests tools/testing/kunit
		cd "$top/scripts"
		cat kernels.sh ktap.sh kernel flavour.sh tools selftests.sh guest guest-init guest-um.sh \
			guest-vm.sh vm.sh splats lean.config vm.config vm-x86_64.config configs.d/vm.config
		[ ! -e "configs.d/${2#lean-}.config" ] || cat "configs.d/${2#lean-}.config"
	} | g hash-object --stdin
}

# In the guest: the suites that are modules come first.
# shellcheck disable=SC2016 # expanded there
in_guest=(bash -c 'for module in "$1"/lib/{kunit/kunit,tests/taskstats_kunit}.ko; do
	[ ! -e "$module" ] || insmod "$module" || exit 124
done
shift
exec "$@"' --)

# Sets ok, bad and skip.
all_tests() { # FLAVOUR ARGS
	local dir=$logs/guest-tests build=$cache/build/$which${KDIR:+-$kdir_key}-$1
	local status=0 name verdicts=() results=(output)

	"$top/scripts/guest" "$which" --vm "$1" --name tests --timeout "${LIMIT:-2400}" --append "$2" \
		"${in_guest[@]}" "$build" env TASKSTATS_TORTURE_DEATHS="${DEATHS:-500}" \
		"${kselftest[@]}" taskstats -c acct -o 1800 || status=$?
	mkdir -p "$dir"
	! grep -q '^CONFIG_T.*_KUNIT_TEST=[my]' "$build/.config" || results+=(console)
	for name in "${results[@]}"; do
		judge "$dir/$name" >"$dir/verdict-$name"
		verdicts+=("$dir/verdict-$name")
	done
	read -r ok bad skip < <(figures "${verdicts[@]}")
	failures "${verdicts[@]}"
	# A splat, a guest that was stuck, tests that are missing.
	[ $status -lt 124 ] && complete "${verdicts[@]}" || bad=$((bad + (bad == 0)))
	say "$ok $bad $skip" >"$dir/figures"
	[ "$bad" -eq 0 ]
}

# try NAME COMMIT FLAVOUR [ARGS]: sets ok, bad, skip and seconds.  Its logs are in
# logs/NAME; COMMIT is in the tree already.
try() {
	local -x LOGS=$logs/$1 logs=$logs/$1
	local key start=$SECONDS

	key=$(key_of "${@:2}")
	ok=0 bad=1 skip=0
	if grep -q "^$key " "$passed"; then
		read -r _ ok bad skip seconds < <(grep "^$key " "$passed")
		seconds=before
	else
		mkdir -p "$logs"
		rm -rf "$logs/guest-tests"
		if "$top/scripts/kernel" "$which" "$3" </dev/null; then
			run "$1" all_tests "$3" "${4-}" || :
			read -r ok bad skip <"$logs/guest-tests/figures"
		fi
		seconds=$((SECONDS - start))
		[ "$bad" -ne 0 ] || say "$key $ok 0 $skip $seconds" >>"$passed"
	fi
	all_ok=$((all_ok + ok)) all_bad=$((all_bad + bad)) all_skip=$((all_skip + skip))
}

sums() { sum_up $all_ok $all_bad $all_skip; }
