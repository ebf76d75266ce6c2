// Calls of Linux that Swift's import of the C library leaves out.
#pragma once

/// A pipe whose ends other programs do not inherit. Returns 0, or -1 with errno.
int lab_pipe(int ends[2]);

/// Anonymous shared memory as a descriptor that other programs do not inherit, or -1 with errno.
int lab_shared_memory(const char *name);
