/* Consent checks (RFC 7675): a peer's binding request known in one look and answered. */
#ifndef ROOMS_CHECK_H
#define ROOMS_CHECK_H
#include "common.h"

int check_begin(void); /* 0: this OpenSSL lacks an algorithm */
PyObject *answer_check(PyObject *module, PyObject *arguments);

#endif
