#include "send.h"
#include "lane.h"
#include "outbox.h"
#include "report.h"
#include "vp8.h"
#include <arpa/inet.h>

enum {
  MAX_PACKETS = 64,    /* of a batch, as rooms.stream.MAX_BATCH */
  LANES_AT_ONCE = 256, /* without the interpreter, then it is let in for a moment */
  MAX_SEGMENTS = 60,   /* as rooms.fanout: a kernel takes 64 segments and 64 KiB */
  MAX_GSO_BYTES = 60000,
};
_Static_assert(MAX_PACKETS * (MAX_DATAGRAM + GCM_TAG) <= ARENA, "a batch for one lane fits the arena");
_Static_assert(MAX_PACKETS <= (int)MESSAGES, "and its messages the list");

typedef struct {
  PyObject *held; /* keeps `payload` */
  const byte *payload;
  size_t size;
  uint32_t number, timestamp;
  byte marker;
} Packet;

/* A lane as it is when its batch begins; what Python changes meanwhile counts for the next. */
typedef struct {
  Lane *lane;
  Sealer *sealer;
  Place place;
  Shift moved;
  int sent;
} Turn;

typedef struct {
  int first, packets; /* of the batch */
  size_t segment;     /* plain size of each but the last */
} Run;

typedef struct {
  PyObject_HEAD
  int family, busy;
  int packet_count, run_count, turn_count;
  size_t batch_bytes; /* sealed, with the longer tag */
  size_t unsealed;
  Packet packets[MAX_PACKETS];
  Run runs[MAX_PACKETS];
  Turn turns[LANES_AT_ONCE];
  Outbox outbox;
} Sender;

enum { PAYLOAD, MARKER, INDEX, TIMESTAMP, NAMES };
static PyObject *names[NAMES];
static const char *const spelled[NAMES] = {"payload", "marker", "index", "timestamp"};

/* ---- without the interpreter -------------------------------------------------------------------------------------- */

static void put_header(byte *out, const Packet *packet, const Shift *moved) {
  uint32_t number = packet->number + moved->number, timestamp = htonl(packet->timestamp + moved->timestamp);
  uint32_t ssrc = htonl(moved->ssrc);
  out[0] = 0x80;
  out[1] = moved->payload_type | packet->marker;
  out[2] = (byte)(number >> 8);
  out[3] = (byte)number;
  memcpy(out + 4, &timestamp, 4);
  memcpy(out + 8, &ssrc, 4);
}

static int seal_run(Sender *self, const Turn *turn, const Run *run) {
  Outbox *outbox = &self->outbox;
  Sealing *sealing = &turn->sealer->sealing;
  for (int at = run->first; at < run->first + run->packets; at++) {
    const Packet *packet = &self->packets[at];
    byte *out = outbox->arena + outbox->used;
    const byte *payload = packet->payload;
    put_header(out, packet, &turn->moved);
    if (turn->moved.picture || turn->moved.tl0) {
      memcpy(out + RTP_HEADER, payload, packet->size);
      payload = out + RTP_HEADER;
      shift_vp8(out + RTP_HEADER, packet->size, turn->moved.picture, turn->moved.tl0);
    }
    if (!seal_rtp(sealing, out, RTP_HEADER, payload, packet->size)) return 0;
    outbox->used += RTP_HEADER + packet->size + tag_of(&sealing->rtp);
  }
  return 1;
}

/* A lane whose keys fail sends nothing of this batch. */
static int send_turn(Sender *self, const Turn *turn) {
  Outbox *outbox = &self->outbox;
  size_t used_before = outbox->used;
  int messages_before = outbox->count;
  for (int at = 0; at < self->run_count; at++) {
    size_t began = outbox->used;
    Run *run = &self->runs[at];
    if (!seal_run(self, turn, run)) {
      outbox->used = used_before;
      outbox->count = messages_before;
      self->unsealed++;
      return 0;
    }
    outbox_put(outbox, began, &turn->place, run->packets, run->segment + tag_of(&turn->sealer->sealing.rtp));
  }
  return 1;
}

static void send_turns(Sender *self, int fd) {
  for (Turn *turn = self->turns; turn < self->turns + self->turn_count; turn++) {
    if (!outbox_has_room(&self->outbox, self->batch_bytes, self->run_count)) outbox_flush(&self->outbox, fd);
    turn->sent = send_turn(self, turn);
  }
  outbox_flush(&self->outbox, fd);
}

/* Cut where UDP_SEGMENT must be cut, as rooms.fanout.runs: equal sizes, only the last of a run may be shorter. */
static void cut_runs(Sender *self) {
  self->run_count = 0;
  Run *run = NULL;
  size_t before = 0;
  for (int at = 0; at < self->packet_count; at++) {
    size_t size = RTP_HEADER + self->packets[at].size, number = run ? (size_t)run->packets + 1 : 0;
    if (self->outbox.segments && run && size <= run->segment && before == run->segment && number <= MAX_SEGMENTS &&
        number * (run->segment + 32) <= MAX_GSO_BYTES) {
      run->packets++;
    } else {
      run = &self->runs[self->run_count++];
      *run = (Run){at, 1, size};
    }
    before = size;
  }
}

