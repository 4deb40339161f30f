// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps sleeping tasks while a command runs.
 *
 *	hold thread|group|process COUNT COMMAND...
 *
 * They are the threads of one process, of groups of eight, or processes of one each.
 * $HELD, set for the command, names a file with a struct held for each.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "bench.h"

/* More threads than this in one process would be too many mappings. */
#define GROUP	10000
#define EIGHT	8
#define STACK	16384

struct board {
	int ready;
	struct held task[];
};

static struct board *board;

static void sleep_as(int slot)
{
	board->task[slot] = (struct held){ getpid(), syscall(SYS_gettid) };
	__atomic_add_fetch(&board->ready, 1, __ATOMIC_RELEASE);
	for (;;)
		pause();
}

static void *thread(void *slot)
{
	sleep_as((long)slot);
	return NULL;
}

/* One process, whose threads take the slots from @first to @last. */
static pid_t start(long first, long last)
{
	pid_t parent = getpid(), pid = fork();
	pthread_attr_t attr;
	pthread_t handle;
	long slot;

	need(pid >= 0, "fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	pthread_attr_setguardsize(&attr, 0);
	for (slot = first + 1; slot <= last; slot++)
		need(!pthread_create(&handle, &attr, thread, (void *)slot), "pthread_create");
	sleep_as(first);
	_exit(0);
}

static void publish(int count)
{
	char name[] = "/tmp/held.XXXXXX";
	size_t len = count * sizeof(*board->task);
	int fd = mkstemp(name);

	need(fd >= 0 && write(fd, board->task, len) == (ssize_t)len, name);
	close(fd);
	setenv("HELD", name, 1);
}

static int run(char **argv)
{
	int status;
	pid_t pid = fork();

	need(pid >= 0, "fork");
	if (!pid) {
		execvp(*argv, argv);
		need(0, *argv);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	int count, each, status;
	long first, last;

	need(argc > 3, "usage: hold thread|group|process COUNT COMMAND...");
	count = atoi(argv[2]);
	each = *argv[1] == 't' ? GROUP : *argv[1] == 'g' ? EIGHT : 1;
	board = mmap(NULL, sizeof(*board) + count * sizeof(*board->task), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(board != MAP_FAILED, "mmap");
	for (first = 0; first < count; first = last + 1) {
		last = first + each - 1 < count ? first + each - 1 : count - 1;
		start(first, last);
	}
	while (__atomic_load_n(&board->ready, __ATOMIC_ACQUIRE) < count) {
		need(waitpid(-1, &status, WNOHANG) == 0, "a task has died");
		poll(NULL, 0, 1);
	}
	/* Those who were last are still on their way to sleep. */
	poll(NULL, 0, 100);
	publish(count);
	status = run(argv + 3);
	unlink(getenv("HELD"));
	for (first = 0; first < count; first++)
		kill(board->task[first].tgid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return status;
}
