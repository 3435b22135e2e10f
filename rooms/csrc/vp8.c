#include "vp8.h"

void shift_vp8(byte *payload, size_t size, uint32_t picture, uint32_t tl0) {
  size_t at = 2, picture_at = 0, tl0_at = 0;
  int long_id = 0;
  if (size < 2 || !(payload[0] & 0x80)) return;
  byte flags = payload[1];
  if (flags & 0x80) {
    if (at >= size) return;
    long_id = payload[at] >> 7;
    picture_at = at;
    at += 1 + (size_t)long_id;
    if (at > size) return;
  }
  if (flags & 0x40) tl0_at = at++;
  if (at > size) return; /* a cut descriptor stays; a missing last byte (TID, KEYIDX) does not make it one */
  if (picture_at && long_id) {
    uint32_t moved = ((uint32_t)(payload[picture_at] & 0x7F) << 8 | payload[picture_at + 1]) + picture;
    payload[picture_at] = (byte)(0x80 | (moved >> 8 & 0x7F));
    payload[picture_at + 1] = (byte)moved;
  } else if (picture_at) {
    payload[picture_at] = (payload[picture_at] + picture) & 0x7F;
  }
  if (tl0_at) payload[tl0_at] = (byte)(payload[tl0_at] + tl0);
}
