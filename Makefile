# The one door to this project: every entry is a script in scripts/.

.PHONY: help needs base tree series export check kernel test test-base kcsan coverage sites soak endure matrix configs bisect bench docs mbox demo tasks exits guest clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo '  KDIR=/path/to/linux  your own tree instead of the pinned base'

needs: ## install from Debian what make test and make demo need (as root)
	@scripts/needs

base: ## fetch the kernel that series/base pins
	@scripts/base

tree: ## tree/: a git tree of base and series, one commit a patch, to edit
	@scripts/tree

series: ## re-cut series/ from the files that are held whole here
	@scripts/series

export: ## bring tree/ back: patches and whole files
	@scripts/export

check: ## is the series fit to send? applies, builds, style, no warnings
	@scripts/check

kernel: ## build a kernel with the series
	@scripts/needs && scripts/kernel

test: ## run every test on it
	@scripts/test

test-base: ## run the tests on the base, which fails them
	@scripts/test-base

kcsan: ## run the selftests on two emulated CPUs and report data races
	@scripts/kcsan

coverage: ## run every test and list the lines of the series that none reaches
	@scripts/coverage

sites: ## where memory has been refused, by test
	@scripts/sites

soak: ## fuzz for an hour (MINUTES=60) with the sanitizers; is all memory back?
	@scripts/soak

endure: ## a million exits in each way to lose some, counted to the last (EXITS=, REUSES=)
	@scripts/endure

matrix: ## the KUnit tests on ten kinds of machine, emulated (ALL=1: on every one there is)
	@scripts/matrix

configs: ## every test on kernels that are configured otherwise: PREEMPT_RT, one CPU, ...
	@scripts/configs

bisect: ## each patch at its point: builds and tests, with TASKSTATS=y and =n
	@scripts/bisect

bench: ## count what it costs, with and without the series, and its peers
	@scripts/bench

docs: ## the pages of the documentation, by Sphinx, without a warning
	@scripts/docs

mbox: ## the series as mails in mbox/, for git send-email
	@scripts/mbox

demo: ## show what the new interface does
	@scripts/demo

tasks: ## a table of all processes of a guest
	@scripts/demo tasks

exits: ## processes as they exit there, in JSON
	@scripts/demo exits

guest: kernel ## a shell in a kernel with the series
	@scripts/guest

clean: ## remove logs here and builds in the cache (ALL=1: the base too)
	@scripts/clean
