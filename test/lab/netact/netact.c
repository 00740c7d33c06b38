/*
 * What a program may try to reach a network with, one act a call, so that a test can tell which of them got through.
 * Shares no code with the agent. Prints the result as `ok` or `errno N`; ends with 0 in both cases.
 *
 *   netact connect ADDRESS PORT          TCP connect, 200 ms at most
 *   netact flash ADDRESS PORT            TCP connect without waiting, closed at once: gone before anybody could look
 *   netact send ADDRESS PORT             one UDP datagram without connect
 *   netact ping ADDRESS                  one ICMP echo over a raw socket
 *   netact raw ADDRESS                   one packet of protocol 253 over a raw socket
 *   netact sctp ADDRESS PORT             an SCTP connect
 *   netact fastopen ADDRESS PORT         TCP with MSG_FASTOPEN: data without connect
 *   netact frame INTERFACE ADDRESS PORT  one whole Ethernet frame with UDP inside, over AF_PACKET
 *   netact serve PORT                    accepts TCP connections, greets, until killed
 *   netact sink PORT                     accepts TCP connections and reads them empty, until killed
 *   netact pump ADDRESS PORT MS          writes as much as goes for MS milliseconds; prints the bytes
 *   netact storm PROCESSES EACH FIRST N PORT
 *                                        each process makes EACH connects without waiting to N addresses from FIRST on
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_storage address;
static socklen_t address_size;

static int parse(const char *text, int port) {
  struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
  memset(&address, 0, sizeof address);
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address_size = sizeof *v4;
    return AF_INET;
  }
  if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address_size = sizeof *v6;
    return AF_INET6;
  }
  fprintf(stderr, "not an address: %s\n", text);
  exit(2);
}

static int say(int result) {
  if (result >= 0) puts("ok");
  else printf("errno %d\n", errno);
  return 0;
}

static int open_or_say(int family, int type, int protocol) {
  int fd = socket(family, type, protocol);
  if (fd < 0) {
    say(-1);
    exit(0);
  }
  return fd;
}

static int try_connect(int family, int type, int protocol, int wait_ms) {
  int fd = open_or_say(family, type | SOCK_NONBLOCK, protocol);
  int result = connect(fd, (void *)&address, address_size);
  if (result < 0 && errno == EINPROGRESS && wait_ms > 0) {
    struct pollfd one = {fd, POLLOUT, 0};
    int failure = ETIMEDOUT;
    socklen_t size = sizeof failure;
    if (poll(&one, 1, wait_ms) == 1) getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size);
    errno = failure;
    result = failure == 0 ? 0 : -1;
  }
  say(result);
  close(fd);
  return 0;
}

static unsigned short checksum(const void *bytes, size_t size) {
  const unsigned char *at = bytes;
  unsigned long sum = 0;
  for (size_t i = 0; i + 1 < size; i += 2) sum += (unsigned)at[i] << 8 | at[i + 1];
  if (size % 2) sum += (unsigned)at[size - 1] << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return htons(~sum);
}

static int ping(int family) {
  unsigned char echo[16] = {family == AF_INET ? 8 : 128, 0};
  echo[4] = 1;
  int fd = open_or_say(family, SOCK_RAW, family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
  if (family == AF_INET) {
    unsigned short sum = checksum(echo, sizeof echo);
    memcpy(echo + 2, &sum, 2);
  }
  return say(sendto(fd, echo, sizeof echo, 0, (void *)&address, address_size));
}

static int frame(const char *interface, const char *text, int port) {
  unsigned char bytes[64] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 99, 8, 0, 0x45, 0, 0, 50, 0, 1, 0, 0, 64, 17};
  int fd = open_or_say(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  struct sockaddr_ll to = {0};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = if_nametoindex(interface);
  to.sll_halen = 6;
  memset(to.sll_addr, 0xff, 6);
  inet_pton(AF_INET, "10.0.2.15", bytes + 26);
  inet_pton(AF_INET, text, bytes + 30);
  unsigned short sum = checksum(bytes + 14, 20);
  memcpy(bytes + 24, &sum, 2);
  bytes[34] = 0x9c;
  bytes[35] = 0x40;
  bytes[36] = port >> 8;
  bytes[37] = port & 0xff;
  bytes[39] = 30;
  return say(sendto(fd, bytes, sizeof bytes, 0, (void *)&to, sizeof to));
}

static int serve(int port) {
  int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  parse("0.0.0.0", port);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (void *)&address, address_size) < 0 || listen(fd, 128) < 0) return say(-1);
  puts("listening");
  fflush(stdout);
  for (;;) {
    int got = accept(fd, NULL, NULL);
    if (got < 0) continue;
    (void)!write(got, "hello\n", 6);
    close(got);
  }
}

static char block[1 << 18];

static int sink(int port) {
  int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  parse("0.0.0.0", port);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (void *)&address, address_size) < 0 || listen(fd, 16) < 0) return say(-1);
  puts("listening");
  fflush(stdout);
  for (;;) {
    int got = accept(fd, NULL, NULL);
    if (got < 0) continue;
    while (read(got, block, sizeof block) > 0) continue;
    close(got);
  }
}

static int pump(const char *text, int port, long ms) {
  struct timespec from, now;
  long long sent = 0;
  int fd = open_or_say(parse(text, port), SOCK_STREAM, 0);
  if (connect(fd, (void *)&address, address_size) < 0) return say(-1);
  clock_gettime(CLOCK_MONOTONIC, &from);
  do {
    ssize_t wrote = write(fd, block, sizeof block);
    if (wrote < 0) return say(-1);
    sent += wrote;
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < ms);
  printf("bytes %lld\n", sent);
  return 0;
}

/* Its last line tells what it did: processes, connects, how many came back with which result, and the first pid. */
static int storm(int processes, int each, const char *first, int count, int port) {
  struct timespec from, to;
  int results[2];
  if (pipe(results) < 0) return say(-1);
  clock_gettime(CLOCK_MONOTONIC, &from);
  for (int p = 0; p < processes; p++) {
    if (fork() != 0) continue;
    int refused = 0;
    parse(first, port);
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
    unsigned base = ntohl(v4->sin_addr.s_addr);
    for (int i = 0; i < each; i++) {
      int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      v4->sin_addr.s_addr = htonl(base + (p * each + i) % count);
      if (connect(fd, (void *)&address, address_size) < 0 && errno == EPERM) refused++;
      close(fd);
    }
    int line[2] = {getpid(), refused};
    (void)!write(results[1], line, sizeof line);
    _exit(0);
  }
  while (wait(NULL) > 0) continue;
  clock_gettime(CLOCK_MONOTONIC, &to);
  close(results[1]);
  long refused = 0;
  int line[2];
  while (read(results[0], line, sizeof line) == sizeof line) {
    printf("pid %d\n", line[0]);
    refused += line[1];
  }
  double took = (to.tv_sec - from.tv_sec) + (to.tv_nsec - from.tv_nsec) / 1e9;
  printf("connects %d refused %ld seconds %.4f\n", processes * each, refused, took);
  return 0;
}

