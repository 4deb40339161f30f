// SPDX-License-Identifier: GPL-2.0
/*
 * Does the clock count instructions?  Tells how many nanoseconds one takes:
 * 1.00, or nothing that is counted here means anything.
 */
#include "bench.h"

#define LOOPS	50000000UL

static __u64 loop(unsigned long loops)
{
	__u64 start = now_ns();

	/* Two instructions a round. */
	asm volatile("1: dec %0\n\tjnz 1b" : "+r" (loops));
	return now_ns() - start;
}

int main(void)
{
	tell("clock", "an instruction", (double)loop(LOOPS) / (2 * LOOPS), "ns");
	return 0;
}
