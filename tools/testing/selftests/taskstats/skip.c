// SPDX-License-Identifier: GPL-2.0
/* Stands in for each test program where libnl-genl-3 is not installed. */
#include "kselftest.h"

int main(void)
{
	ksft_print_header();
	ksft_exit_skip("libnl-genl-3 development files are missing\n");
}
