#include "keys.h"

PyTypeObject *sealer_type;

typedef struct {
  PyObject_HEAD
  Opening opening;
} Opener;

/* RTP's key, salt and auth key, then RTCP's. Sets an exception. */
static int read_keys(PyObject *arguments, PyObject *named, int opens, Keys *rtp, Keys *rtcp) {
  const byte *parts[6];
  Py_ssize_t sizes[6];
  if (named && PyDict_Size(named)) {
    PyErr_Format(PyExc_TypeError, "keys have no names");
    return 0;
  }
  if (!PyArg_ParseTuple(arguments, "y#y#y#y#y#y#", &parts[0], &sizes[0], &parts[1], &sizes[1], &parts[2], &sizes[2], &parts[3],
                        &sizes[3], &parts[4], &sizes[4], &parts[5], &sizes[5]))
    return 0;
  for (int at = 0; at < 6; at += 3)
    if (!keys_set(at ? rtcp : rtp, opens, parts[at], (size_t)sizes[at], parts[at + 1], (size_t)sizes[at + 1], parts[at + 2],
                  (size_t)sizes[at + 2])) {
      PyErr_Format(PyExc_ValueError, "keys of a profile that there is not");
      return 0;
    }
  if (rtp->gcm == rtcp->gcm) return 1;
  PyErr_Format(PyExc_ValueError, "keys of two profiles");
  return 0;
}

static PyObject *allocated(PyTypeObject *type) {
  return ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0); /* all zeros */
}

/* What a method of one packet is given; -1 with an exception for what no peer of ours sends or gets. */
static Py_ssize_t read_packet(PyObject *argument, const byte **packet) {
  char *data;
  Py_ssize_t size;
  if (PyBytes_AsStringAndSize(argument, &data, &size) < 0) return -1;
  *packet = (const byte *)data;
  if (size <= MAX_DATAGRAM) return size;
  PyErr_Format(PyExc_ValueError, "packet is too long");
  return -1;
}

/* ---- Sealer ------------------------------------------------------------------------------------------------------- */

static PyObject *Sealer_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
  Sealer *self = (Sealer *)allocated(type);
  if (self && read_keys(arguments, named, 0, &self->sealing.rtp, &self->sealing.rtcp)) return (PyObject *)self;
  Py_XDECREF((PyObject *)self);
  return NULL;
}

static void Sealer_dealloc(PyObject *object) {
  Sealing *sealing = &((Sealer *)object)->sealing;
  keys_clear(&sealing->rtp);
  keys_clear(&sealing->rtcp);
  free(sealing->streams);
  plain_dealloc(object);
}

static PyObject *free_to_seal(Sealer *self, Py_ssize_t size) {
  if (self->user) return PyErr_Format(PyExc_ValueError, "the keys are in use");
  return PyBytes_FromStringAndSize(NULL, size);
}

/* sealer(packet) -> bytes: what rooms.srtp.Srtp.protect promises. */
static PyObject *Sealer_call(PyObject *object, PyObject *arguments, PyObject *named) {
  Sealer *self = (Sealer *)object;
  PyObject *given;
  const byte *packet;
  if (named && PyDict_Size(named)) return PyErr_Format(PyExc_TypeError, "a Sealer takes one packet");
  if (!PyArg_ParseTuple(arguments, "O", &given)) return NULL;
  Py_ssize_t size = read_packet(given, &packet);
  if (size < 0) return NULL;
  size_t header = payload_at(packet, (size_t)size);
  if (!header) return PyErr_Format(PyExc_ValueError, "packet is cut");
  PyObject *sealed = free_to_seal(self, size + (Py_ssize_t)tag_of(&self->sealing.rtp));
  if (!sealed) return NULL;
  byte *out = (byte *)PyBytes_AsString(sealed);
  memcpy(out, packet, header);
  if (seal_rtp(&self->sealing, out, header, packet + header, (size_t)size - header)) return sealed;
  Py_DECREF(sealed);
  return PyErr_Format(PyExc_ValueError, "packet cannot be sealed");
}

/* sealer.rtcp(packet) -> bytes: what rooms.srtp.Srtp.protect_rtcp promises. */
static PyObject *Sealer_rtcp(PyObject *object, PyObject *given) {
  Sealer *self = (Sealer *)object;
  const byte *packet;
  Py_ssize_t size = read_packet(given, &packet);
  if (size < 0) return NULL;
  PyObject *sealed = free_to_seal(self, size + (Py_ssize_t)tag_of(&self->sealing.rtcp) + RTCP_INDEX);
  if (!sealed) return NULL;
  byte *out = (byte *)PyBytes_AsString(sealed);
  memcpy(out, packet, (size_t)size);
  if (seal_rtcp(&self->sealing, out, (size_t)size)) return sealed;
  Py_DECREF(sealed);
  return PyErr_Format(PyExc_ValueError, "packet cannot be sealed");
}

