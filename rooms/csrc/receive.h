/* Receiver: a batch of datagrams by one system call. */
#ifndef ROOMS_RECEIVE_H
#define ROOMS_RECEIVE_H
#include "common.h"

int receive_begin(PyObject *module);

#endif
