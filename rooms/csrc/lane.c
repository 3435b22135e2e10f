#include "lane.h"
#include <arpa/inet.h>

static PyTypeObject *lane_type;

/* ---- what Python says, read with every doubt: 1 taken, 0 not for us ------------------------------------------------ */

static int read_number(PyObject *object, uint32_t *number) {
  unsigned long long whole = PyLong_Check(object) ? PyLong_AsUnsignedLongLongMask(object) : (unsigned long long)-1;
  *number = (uint32_t)whole;
  return whole != (unsigned long long)-1 || (PyLong_Check(object) && !PyErr_Occurred());
}

/* An address as the socket module makes them: (host, port), for IPv6 also flow and scope. Numbers only. */
static int read_place(PyObject *address, Place *place) {
  char host[INET6_ADDRSTRLEN + 1];
  Py_ssize_t size, fields = PyTuple_Check(address) ? PyTuple_Size(address) : 0;
  if (fields != 2 && fields != 4) return 0;
  PyObject *name = PyTuple_GetItem(address, 0), *number = PyTuple_GetItem(address, 1);
  const char *text = PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, &size) : NULL;
  if (!text || !PyLong_Check(number)) return 0;
  const char *scope = memchr(text, '%', (size_t)size);
  if (scope) size = scope - text;
  if (size > INET6_ADDRSTRLEN || (scope && fields != 4)) return 0;
  memcpy(host, text, (size_t)size);
  host[size] = 0;
  long port = PyLong_AsLong(number);
  if (port < 0 || port > 0xFFFF || strlen(host) != (size_t)size) return 0;
  if (fields == 2 && inet_pton(AF_INET, host, &place->v4.sin_addr) == 1) {
    place->v4.sin_family = AF_INET;
    place->v4.sin_port = htons((uint16_t)port);
    return 1;
  }
  uint32_t flow = 0, scope_id = 0;
  if (fields == 4 && !(read_number(PyTuple_GetItem(address, 2), &flow) && read_number(PyTuple_GetItem(address, 3), &scope_id)))
    return 0;
  place->v6.sin6_family = AF_INET6;
  place->v6.sin6_port = htons((uint16_t)port);
  place->v6.sin6_flowinfo = htonl(flow);
  place->v6.sin6_scope_id = scope_id;
  return inet_pton(AF_INET6, host, &place->v6.sin6_addr) == 1;
}

static int read_shift(PyObject *shift, Shift *moved) {
  if (!PyTuple_Check(shift) || PyTuple_Size(shift) != 6) return 0;
  for (Py_ssize_t at = 0; at < 6; at++)
    if (!PyLong_Check(PyTuple_GetItem(shift, at))) return 0;
  int overflow;
  long long ssrc = PyLong_AsLongLongAndOverflow(PyTuple_GetItem(shift, 0), &overflow);
  if (overflow || ssrc < 0 || ssrc > 0xFFFFFFFF) return 0; /* which raises in Python */
  long payload_type = PyLong_AsLongAndOverflow(PyTuple_GetItem(shift, 1), &overflow);
  if (overflow || payload_type < 0 || payload_type > 255) return 0;
  moved->ssrc = (uint32_t)ssrc;
  moved->payload_type = (byte)payload_type;
  return read_number(PyTuple_GetItem(shift, 2), &moved->number) && read_number(PyTuple_GetItem(shift, 3), &moved->timestamp) &&
         read_number(PyTuple_GetItem(shift, 4), &moved->picture) && read_number(PyTuple_GetItem(shift, 5), &moved->tl0);
}

/* ---- attributes --------------------------------------------------------------------------------------------------- */

static int replace(PyObject **held, PyObject *value) {
  if (!value) {
    PyErr_Format(PyExc_AttributeError, "a lane keeps its attributes");
    return 0;
  }
  PyObject *before = *held;
  Py_INCREF(value);
  *held = value;
  Py_XDECREF(before);
  return 1;
}

static PyObject *get_object(PyObject *object, void *offset) {
  PyObject *held = *(PyObject **)((char *)object + (size_t)offset);
  Py_INCREF(held);
  return held;
}

