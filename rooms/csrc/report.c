#include "report.h"
#include <arpa/inet.h>

enum {
  MAX_REPORTED = 16, /* streams of one viewer in one datagram; more go the Python way */
  REPORT_BYTES = 28, /* RFC 3550, 6.4.1, without report blocks */
  MAX_COMPOUND = MAX_REPORTED * (REPORT_BYTES + 8 + MAX_CNAME) + GCM_TAG + RTCP_INDEX,
};
_Static_assert((int)MAX_COMPOUND <= (int)ARENA, "the reports of one viewer fit the arena");

static byte *put_word(byte *out, uint32_t word) {
  word = htonl(word);
  memcpy(out, &word, sizeof word);
  return out + sizeof word;
}

/* A sender report without blocks and a CNAME, as rooms.rtcp builds them. */
static byte *put_report(byte *out, const Lane *lane, uint32_t timestamp, const Saying *saying) {
  out = put_word(out, 0x80C80000 | (REPORT_BYTES / 4 - 1));
  out = put_word(out, lane->moved.ssrc);
  out = put_word(out, (uint32_t)(saying->ntp >> 32));
  out = put_word(out, (uint32_t)saying->ntp);
  out = put_word(out, timestamp + lane->moved.timestamp);
  out = put_word(out, (uint32_t)lane->packets);
  out = put_word(out, (uint32_t)lane->octets);
  out = put_word(out, 0x81CA0000 | (uint32_t)(1 + saying->cname_size / 4));
  out = put_word(out, lane->moved.ssrc);
  memcpy(out, saying->cname, saying->cname_size);
  return out + saying->cname_size;
}

int report_one(Outbox *outbox, int fd, int family, PyObject *streams, const Saying *saying, size_t *unsealed) {
  if (!PyList_Check(streams)) return 0;
  Py_ssize_t count = PyList_Size(streams);
  Lane *lanes[MAX_REPORTED];
  uint32_t timestamps[MAX_REPORTED];
  Sealer *sealer = NULL;
  if (count < 1 || count > MAX_REPORTED) return 0;
  for (Py_ssize_t at = 0; at < count; at++) {
    PyObject *pair = PyList_GetItem(streams, at);
    if (!PyTuple_Check(pair) || PyTuple_Size(pair) != 2 || !PyLong_Check(PyTuple_GetItem(pair, 1))) return 0;
    lanes[at] = lane_of(PyTuple_GetItem(pair, 0));
    Sealer *keys = lanes[at] ? lane_keys(lanes[at], family) : NULL;
    if (!keys || keys->user || (sealer && keys != sealer)) return 0;
    sealer = keys;
    timestamps[at] = (uint32_t)PyLong_AsUnsignedLongLongMask(PyTuple_GetItem(pair, 1));
  }
  if (!outbox_has_room(outbox, MAX_COMPOUND, 1)) outbox_flush(outbox, fd);
  byte *began = outbox->arena + outbox->used, *out = began;
  for (Py_ssize_t at = 0; at < count; at++) out = put_report(out, lanes[at], timestamps[at], saying);
  size_t size = (size_t)(out - began), sealed = size + tag_of(&sealer->sealing.rtcp) + RTCP_INDEX;
  if (!seal_rtcp(&sealer->sealing, began, size)) {
    ++*unsealed;
    return 1;
  }
  outbox->used += sealed;
  outbox_put(outbox, outbox->used - sealed, &lanes[0]->place, 1, sealed);
  return 1;
}