/* ---- what Python says, read with every doubt: 1 taken, 0 not for us (the Python way takes it), -1 an exception ---- */

static int read_attribute(PyObject *object, int name, uint32_t *number) {
  PyObject *value = PyObject_GetAttr(object, names[name]);
  unsigned long long whole = value ? PyLong_AsUnsignedLongLongMask(value) : 0;
  Py_XDECREF(value);
  *number = (uint32_t)whole;
  return PyErr_Occurred() ? -1 : 1;
}

static int read_packet(PyObject *object, Packet *packet) {
  char *payload;
  Py_ssize_t size;
  packet->held = PyObject_GetAttr(object, names[PAYLOAD]);
  if (!packet->held || PyBytes_AsStringAndSize(packet->held, &payload, &size) < 0) return -1;
  if (size > MAX_DATAGRAM - RTP_HEADER) return 0;
  PyObject *marker = PyObject_GetAttr(object, names[MARKER]);
  int marked = marker ? PyObject_IsTrue(marker) : -1;
  Py_XDECREF(marker);
  if (marked < 0 || read_attribute(object, INDEX, &packet->number) < 0) return -1;
  packet->payload = (const byte *)payload;
  packet->size = (size_t)size;
  packet->marker = marked ? 0x80 : 0;
  return read_attribute(object, TIMESTAMP, &packet->timestamp);
}

static int read_batch(Sender *self, PyObject *packets) {
  Py_ssize_t count = PyTuple_Size(packets);
  if (count < 1 || count > MAX_PACKETS) return 0;
  self->batch_bytes = 0;
  while (self->packet_count < count) {
    Packet *packet = &self->packets[self->packet_count++]; /* counted at once: what it holds will be let go */
    packet->held = NULL;
    int read = read_packet(PyTuple_GetItem(packets, self->packet_count - 1), packet);
    if (read <= 0) return read;
    self->batch_bytes += RTP_HEADER + packet->size + GCM_TAG;
  }
  cut_runs(self);
  return 1;
}

/* A lane and its keys, which refuse everybody else until `end_turns`. */
static int begin_turn(Sender *self, PyObject *object) {
  Lane *lane = lane_of(object);
  Sealer *sealer = lane ? lane_keys(lane, self->family) : NULL;
  if (!sealer || (sealer->user && sealer->user != self)) return 0;
  Py_INCREF((PyObject *)lane);
  Py_INCREF((PyObject *)sealer);
  sealer->user = self;
  self->turns[self->turn_count++] = (Turn){lane, sealer, lane->place, lane->moved, 0};
  return 1;
}

static void end_turns(Sender *self) {
  size_t octets = self->batch_bytes - (size_t)self->packet_count * (RTP_HEADER + GCM_TAG);
  for (Turn *turn = self->turns; turn < self->turns + self->turn_count; turn++) {
    turn->sealer->user = NULL;
    if (turn->sent) {
      turn->lane->packets += (size_t)self->packet_count;
      turn->lane->octets += octets;
    }
  }
  while (self->turn_count) { /* last: letting go may run anything */
    Turn *turn = &self->turns[--self->turn_count];
    Py_DECREF((PyObject *)turn->sealer);
    Py_DECREF((PyObject *)turn->lane);
  }
}

static int send_some(Sender *self, int fd, PyObject *lanes, Py_ssize_t *at, PyObject *others) {
  Py_ssize_t count = PyTuple_Size(lanes);
  int done = 0;
  for (; *at < count && self->turn_count < LANES_AT_ONCE && done >= 0; ++*at) {
    PyObject *lane = PyTuple_GetItem(lanes, *at);
    if (!begin_turn(self, lane)) done = PyList_Append(others, lane);
  }
  if (done >= 0 && self->turn_count) {
    Py_BEGIN_ALLOW_THREADS
    send_turns(self, fd);
    Py_END_ALLOW_THREADS
  }
  end_turns(self);
  return done;
}

static int send_batch(Sender *self, int fd, PyObject *packets, PyObject *lanes, PyObject *others) {
  int done = read_batch(self, packets);
  Py_ssize_t at = 0, count = PyTuple_Size(lanes);
  if (done == 0) {
    for (; at < count && done >= 0; at++) done = PyList_Append(others, PyTuple_GetItem(lanes, at));
  }
  while (done >= 0 && at < count) done = send_some(self, fd, lanes, &at, others);
  for (int held = 0; held < self->packet_count; held++) Py_CLEAR(self->packets[held].held);
  self->packet_count = 0;
  return done;
}

