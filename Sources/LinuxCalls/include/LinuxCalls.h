// Calls of Linux that Swift's import of the C library leaves out.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>

/// A pipe whose ends other programs do not inherit. Returns 0, or -1 with errno.
int lab_pipe(int ends[2]);

/// Anonymous shared memory as a descriptor that other programs do not inherit, or -1 with errno.
int lab_shared_memory(const char *name);

/// Catches SIGINT, SIGTERM and SIGHUP from now on. Returns a descriptor on which one byte comes, the signal's number, or
/// -1 with errno. Call it once, before other threads are started.
int lab_catch_interrupts(void);

/// Whether one of them has come. Programs started by this one get the usual behaviour back.
int lab_is_interrupted(void);

/// Keeps the calling thread, and the programs that it starts, to one of the processors that it may use: the n-th, counted
/// round. Returns 0 and, in `before`, which ones it might use until now; or -1 with errno.
int lab_keep_to_processor(unsigned number, cpu_set_t *before);

/// Lets the calling thread use these processors again.
int lab_use_processors(const cpu_set_t *processors);
