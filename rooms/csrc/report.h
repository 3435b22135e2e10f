/* Sender reports of one viewer's streams in one datagram (RFC 3550, 6.4.1 and 6.5), as rooms.fanout.SenderReports. */
#ifndef ROOMS_REPORT_H
#define ROOMS_REPORT_H
#include "outbox.h"

enum { MAX_CNAME = 64 }; /* of the item and its padding */

typedef struct {
  const byte *cname; /* the item, in whole words */
  size_t cname_size;
  uint64_t ntp;
} Saying;

/* One viewer's [(lane, timestamp)]. 1: in the outbox, or counted as `unsealed`; 0: not for us. */
int report_one(Outbox *outbox, int fd, int family, PyObject *streams, const Saying *saying, size_t *unsealed);

#endif
