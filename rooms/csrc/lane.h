/* Lane: where one viewer's stream goes, sealed by what, renumbered how; read from Python only when that changes. */
#ifndef ROOMS_LANE_H
#define ROOMS_LANE_H
#include "common.h"
#include "keys.h"
#include <netinet/in.h>

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} Place;

/* As rooms.sequence.Shift. */
typedef struct {
  uint32_t ssrc, number, timestamp, picture, tl0;
  byte payload_type;
} Shift;

typedef struct {
  PyObject_HEAD
  PyObject *address, *protect, *shift, *urgent;
  Place place;  /* of `address`; family 0: nothing that a UDP socket takes */
  Shift moved;  /* of `shift`, where `shifted` */
  int shifted;
  uint64_t packets, octets;
} Lane;

int lane_begin(PyObject *module);
/* NULL for anything that is no Lane of ours. */
Lane *lane_of(PyObject *object);
/* Its keys if a batch may be sealed and sent without Python, to a socket of this family; else NULL. Borrowed. */
Sealer *lane_keys(const Lane *lane, int family);

#endif
