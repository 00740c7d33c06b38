/*
 * Follows the files of a folder as they grow and tells each line that holds a text, with the time of the write. A line
 * ends with a newline, with a byte that no UTF-8 text holds, or where the file does, behind a closing brace.
 */
#include "watcher.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 64
#define CHUNK_BYTES (1 << 20)
/* A record with the descriptors of a large device fits. */
#define TOLD_BYTES 12000

struct grown {
  char path[512];
  off_t told; /* up to here lines are done with */
};

static struct grown files[FILES_MAX];
static int file_count, inotify_fd;
static char folder[512], wanted[256];
static int is_first_look;
static double at;

int open_trail(void) {
  inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  return inotify_fd;
}

static void tell_line(const char *line, size_t length) {
  static char text[4 * TOLD_BYTES];
  const char *hit = memmem(line, length, wanted, strlen(wanted));
  if (hit == NULL) return;
  tell("line", at, ",\"text\":%s", quoted(text, sizeof text, line, length < TOLD_BYTES ? length : TOLD_BYTES));
}

static void read_on(struct grown *file) {
  static char chunk[CHUNK_BYTES];
  int fd = open(file->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t n = pread(fd, chunk, sizeof chunk, file->told);
  close(fd);
  ssize_t from = 0;
  for (ssize_t i = 0; i < n; i++) {
    unsigned char c = chunk[i];
    int is_end = c == '\n' || c == 0xff;
    if (!is_end && !(i == n - 1 && c == '}')) continue;
    tell_line(chunk + from, i - from + !is_end);
    from = i + 1;
  }
  file->told += from;
}

static int visit(const char *path, const struct stat *stat, int type, struct FTW *where) {
  (void)where;
  if (type == FTW_D) inotify_add_watch(inotify_fd, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
  if (type != FTW_F) return 0;
  struct grown *file = NULL;
  for (int i = 0; i < file_count && file == NULL; i++)
    if (!strcmp(files[i].path, path)) file = &files[i];
  if (file == NULL) {
    if (file_count == FILES_MAX) return 0;
    file = &files[file_count++];
    snprintf(file->path, sizeof file->path, "%s", path);
    file->told = is_first_look ? stat->st_size : 0;
  }
  if (stat->st_size > file->told && !is_first_look) read_on(file);
  return 0;
}

void follow(const char *where, const char *text) {
  if (strcmp(folder, where)) {
    file_count = 0;
    snprintf(folder, sizeof folder, "%s", where);
  }
  snprintf(wanted, sizeof wanted, "%s", text);
  is_first_look = 1;
  for (int i = 0; i < file_count; i++) {
    struct stat now;
    if (!stat(files[i].path, &now)) files[i].told = now.st_size;
  }
  if (*folder) nftw(folder, visit, 8, FTW_PHYS);
  is_first_look = 0;
}

void take_trail(int fd) {
  char events[16384];
  at = now_ms();
  if (read(fd, events, sizeof events) <= 0 || !*folder) return;
  nftw(folder, visit, 8, FTW_PHYS);
}
