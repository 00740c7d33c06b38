/* Tries to change the first block of a disk, by every way in that a program has, and says what became of each. */
#include "watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void say(const char *way, long result) {
  printf("%s %s\n", way, result > 0 ? "written" : strerrorname_np(errno));
}

static long write_generic(int fd, void *block) {
  unsigned char write10[10] = {0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, sense[32];
  sg_io_hdr_t request = {.interface_id = 'S', .dxfer_direction = SG_DXFER_TO_DEV, .cmd_len = sizeof write10,
                         .mx_sb_len = sizeof sense, .dxfer_len = 512, .dxferp = block, .cmdp = write10,
                         .sbp = sense, .timeout = 3000};
  if (ioctl(fd, SG_IO, &request)) return -1;
  errno = EIO;
  return request.status || request.host_status || request.driver_status ? -1 : 512;
}

void try_to_write(const char *disk, const char *generic) {
  static char block[512] __attribute__((aligned(4096)));
  int read_only = open(disk, O_RDONLY | O_DIRECT);
  if (read_only < 0 || pread(read_only, block, sizeof block, 0) <= 0) return say("read", -1);
  memcpy(block + 3, "SHOUKOU!", 8); /* the boot sector's name field: harmless, and seen */
  int writable = open(disk, O_RDWR | O_DIRECT);
  say("open-for-writing", writable < 0 ? -1 : 1);
  if (writable >= 0) say("write", pwrite(writable, block, sizeof block, 0));
  say("pass-through", write_generic(read_only, block));
  if (writable >= 0) say("pass-through-writable", write_generic(writable, block));
  int sg = open(generic, O_RDWR);
  if (sg < 0) say("generic-open", -1);
  else say("generic", write_generic(sg, block));
}
