#define _GNU_SOURCE
#include "LinuxCalls.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

int lab_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int lab_shared_memory(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

static int interrupt_pipe[2] = {-1, -1};
static volatile sig_atomic_t interrupted = 0;

static void on_interrupt(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  interrupted = 1;
  if (write(interrupt_pipe[1], &byte, 1) < 0) { /* The pipe is full: the first byte is enough. */ }
  errno = saved;
}

static void catch_signal(int number) {
  struct sigaction action = {0};
  struct sigaction before;
  // What the caller has told us to ignore stays ignored: nohup, a shell's background jobs.
  if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN) return;
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, NULL);
}

int lab_catch_interrupts(void) {
  if (pipe2(interrupt_pipe, O_CLOEXEC) != 0) return -1;
  catch_signal(SIGINT);
  catch_signal(SIGTERM);
  catch_signal(SIGHUP);
  // A caller may have started us from a thread that blocks them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  sigprocmask(SIG_UNBLOCK, &signals, NULL);
  return interrupt_pipe[0];
}

int lab_is_interrupted(void) { return interrupted; }

int lab_keep_to_processor(unsigned number, cpu_set_t *before) {
  if (sched_getaffinity(0, sizeof *before, before) != 0) return -1;
  unsigned skip = number % (unsigned)CPU_COUNT(before);
  for (int processor = 0; processor < CPU_SETSIZE; processor++) {
    if (!CPU_ISSET(processor, before) || skip-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    return sched_setaffinity(0, sizeof one, &one);
  }
  errno = EINVAL;
  return -1;
}

int lab_use_processors(const cpu_set_t *processors) {
  return sched_setaffinity(0, sizeof *processors, processors);
}
