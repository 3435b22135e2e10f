/* VP8: numbers in the payload (RFC 7741, 4.2), as rooms.vp8.shifted. */
#ifndef ROOMS_VP8_H
#define ROOMS_VP8_H
#include "common.h"

void shift_vp8(byte *payload, size_t size, uint32_t picture, uint32_t tl0);

#endif
