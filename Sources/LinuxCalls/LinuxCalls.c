#define _GNU_SOURCE
#include "LinuxCalls.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int lab_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int lab_shared_memory(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