/* What both methods answer: what is left to Python, and what became of the rest. Steals `others`. */
static PyObject *told(Sender *self, PyObject *others, int done) {
  Tally *sum = &self->outbox.tally;
  PyObject *result = NULL;
  if (others && done >= 0)
    result = Py_BuildValue("(Onnnnn)", others, (Py_ssize_t)sum->packets, (Py_ssize_t)sum->bytes, (Py_ssize_t)sum->full,
                           (Py_ssize_t)sum->failed, (Py_ssize_t)self->unsealed);
  Py_XDECREF(others);
  *sum = (Tally){0};
  self->unsealed = 0;
  self->busy = 0;
  return result;
}

/* send(fd, packets, lanes) -> (lanes that are not ours to serve, packets, bytes, full, failed, lanes not sealed) */
static PyObject *Sender_send(PyObject *object, PyObject *arguments) {
  Sender *self = (Sender *)object;
  PyObject *packets, *lanes;
  int fd, done = -1;
  if (!PyArg_ParseTuple(arguments, "iOO", &fd, &packets, &lanes)) return NULL;
  if (self->busy) return PyErr_Format(PyExc_RuntimeError, "a Sender sends one batch at a time");
  self->busy = 1;
  packets = PySequence_Tuple(packets); /* copies: nobody changes them while the interpreter is elsewhere */
  lanes = packets ? PySequence_Tuple(lanes) : NULL;
  PyObject *others = lanes ? PyList_New(0) : NULL;
  if (others) done = send_batch(self, fd, packets, lanes, others);
  Py_XDECREF(lanes);
  Py_XDECREF(packets);
  return told(self, others, done);
}

/* ---- sender reports ----------------------------------------------------------------------------------------------- */

/* report(fd, [[(lane, timestamp), …], …], ntp, cname) -> as send; the first is a list of what is left to Python.
 * The interpreter is kept: a second's reports are few and short. */
static PyObject *Sender_report(PyObject *object, PyObject *arguments) {
  Sender *self = (Sender *)object;
  PyObject *viewers;
  Saying saying;
  Py_ssize_t cname_size;
  unsigned long long ntp;
  int fd, done = 0;
  if (!PyArg_ParseTuple(arguments, "iO!Ky#", &fd, &PyList_Type, &viewers, &ntp, &saying.cname, &cname_size)) return NULL;
  if (cname_size > MAX_CNAME || cname_size % 4) return PyErr_Format(PyExc_ValueError, "a CNAME item in whole words");
  if (self->busy) return PyErr_Format(PyExc_RuntimeError, "a Sender sends one batch at a time");
  self->busy = 1;
  saying.cname_size = (size_t)cname_size;
  saying.ntp = ntp;
  PyObject *others = PyList_New(0);
  for (Py_ssize_t at = 0; others && done >= 0 && at < PyList_Size(viewers); at++) {
    PyObject *streams = PyList_GetItem(viewers, at);
    if (!report_one(&self->outbox, fd, self->family, streams, &saying, &self->unsealed)) done = PyList_Append(others, streams);
  }
  outbox_flush(&self->outbox, fd);
  return told(self, others, done);
}

/* ---- the type ----------------------------------------------------------------------------------------------------- */

static PyObject *Sender_segments(PyObject *object, void *closure) {
  (void)closure;
  return PyBool_FromLong(((Sender *)object)->outbox.segments);
}

static PyObject *Sender_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
  int family, segments;
  if (named && PyDict_Size(named)) return PyErr_Format(PyExc_TypeError, "Sender takes no named arguments");
  if (!PyArg_ParseTuple(arguments, "ip", &family, &segments)) return NULL;
  if (family != AF_INET && family != AF_INET6) return PyErr_Format(PyExc_ValueError, "not an IP socket");
  Sender *self = (Sender *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
  if (!self) return NULL;
  self->family = family;
  self->outbox.segments = segments;
  return (PyObject *)self;
}

static PyMethodDef methods[] = {
    {"send", Sender_send, METH_VARARGS,
     "send(fd, packets, lanes) -> (lanes left to Python, packets, bytes, buffer full, failed, lanes not sealed)"},
    {"report", Sender_report, METH_VARARGS,
     "report(fd, [[(lane, timestamp)]], ntp, cname) -> (viewers left to Python, packets, bytes, buffer full, failed, not sealed)"},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef properties[] = {
    {"segments", Sender_segments, NULL, "Whether runs still go out as one send.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyType_Slot slots[] = {
    {Py_tp_doc, "Sender(family, segments): seals and sends batches."},
    {Py_tp_new, Sender_new},
    {Py_tp_dealloc, plain_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, NULL},
};
static PyType_Spec spec = {"rooms._fanout.Sender", sizeof(Sender), 0, Py_TPFLAGS_DEFAULT, slots};

int send_begin(PyObject *module) {
  for (int at = 0; at < NAMES; at++)
    if (!names[at] && !(names[at] = PyUnicode_InternFromString(spelled[at]))) return -1;
  return add_type(module, &spec, NULL);
}
