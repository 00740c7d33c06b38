/*
 * Tries to read every block device and SCSI generic node that there is, over the node that the system made and over one
 * of its own in turns, until it succeeds: at each kernel event of one, and every 2 ms between.
 */
#include "watcher.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define NODES_MAX 256
#define EVERY_NS 2000000
/* Looking for new nodes is dear, and their events tell of them. */
#define LOOK_EVERY 4
#define SG_MAJOR 21
#define SG_TIMEOUT_MS 300
/* Not under /run or /tmp: those are mounted without device nodes. */
#define OWN_FOLDER "/watcher-nodes"

struct node {
  char name[64];
  int is_block, was_read, errnos, last_errno, turn;
  dev_t number;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static int is_open, generation, is_hurried;
static unsigned long tries;
static struct node nodes[NODES_MAX];
static int node_count;
static char **own_disks;
static int own_disk_count;

/* A loop device shows a file of the own disk, which is nobody's business here, or a medium. */
static int shows_a_disk(const char *name) {
  unsigned number;
  char path[64], backing[256] = "";
  if (sscanf(name, "loop%u", &number) != 1) return 0;
  snprintf(path, sizeof path, "/sys/block/loop%u/loop/backing_file", number);
  FILE *file = fopen(path, "re");
  if (file == NULL) return 0;
  if (fgets(backing, sizeof backing, file) == NULL) backing[0] = 0;
  fclose(file);
  return !strncmp(backing, "/dev/", 5);
}

static int is_own(const char *name) {
  if (!strncmp(name, "loop", 4)) return !shows_a_disk(name);
  if (!strncmp(name, "ram", 3)) return 1;
  for (int i = 0; i < own_disk_count; i++)
    if (!strcmp(own_disks[i], name)) return 1;
  return 0;
}

static void found(const char *name, int is_block, dev_t number) {
  for (int i = 0; i < node_count; i++)
    if (!strcmp(nodes[i].name, name) && nodes[i].number == number) return;
  if (node_count == NODES_MAX) return;
  struct node *one = &nodes[node_count++];
  memset(one, 0, sizeof *one);
  snprintf(one->name, sizeof one->name, "%s", name);
  one->is_block = is_block;
  one->number = number;
  char text[128];
  tell("node", now_ms(), ",\"name\":%s,\"block\":%d", quoted(text, sizeof text, name, strlen(name)), is_block);
}

static void find_nodes(void) {
  FILE *file = fopen("/proc/partitions", "re");
  char line[256], name[64];
  unsigned a, b;
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    /* 0:0 is a disk that is being added: its number comes in a moment. */
    if (sscanf(line, "%u %u %*u %63s", &a, &b, name) == 3 && (a | b) && !is_own(name)) found(name, 1, makedev(a, b));
  if (file != NULL) fclose(file);
  DIR *folder = opendir("/sys/class/scsi_generic");
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
    if (sscanf(entry->d_name, "sg%u", &b) == 1) found(entry->d_name, 0, makedev(SG_MAJOR, b));
  if (folder != NULL) closedir(folder);
}

/* Reads the first block over SCSI pass-through; returns bytes, or -1. */
static ssize_t read_generic(int fd, void *buffer) {
  unsigned char read10[10] = {0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0}, sense[32];
  sg_io_hdr_t request = {.interface_id = 'S', .dxfer_direction = SG_DXFER_FROM_DEV, .cmd_len = sizeof read10,
                         .mx_sb_len = sizeof sense, .dxfer_len = 4096, .dxferp = buffer, .cmdp = read10,
                         .sbp = sense, .timeout = SG_TIMEOUT_MS};
  if (ioctl(fd, SG_IO, &request)) return -1;
  errno = EIO;
  return request.status || request.host_status || request.driver_status ? -1 : 4096 - request.resid;
}

static ssize_t try_path(const char *path, int is_block) {
  static char buffer[8192] __attribute__((aligned(4096)));
  /* Without O_NONBLOCK a block device is opened as a reader does it: it looks whether a medium is there. */
  int fd = open(path, is_block ? O_RDONLY | O_DIRECT | O_CLOEXEC : O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t n = is_block ? pread(fd, buffer, 512, 0) : read_generic(fd, buffer);
  if (n < 0 && is_block && errno == EINVAL) n = pread(fd, buffer, 4096, 0);
  int why = errno;
  close(fd);
  errno = why;
  return n;
}

static void try_node(struct node *one) {
  char paths[2][128], text[128];
  snprintf(paths[0], sizeof paths[0], "/dev/%s", one->name);
  snprintf(paths[1], sizeof paths[1], OWN_FOLDER "/%c%u-%u", one->is_block ? 'b' : 'c', major(one->number),
           minor(one->number));
  if (one->turn == 0) mknod(paths[1], (one->is_block ? S_IFBLK : S_IFCHR) | 0600, one->number); /* there from the last time, mostly */
  int is_own_node = one->turn++ % 2;
  ssize_t n = try_path(paths[is_own_node], one->is_block);
  int why = errno;
  tries++;
  quoted(text, sizeof text, one->name, strlen(one->name));
  if (n > 0) {
    one->was_read = 1;
    tell("read", now_ms(), ",\"name\":%s,\"block\":%d,\"bytes\":%zd,\"over\":\"%s\"", text, one->is_block, n,
         is_own_node ? "own" : "system");
  } else if (n < 0 && why != one->last_errno && one->errnos < 16) {
    one->errnos++;
    one->last_errno = why;
    tell("refused", now_ms(), ",\"name\":%s,\"errno\":\"%s\"", text, strerrorname_np(why));
  }
}

static void *keep_trying(void *nothing) {
  (void)nothing;
  int seen = 0;
  for (unsigned long look = 0;; look++) {
    pthread_mutex_lock(&lock);
    if (is_open) {
      struct timespec until;
      clock_gettime(CLOCK_REALTIME, &until);
      until.tv_nsec += EVERY_NS;
      if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
      pthread_cond_timedwait(&wake, &lock, &until);
    } else {
      pthread_cond_wait(&wake, &lock);
    }
    int may = is_open, must_look = is_hurried || seen != generation || look % LOOK_EVERY == 0;
    if (seen != generation) node_count = 0;
    seen = generation;
    is_hurried = 0;
    pthread_mutex_unlock(&lock);
    if (!may) continue;
    if (must_look) find_nodes();
    for (int i = 0; i < node_count; i++)
      if (!nodes[i].was_read) try_node(&nodes[i]);
  }
  return NULL;
}

void start_trying(char **own, int own_count) {
  own_disks = own;
  own_disk_count = own_count;
  mkdir(OWN_FOLDER, 0700);
  pthread_t thread;
  if (pthread_create(&thread, NULL, keep_trying, NULL)) exit(2);
  struct sched_param priority = {.sched_priority = 10};
  pthread_setschedparam(thread, SCHED_FIFO, &priority);
}

void open_window(void) {
  pthread_mutex_lock(&lock);
  is_open = 1;
  generation++;
  tries = 0;
  pthread_cond_signal(&wake);
  pthread_mutex_unlock(&lock);
}

unsigned long close_window(void) {
  pthread_mutex_lock(&lock);
  is_open = 0;
  pthread_mutex_unlock(&lock);
  return tries;
}

void hurry(void) {
  pthread_mutex_lock(&lock);
  is_hurried = 1;
  pthread_cond_signal(&wake);
  pthread_mutex_unlock(&lock);
}
