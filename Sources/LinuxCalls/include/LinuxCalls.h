// Calls of Linux that Swift's import of the C library leaves out.
#pragma once

/// A pipe whose ends other programs do not inherit. Returns 0, or -1 with errno.
int lab_pipe(int ends[2]);

/// Anonymous shared memory as a descriptor that other programs do not inherit, or -1 with errno.
int lab_shared_memory(const char *name);

/// Catches SIGINT, SIGTERM and SIGHUP from now on. Returns a descriptor on which one byte comes, the signal's number, or
/// -1 with errno. Call it once, before other threads are started.
int lab_catch_interrupts(void);

/// Whether one of them has come. Programs started by this one get the usual behaviour back.
int lab_is_interrupted(void);
