/* What the watcher says, as lines of JSON, and the clock that it says it by. */
#include "watcher.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int out = 1;

double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

void tell_to(int fd) { out = fd; }

void tell(const char *event, double at, const char *format, ...) {
  /* The longest is a line of a log; each thread has a stack of megabytes. */
  char line[65536];
  int n = snprintf(line, sizeof line, "{\"e\":\"%s\",\"at\":%.3f", event, at);
  va_list args;
  va_start(args, format);
  n += vsnprintf(line + n, sizeof line - n - 2, format, args);
  va_end(args);
  if (n > (int)sizeof line - 3) return; /* no caller gives that much: each text is cut by quoted() */
  line[n++] = '}';
  line[n++] = '\n';
  pthread_mutex_lock(&lock);
  for (int done = 0; done < n;) {
    ssize_t wrote = write(out, line + done, n - done);
    if (wrote <= 0) _exit(3); /* nobody listens: nothing that follows would be known */
    done += wrote;
  }
  pthread_mutex_unlock(&lock);
}

const char *quoted(char *to, size_t size, const char *bytes, size_t length) {
  size_t n = 0;
  to[n++] = '"';
  for (size_t i = 0; i < length && n + 8 < size; i++) {
    unsigned char c = bytes[i];
    if (c == '"' || c == '\\') n += snprintf(to + n, size - n, "\\%c", c);
    else if (c < 0x20 || c >= 0x7f) n += snprintf(to + n, size - n, "\\u%04x", c);
    else to[n++] = c;
  }
  to[n++] = '"';
  to[n] = 0;
  return to;
}