static PyMethodDef sealer_methods[] = {
    {"rtcp", Sealer_rtcp, METH_O, "rtcp(packet) -> the compound packet, sealed"},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot sealer_slots[] = {
    {Py_tp_doc, "Sealer(key, salt, auth, rtcp_key, rtcp_salt, rtcp_auth): outbound SRTP by session keys; call it with a packet."},
    {Py_tp_new, Sealer_new},
    {Py_tp_dealloc, Sealer_dealloc},
    {Py_tp_call, Sealer_call},
    {Py_tp_methods, sealer_methods},
    {0, NULL},
};
static PyType_Spec sealer_spec = {"rooms._fanout.Sealer", sizeof(Sealer), 0, Py_TPFLAGS_DEFAULT, sealer_slots};

/* ---- Opener ------------------------------------------------------------------------------------------------------- */

static PyObject *Opener_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
  Opener *self = (Opener *)allocated(type);
  if (self && read_keys(arguments, named, 1, &self->opening.rtp, &self->opening.rtcp)) return (PyObject *)self;
  Py_XDECREF((PyObject *)self);
  return NULL;
}

static void Opener_dealloc(PyObject *object) {
  Opening *opening = &((Opener *)object)->opening;
  keys_clear(&opening->rtp);
  keys_clear(&opening->rtcp);
  free(opening->streams);
  plain_dealloc(object);
}

static PyObject *opened(Opener *self, PyObject *given, size_t (*open)(Opening *, const byte *, size_t, byte *)) {
  const byte *packet;
  byte out[MAX_DATAGRAM];
  Py_ssize_t size = read_packet(given, &packet);
  if (size < 0) return NULL;
  size_t plain = open(&self->opening, packet, (size_t)size, out);
  if (!plain) return PyErr_Format(PyExc_ValueError, "packet is forged, repeated or cut");
  return PyBytes_FromStringAndSize((const char *)out, (Py_ssize_t)plain);
}

static PyObject *Opener_rtp(PyObject *object, PyObject *given) { return opened((Opener *)object, given, open_rtp); }

static PyObject *Opener_rtcp(PyObject *object, PyObject *given) { return opened((Opener *)object, given, open_rtcp); }

static PyMethodDef opener_methods[] = {
    {"rtp", Opener_rtp, METH_O, "rtp(datagram) -> the packet in the clear"},
    {"rtcp", Opener_rtcp, METH_O, "rtcp(datagram) -> the compound packet in the clear"},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot opener_slots[] = {
    {Py_tp_doc, "Opener(key, salt, auth, rtcp_key, rtcp_salt, rtcp_auth): inbound SRTP by session keys."},
    {Py_tp_new, Opener_new},
    {Py_tp_dealloc, Opener_dealloc},
    {Py_tp_methods, opener_methods},
    {0, NULL},
};
static PyType_Spec opener_spec = {"rooms._fanout.Opener", sizeof(Opener), 0, Py_TPFLAGS_DEFAULT, opener_slots};

/* ---- the module's part -------------------------------------------------------------------------------------------- */

PyObject *derive(PyObject *module, PyObject *arguments) {
  const byte *key, *salt;
  Py_ssize_t key_size, salt_size;
  int label, size;
  byte out[32];
  (void)module;
  if (!PyArg_ParseTuple(arguments, "y#y#ii", &key, &key_size, &salt, &salt_size, &label, &size)) return NULL;
  if (key_size != KEY || salt_size < 1 || salt_size > CM_SALT || label < 0 || label > 255 || size < 1 || size > (int)sizeof out)
    return PyErr_Format(PyExc_ValueError, "a master key of 16 bytes, a salt of up to 14, up to 32 bytes of a key");
  if (!srtp_derive(key, salt, (size_t)salt_size, (byte)label, out, size)) return PyErr_NoMemory();
  return PyBytes_FromStringAndSize((char *)out, size);
}

int keys_begin(PyObject *module) {
  return add_type(module, &sealer_spec, &sealer_type) < 0 ? -1 : add_type(module, &opener_spec, NULL);
}
