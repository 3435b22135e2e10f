#include "receive.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

enum {
  READ_BATCH = 64,
  READ_BYTES = MAX_DATAGRAM + 1, /* one more than the guard lets pass, so that an oversized datagram is seen as such */
  LONGEST_WAIT_MS = 1000,        /* as rooms.port */
  REMEMBERED = 512,              /* source addresses whose Python form is kept */
};

typedef struct {
  struct sockaddr_storage place;
  socklen_t size;
  PyObject *address; /* as the socket module would make it; the same object while it is remembered */
} Source;

typedef struct {
  PyObject_HEAD
  struct mmsghdr messages[READ_BATCH];
  struct iovec parts[READ_BATCH];
  struct sockaddr_storage places[READ_BATCH];
  union {
    struct cmsghdr aligned;
    byte bytes[CMSG_SPACE(sizeof(struct timespec))];
  } stamps[READ_BATCH];
  byte datagrams[READ_BATCH][READ_BYTES];
  Source sources[REMEMBERED];
} Receiver;

static PyObject *make_address(const struct sockaddr_storage *place, socklen_t size) {
  char host[NI_MAXHOST];
  if (getnameinfo((const struct sockaddr *)place, size, host, sizeof host, NULL, 0, NI_NUMERICHOST))
    return PyErr_Format(PyExc_OSError, "an address that has no text");
  if (place->ss_family == AF_INET) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)place;
    return Py_BuildValue("(si)", host, ntohs(v4->sin_port));
  }
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)place;
  return Py_BuildValue("(siII)", host, ntohs(v6->sin6_port), ntohl(v6->sin6_flowinfo), v6->sin6_scope_id);
}

/* A new reference. The table is direct-mapped: a newer source simply takes the place. */
static PyObject *address_of(Receiver *self, const struct sockaddr_storage *place, socklen_t size) {
  uint32_t hash = 2166136261u;
  for (socklen_t at = 0; at < size; at++) hash = (hash ^ ((const byte *)place)[at]) * 16777619u;
  Source *source = &self->sources[hash % REMEMBERED];
  if (!source->address || source->size != size || memcmp(&source->place, place, size)) {
    PyObject *address = make_address(place, size), *before = source->address;
    if (!address) return NULL;
    memcpy(&source->place, place, size);
    source->size = size;
    source->address = address;
    Py_XDECREF(before);
  }
  Py_INCREF(source->address);
  return source->address;
}

/* How long the datagram has waited since the kernel took it in, 0 where it does not say (SO_TIMESTAMPNS). */
static double waited_ms(struct msghdr *header, const struct timespec *now) {
  for (struct cmsghdr *one = CMSG_FIRSTHDR(header); one; one = CMSG_NXTHDR(header, one)) {
    struct timespec then;
    if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_TIMESTAMPNS || one->cmsg_len < CMSG_LEN(sizeof then)) continue;
    memcpy(&then, CMSG_DATA(one), sizeof then);
    double waited = (double)(now->tv_sec - then.tv_sec) * 1e3 + (double)(now->tv_nsec - then.tv_nsec) / 1e6;
    return waited > 0 && waited < LONGEST_WAIT_MS ? waited : 0; /* the wall clock may be set meanwhile */
  }
  return 0;
}

static PyObject *one_datagram(Receiver *self, int at, const struct timespec *now) {
  struct msghdr *header = &self->messages[at].msg_hdr;
  PyObject *address = address_of(self, &self->places[at], header->msg_namelen), *read = NULL;
  if (address)
    read = Py_BuildValue("(y#Od)", self->datagrams[at], (Py_ssize_t)self->messages[at].msg_len, address, waited_ms(header, now));
  Py_XDECREF(address);
  return read;
}

/* receive(fd) -> [(datagram, address, milliseconds it has waited)]; empty when there is nothing, or an error of some earlier
 * send came up. */
static PyObject *Receiver_receive(PyObject *object, PyObject *arguments) {
  Receiver *self = (Receiver *)object;
  int fd;
  if (!PyArg_ParseTuple(arguments, "i", &fd)) return NULL;
  for (int at = 0; at < READ_BATCH; at++) {
    self->parts[at] = (struct iovec){self->datagrams[at], READ_BYTES};
    self->messages[at].msg_hdr = (struct msghdr){
        .msg_name = &self->places[at], .msg_namelen = sizeof self->places[at], .msg_iov = &self->parts[at], .msg_iovlen = 1,
        .msg_control = &self->stamps[at], .msg_controllen = sizeof self->stamps[at]};
  }
  int count = recvmmsg(fd, self->messages, READ_BATCH, MSG_DONTWAIT, NULL); /* does not wait: the interpreter is kept */
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  PyObject *read = PyList_New(0);
  for (int at = 0; read && at < count; at++) {
    PyObject *one = one_datagram(self, at, &now);
    if (!one || PyList_Append(read, one) < 0) Py_CLEAR(read);
    Py_XDECREF(one);
  }
  return read;
}

static PyObject *Receiver_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
  if ((named && PyDict_Size(named)) || PyTuple_Size(arguments))
    return PyErr_Format(PyExc_TypeError, "Receiver takes no arguments");
  return ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
}

static void Receiver_dealloc(PyObject *object) {
  for (int at = 0; at < REMEMBERED; at++) Py_XDECREF(((Receiver *)object)->sources[at].address);
  plain_dealloc(object);
}

static PyMethodDef methods[] = {
    {"receive", Receiver_receive, METH_VARARGS, "receive(fd) -> the datagrams that are there, each with its address and how long it has waited"},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot slots[] = {
    {Py_tp_doc, "Receiver(): reads a UDP socket in batches."},
    {Py_tp_new, Receiver_new},
    {Py_tp_dealloc, Receiver_dealloc},
    {Py_tp_methods, methods},
    {0, NULL},
};
static PyType_Spec spec = {"rooms._fanout.Receiver", sizeof(Receiver), 0, Py_TPFLAGS_DEFAULT, slots};

int receive_begin(PyObject *module) { return add_type(module, &spec, NULL); }
