/*
 * The watcher's way in: watcher PORT OWN-DISK…, or watcher try-to-write DISK GENERIC-NODE.
 *
 * The host says one JSON object a line over PORT: {"do":"open"}, {"do":"close"}, {"do":"follow","folder":…,"text":…}.
 * Each is answered with {"e":"did"}; between, the watcher tells what it sees.
 */
#include "watcher.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void member(const char *line, const char *key, char *to, size_t size) {
  char start[64];
  *to = 0;
  snprintf(start, sizeof start, "\"%s\":\"", key);
  const char *at = strstr(line, start);
  if (at == NULL) return;
  at += strlen(start);
  size_t n = 0;
  while (at[n] && at[n] != '"' && n < size - 1) to[n] = at[n], n++;
  to[n] = 0;
}

static void obey(const char *line) {
  char what[32], folder[512], text[256];
  member(line, "do", what, sizeof what);
  unsigned long tries = 0;
  if (!strcmp(what, "open")) open_window();
  else if (!strcmp(what, "close")) tries = close_window();
  else if (!strcmp(what, "follow")) {
    member(line, "folder", folder, sizeof folder);
    member(line, "text", text, sizeof text);
    follow(folder, text);
  } else return;
  tell("did", now_ms(), ",\"what\":\"%s\",\"tries\":%lu", what, tries);
}

static void take_orders(int fd) {
  static char text[4096];
  static size_t length;
  ssize_t n = read(fd, text + length, sizeof text - 1 - length);
  if (n <= 0) {
    usleep(1000); /* the host's end is not there */
    return;
  }
  length += n;
  text[length] = 0;
  for (char *end; (end = strchr(text, '\n')) != NULL;) {
    *end = 0;
    obey(text);
    length -= end + 1 - text;
    memmove(text, end + 1, length + 1);
  }
  if (length == sizeof text - 1) length = 0;
}

int main(int count, char **words) {
  if (count < 2) return 2;
  if (count == 4 && !strcmp(words[1], "try-to-write")) {
    try_to_write(words[2], words[3]);
    return 0;
  }
  int port = open(words[1], O_RDWR | O_CLOEXEC);
  if (port < 0) {
    perror("watcher: port");
    return 2;
  }
  tell_to(port);
  /* Above everything that is judged: the time of an event is the time when it came, whatever else runs. */
  struct sched_param priority = {.sched_priority = 20};
  sched_setscheduler(0, SCHED_FIFO, &priority);
  mlockall(MCL_CURRENT | MCL_FUTURE);
  int uevents = open_uevents(), trail = open_trail();
  start_trying(words + 2, count - 2);
  tell("did", now_ms(), ",\"what\":\"start\"");
  struct pollfd waits[] = {{uevents, POLLIN, 0}, {trail, POLLIN, 0}, {port, POLLIN, 0}};
  for (;;) {
    poll(waits, 3, -1);
    if (waits[0].revents) take_uevents(uevents);
    if (waits[1].revents) take_trail(trail);
    if (waits[2].revents) take_orders(port);
  }
}
