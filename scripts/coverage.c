/*
 * Linked into a UML kernel: hands what the compiler counts over to libgcov, when
 * the program begins and when it ends. UML's linker script would lose gcc's own
 * constructors for that, as it knows of none with a priority.
 */
struct gcov_info;

void __gcov_init(struct gcov_info *info);
void __gcov_dump(void);

/* What -fprofile-info-section=gcov_info has put there. */
extern struct gcov_info *__start_gcov_info[], *__stop_gcov_info[];

__attribute__((constructor)) static void begin(void)
{
	for (struct gcov_info **info = __start_gcov_info; info < __stop_gcov_info; info++)
		__gcov_init(*info);
}

__attribute__((destructor)) static void end(void)
{
	__gcov_dump();
}
