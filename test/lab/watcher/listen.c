/* Takes the kernel's events: what was plugged, what driver was bound, what input device came. */
#include "watcher.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KERNEL_GROUP 1
/* 12,000 events of a storm, several times over: the judge must not lose what the judged one loses. */
#define BUFFER_BYTES (64 << 20)

int open_uevents(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
  int size = BUFFER_BYTES;
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP};
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) ||
      bind(fd, (struct sockaddr *)&address, sizeof address)) {
    perror("watcher: kernel events");
    exit(2);
  }
  return fd;
}

static const char *value(const char *event, size_t length, const char *key) {
  size_t n = strlen(key);
  for (const char *at = event; at < event + length; at += strlen(at) + 1)
    if (!strncmp(at, key, n) && at[n] == '=') return at + n + 1;
  return "";
}

static void take_one(const char *event, size_t length, double at) {
  char path[1024], one[256], two[256];
  const char *subsystem = value(event, length, "SUBSYSTEM"), *action = value(event, length, "ACTION");
  const char *type = value(event, length, "DEVTYPE"), *driver = value(event, length, "DRIVER");
  const char *where = value(event, length, "DEVPATH"), *name = value(event, length, "DEVNAME");
  quoted(path, sizeof path, where, strlen(where));
  if (!strcmp(action, "bind")) {
    tell("bind", at, ",\"path\":%s,\"subsystem\":%s,\"driver\":%s,\"devtype\":\"%s\"", path,
         quoted(one, sizeof one, subsystem, strlen(subsystem)), quoted(two, sizeof two, driver, strlen(driver)),
         !strcmp(type, "usb_device") ? "usb_device" : !strcmp(type, "usb_interface") ? "usb_interface" : "other");
    return;
  }
  int is_add = !strcmp(action, "add");
  if (!is_add && strcmp(action, "remove")) return;
  if (!strcmp(subsystem, "usb") && !strcmp(type, "usb_device")) {
    const char *product = value(event, length, "PRODUCT");
    tell(is_add ? "usb" : "usb-gone", at, ",\"path\":%s,\"product\":%s", path,
         quoted(one, sizeof one, product, strlen(product)));
  } else if (is_add && !strcmp(subsystem, "input") && !strncmp(name, "input/", 6)) {
    tell("input", at, ",\"path\":%s,\"name\":%s", path, quoted(one, sizeof one, name, strlen(name)));
  } else if (is_add && !strcmp(subsystem, "net")) {
    tell("net", at, ",\"path\":%s", path);
  } else if (is_add && (!strcmp(subsystem, "block") || !strcmp(subsystem, "scsi_generic"))) {
    hurry();
  }
}

void take_uevents(int fd) {
  static char buffer[65536];
  for (;;) {
    struct sockaddr_nl from;
    socklen_t size = sizeof from;
    ssize_t n = recvfrom(fd, buffer, sizeof buffer - 1, 0, (struct sockaddr *)&from, &size);
    double at = now_ms();
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) {
      tell("lost", at, ",\"errno\":%d", errno);
      if (errno != ENOBUFS) exit(2);
      continue;
    }
    if (from.nl_pid != 0) continue; /* not the kernel */
    buffer[n] = 0;
    take_one(buffer, n, at);
  }
}
