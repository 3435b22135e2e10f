/* The hot path in C, behind the same interface as the pure Python one: seal a batch for many viewers, send it, and read
 * and open what comes, in as few system calls as the kernel allows. Nothing is decided here: who gets which packet under
 * which numbers is said by rooms.stream and rooms.viewer.
 *
 *   srtp.c     sealing and opening by session keys     RFC 3711 (CM-SHA1-80), RFC 7714 (GCM)   knows no Python
 *   keys.c     Sealer and Opener, `derive`             RFC 3711, 4.3
 *   vp8.c      numbers inside the payload              RFC 7741                                knows no Python
 *   lane.c     Lane: one viewer's stream
 *   outbox.c   sendmmsg and UDP_SEGMENT                                                        knows no Python
 *   report.c   sender reports                          RFC 3550, 6.4.1
 *   send.c     Sender: a batch to many lanes, and their reports
 *   receive.c  Receiver: recvmmsg
 *   check.c    `answer_check`                          RFC 7675, RFC 8489
 *   common.c   what every type does
 *
 * Order of the rules: (1) every length is checked before a byte is copied; (2) all memory is bounded by constants at the
 * top of the files; (3) an error costs one lane its batch, or one datagram; (4) while the interpreter is released only
 * memory that a Sender holds by references of its own is touched, and a Sealer at work (`user`) refuses anybody else. */
#include "check.h"
#include "keys.h"
#include "lane.h"
#include "receive.h"
#include "send.h"

enum { INTERFACE = 4 }; /* grows when rooms.native and these files must change together */

static PyMethodDef functions[] = {
    {"derive", derive, METH_VARARGS, "derive(master_key, master_salt, label, size) -> a session key (RFC 3711, 4.3)"},
    {"answer_check", answer_check, METH_VARARGS, "answer_check(datagram, ufrag, password, mapped) -> the answer, or None"},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "rooms._fanout", "The hot path in C; see rooms.native.", -1, functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__fanout(void) {
  if (!srtp_begin() || !check_begin()) return PyErr_Format(PyExc_ImportError, "this OpenSSL lacks AES-128 or SHA-1");
  PyObject *module = PyModule_Create(&definition);
  if (module && keys_begin(module) >= 0 && lane_begin(module) >= 0 && send_begin(module) >= 0 && receive_begin(module) >= 0 &&
      PyModule_AddIntConstant(module, "INTERFACE", INTERFACE) >= 0)
    return module;
  Py_XDECREF(module);
  return NULL;
}
