/* For tests: asks the kernel for connections in every way that a program has. Says what came of it, as lines of words. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

union place {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

static socklen_t parse(const char *text, int port, union place *to) {
  memset(to, 0, sizeof *to);
  if (strchr(text, ':')) {
    to->v6.sin6_family = AF_INET6;
    to->v6.sin6_port = htons(port);
    if (inet_pton(AF_INET6, text, &to->v6.sin6_addr) != 1) exit(2);
    return sizeof to->v6;
  }
  to->v4.sin_family = AF_INET;
  to->v4.sin_port = htons(port);
  if (inet_pton(AF_INET, text, &to->v4.sin_addr) != 1) exit(2);
  return sizeof to->v4;
}

/* Says 0, or the error: EINPROGRESS and refusals by a peer are none, for the kernel has tried. */
static int tried(long result) {
  if (result >= 0) return 0;
  return errno == EPERM ? EPERM : errno == EAFNOSUPPORT ? EAFNOSUPPORT : 0;
}

/* Connects through io_uring, as a program without one system call for each connection does. */
static int by_ring(int s, union place *to, socklen_t length) {
  struct io_uring_params p;
  memset(&p, 0, sizeof p);
  int ring = syscall(__NR_io_uring_setup, 4, &p);
  if (ring < 0) return -errno;
  char *sq = mmap(0, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
  char *cq = mmap(0, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), PROT_READ | PROT_WRITE, MAP_SHARED,
                  ring, IORING_OFF_CQ_RING);
  struct io_uring_sqe *sqe =
      mmap(0, p.sq_entries * sizeof *sqe, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
  memset(sqe, 0, sizeof *sqe);
  sqe->opcode = IORING_OP_CONNECT;
  sqe->fd = s;
  sqe->addr = (uintptr_t)to;
  sqe->off = length;
  unsigned *tail = (unsigned *)(sq + p.sq_off.tail);
  ((unsigned *)(sq + p.sq_off.array))[0] = 0;
  __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
  if (syscall(__NR_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) < 0) return -errno;
  int result = ((struct io_uring_cqe *)(cq + p.cq_off.cqes))->res;
  close(ring);
  return result;
}

static int ask(const char *way, const char *text, int port) {
  union place to;
  socklen_t length = parse(text, port, &to);
  int family = to.any.sa_family, type = SOCK_STREAM, protocol = 0;
  if (!strcmp(way, "udp") || !strcmp(way, "send") ||  !strcmp(way, "unspec-send") ||
      !strcmp(way, "connected-send"))
    type = SOCK_DGRAM;
  if (!strncmp(way, "udplite", 7)) type = SOCK_DGRAM, protocol = 136;
  if (!strcmp(way, "raw")) type = SOCK_RAW, protocol = IPPROTO_ICMP;
  if (!strcmp(way, "ping")) type = SOCK_DGRAM, protocol = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  if (!strcmp(way, "mptcp")) protocol = 262;
  int s = socket(family, type | SOCK_CLOEXEC, protocol);
  if (s < 0) return tried(s);
  int result;
  if (!strcmp(way, "send") || !strcmp(way, "udplite-send")) result = tried(sendto(s, "x", 1, 0, &to.any, length));
  else if (!strcmp(way, "connected-send")) {
    union place first;
    connect(s, &first.any, parse("127.0.0.1", 9, &first));
    result = tried(sendto(s, "x", 1, 0, &to.any, length));
  } else if (!strcmp(way, "unspec-send")) {
    to.any.sa_family = AF_UNSPEC;
    result = tried(sendto(s, "x", 1, 0, &to.any, length));
  } else if (!strcmp(way, "fastopen")) result = tried(sendto(s, "x", 1, MSG_FASTOPEN, &to.any, length));
  else if (!strcmp(way, "fastopen-connect")) {
    int on = 1;
    setsockopt(s, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on);
    result = tried(connect(s, &to.any, length));
  } else if (!strcmp(way, "foreign-family")) {
    to.any.sa_family = AF_X25;
    result = tried(connect(s, &to.any, length));
  } else if (!strcmp(way, "uring")) {
    int said = by_ring(s, &to, length);
    result = said < 0 ? (errno = -said, tried(-1)) : 0;
  } else if (!strcmp(way, "raw")) result = 0;
  else if (!strcmp(way, "bind")) result = tried(bind(s, &to.any, length));
  else result = tried(connect(s, &to.any, length));
  close(s);
  return result;
}

/* storm WAY FORMAT HOSTS PROCESSES EACH: `FORMAT` has the number of the host, 1 to HOSTS. */
static int storm(char **v) {
  int hosts = atoi(v[4]), processes = atoi(v[5]), each = atoi(v[6]);
  int start[2], report[2];
  if (pipe(start) || pipe(report)) return 1;
  for (int p = 0; p < processes; p++) {
    int pid = fork();
    if (pid) {
      printf("pid %d\n", pid);
      continue;
    }
    char byte;
    close(start[1]);
    if (read(start[0], &byte, 1) != 0) _exit(1);
    int refused = 0;
    for (int i = 0; i < each; i++) {
      char text[64];
      snprintf(text, sizeof text, v[3], i % hosts + 1);
      if (ask(v[2], text, 9) == EPERM) refused++;
    }
    if (write(report[1], &refused, sizeof refused) != sizeof refused) _exit(1);
    _exit(0);
  }
  fflush(stdout);
  close(start[1]);
  int refused = 0, one;
  for (int p = 0; p < processes; p++)
    if (read(report[0], &one, sizeof one) == sizeof one) refused += one;
  while (wait(0) > 0);
  printf("refused %d\n", refused);
  return 0;
}

/* pair ADDRESS PORT: one TCP connection to itself that comes about. */
static int pair(char **v) {
  union place to;
  socklen_t length = parse(v[2], atoi(v[3]), &to);
  int l = socket(to.any.sa_family, SOCK_STREAM, 0), on = 1;
  setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(l, &to.any, length) || listen(l, 1)) return 1;
  int c = socket(to.any.sa_family, SOCK_STREAM, 0);
  int said = tried(connect(c, &to.any, length));
  if (said == 0) close(accept(l, 0, 0));
  printf("said %d\n", said);
  return 0;
}

int main(int c, char **v) {
  if (c == 7 && !strcmp(v[1], "storm")) return storm(v);
  if (c == 4 && !strcmp(v[1], "pair")) return pair(v);
  /* Lines of WAY ADDRESS PORT: answers each with 0 or the error. */
  char way[32], text[64];
  int port;
  while (scanf("%31s %63s %d", way, text, &port) == 3) printf("%d\n", ask(way, text, port));
  return 0;
}