static int set_object(PyObject *object, PyObject *value, void *offset) {
  return replace((PyObject **)((char *)object + (size_t)offset), value) ? 0 : -1;
}

static int set_address(PyObject *object, PyObject *value, void *unused) {
  Lane *self = (Lane *)object;
  (void)unused;
  if (!replace(&self->address, value)) return -1;
  Place place;
  memset(&place, 0, sizeof place);
  if (!read_place(value, &place)) memset(&place, 0, sizeof place);
  PyErr_Clear(); /* of numbers out of all range: those are Python's to complain about */
  self->place = place;
  return 0;
}

static int set_shift(PyObject *object, PyObject *value, void *unused) {
  Lane *self = (Lane *)object;
  (void)unused;
  if (!replace(&self->shift, value)) return -1;
  Shift moved = {0};
  self->shifted = read_shift(value, &moved);
  PyErr_Clear();
  self->moved = moved;
  return 0;
}

static PyObject *get_count(PyObject *object, void *offset) {
  return PyLong_FromUnsignedLongLong(*(uint64_t *)((char *)object + (size_t)offset));
}

static int set_count(PyObject *object, PyObject *value, void *offset) {
  unsigned long long count = value ? PyLong_AsUnsignedLongLong(value) : (unsigned long long)-1;
  if (!value) PyErr_Format(PyExc_AttributeError, "a lane keeps its attributes");
  if (PyErr_Occurred()) return -1;
  *(uint64_t *)((char *)object + (size_t)offset) = count;
  return 0;
}

static PyObject *Lane_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
  static char *words[] = {"address", "protect", "shift", "urgent", NULL};
  PyObject *address, *protect, *shift, *urgent = Py_False;
  if (!PyArg_ParseTupleAndKeywords(arguments, named, "OOO|$O", words, &address, &protect, &shift, &urgent)) return NULL;
  Lane *self = (Lane *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
  if (!self) return NULL;
  replace(&self->protect, protect);
  replace(&self->urgent, urgent);
  set_address((PyObject *)self, address, NULL);
  set_shift((PyObject *)self, shift, NULL);
  return (PyObject *)self;
}

static void Lane_dealloc(PyObject *object) {
  Lane *self = (Lane *)object;
  Py_XDECREF(self->address);
  Py_XDECREF(self->protect);
  Py_XDECREF(self->shift);
  Py_XDECREF(self->urgent);
  plain_dealloc(object);
}

#define FIELD(name) (void *)offsetof(Lane, name)
static PyGetSetDef properties[] = {
    {"address", get_object, set_address, "Where to.", FIELD(address)},
    {"protect", get_object, set_object, "Sealed by what.", FIELD(protect)},
    {"shift", get_object, set_shift, "Renumbered how.", FIELD(shift)},
    {"urgent", get_object, set_object, "Whether it goes before pictures where there is a queue.", FIELD(urgent)},
    {"packets", get_count, set_count, "Sent so far.", FIELD(packets)},
    {"octets", get_count, set_count, "Of payload, sent so far.", FIELD(octets)},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyType_Slot slots[] = {
    {Py_tp_doc, "Lane(address, protect, shift, *, urgent=False): as rooms.fanout.Lane, in a form that needs no reading."},
    {Py_tp_new, Lane_new},
    {Py_tp_dealloc, Lane_dealloc},
    {Py_tp_getset, properties},
    {0, NULL},
};
static PyType_Spec spec = {"rooms._fanout.Lane", sizeof(Lane), 0, Py_TPFLAGS_DEFAULT, slots};

int lane_begin(PyObject *module) { return add_type(module, &spec, &lane_type); }

Lane *lane_of(PyObject *object) { return Py_TYPE(object) == lane_type ? (Lane *)object : NULL; }

Sealer *lane_keys(const Lane *lane, int family) {
  if (!lane->shifted || lane->place.any.sa_family != family || Py_TYPE(lane->protect) != sealer_type) return NULL;
  return (Sealer *)lane->protect;
}
