/* What all files of the extension share: the interpreter's stable ABI and the sizes of the wire. */
#ifndef ROOMS_COMMON_H
#define ROOMS_COMMON_H
#define PY_SSIZE_T_CLEAN
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t byte;

enum {
  MAX_DATAGRAM = 1500, /* no bigger one passes the guard, none is sent */
  RTP_HEADER = 12,     /* RFC 3550, 5.1, without contributing sources and extension */
  RTCP_HEADER = 8,     /* RFC 3550, 6.4.1: what SRTCP leaves in the clear */
};

/* Frees an object of one of our types that holds nothing any more. */
void plain_dealloc(PyObject *object);
/* Makes a type and puts it into the module; `kept` (if any) gets a reference for good. 0, or -1 with an exception. */
int add_type(PyObject *module, PyType_Spec *spec, PyTypeObject **kept);

#endif