int main(int argc, char **argv) {
  const char *act = argc > 1 ? argv[1] : "";
  if (!strcmp(act, "connect") && argc == 4)
    return try_connect(parse(argv[2], atoi(argv[3])), SOCK_STREAM, 0, 200);
  if (!strcmp(act, "flash") && argc == 4) return try_connect(parse(argv[2], atoi(argv[3])), SOCK_STREAM, 0, 0);
  if (!strcmp(act, "sctp") && argc == 4)
    return try_connect(parse(argv[2], atoi(argv[3])), SOCK_STREAM, IPPROTO_SCTP, 200);
  if (!strcmp(act, "send") && argc == 4) {
    int fd = open_or_say(parse(argv[2], atoi(argv[3])), SOCK_DGRAM, 0);
    return say(sendto(fd, "shoukou", 7, 0, (void *)&address, address_size));
  }
  if (!strcmp(act, "fastopen") && argc == 4) {
    int fd = open_or_say(parse(argv[2], atoi(argv[3])), SOCK_STREAM | SOCK_NONBLOCK, 0);
    return say(sendto(fd, "shoukou", 7, MSG_FASTOPEN, (void *)&address, address_size));
  }
  if (!strcmp(act, "ping") && argc == 3) return ping(parse(argv[2], 0));
  if (!strcmp(act, "raw") && argc == 3) {
    int fd = open_or_say(parse(argv[2], 0), SOCK_RAW, 253);
    return say(sendto(fd, "shoukou", 7, 0, (void *)&address, address_size));
  }
  if (!strcmp(act, "frame") && argc == 5) return frame(argv[2], argv[3], atoi(argv[4]));
  if (!strcmp(act, "serve") && argc == 3) return serve(atoi(argv[2]));
  if (!strcmp(act, "sink") && argc == 3) return sink(atoi(argv[2]));
  if (!strcmp(act, "pump") && argc == 5) return pump(argv[2], atoi(argv[3]), atol(argv[4]));
  if (!strcmp(act, "storm") && argc == 7)
    return storm(atoi(argv[2]), atoi(argv[3]), argv[4], atoi(argv[5]), atoi(argv[6]));
  fputs("netact: see the head of netact.c\n", stderr);
  return 2;
}
