/* Outbox: sealed datagrams on their way into the kernel, many in a system call. Knows nothing of Python.
 *
 * A message is a run of datagrams of equal size (only the last may be shorter) to one place: one send with UDP_SEGMENT,
 * as long as the kernel takes that; else one send each. Everything is bounded; `outbox_has_room` says when to flush. */
#ifndef ROOMS_OUTBOX_H
#define ROOMS_OUTBOX_H
#include "lane.h"
#include <sys/socket.h>

enum {
  ARENA = 192 * 1024, /* sealed bytes that wait for their system call */
  MESSAGES = 512,
};

typedef struct {
  size_t packets, bytes, full, failed;
} Tally;

typedef struct {
  int segments; /* whether the kernel takes runs; once refused, never again */
  int count;
  size_t used;
  struct mmsghdr messages[MESSAGES];
  struct iovec parts[MESSAGES];
  uint16_t segment[MESSAGES], packets[MESSAGES];
  Place places[MESSAGES];
  char control[MESSAGES][CMSG_SPACE(sizeof(uint16_t))];
  byte arena[ARENA];
  Tally tally;
} Outbox;

int outbox_has_room(const Outbox *self, size_t bytes, int messages);
/* The arena from `began` on is a message: `packets` datagrams of `segment` bytes, the last perhaps shorter. */
void outbox_put(Outbox *self, size_t began, const Place *place, int packets, size_t segment);
void outbox_flush(Outbox *self, int fd);

#endif
