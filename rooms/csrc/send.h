/* Sender: a batch of packets to many lanes, and their reports, sealed and sent without the interpreter. */
#ifndef ROOMS_SEND_H
#define ROOMS_SEND_H
#include "common.h"

int send_begin(PyObject *module);

#endif
