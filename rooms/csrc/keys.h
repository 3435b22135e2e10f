/* Sealer and Opener: one direction of one peer's SRTP as Python objects. */
#ifndef ROOMS_KEYS_H
#define ROOMS_KEYS_H
#include "common.h"
#include "srtp.h"

typedef struct {
  PyObject_HEAD
  Sealing sealing;
  void *user; /* the Sender that works with it while the interpreter is elsewhere */
} Sealer;

extern PyTypeObject *sealer_type;

int keys_begin(PyObject *module);
PyObject *derive(PyObject *module, PyObject *arguments);

#endif
