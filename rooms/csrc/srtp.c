#include "srtp.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { SHA1_BLOCK = 64, MEDIAN = 1 << 15, RTP_FIXED = 12, RTCP_FIXED = 8, ENCRYPTED = 0x80 };

static EVP_CIPHER *aes_gcm, *aes_ctr;
static EVP_MD *sha1;

int srtp_begin(void) {
  if (!aes_gcm) aes_gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
  if (!aes_ctr) aes_ctr = EVP_CIPHER_fetch(NULL, "AES-128-CTR", NULL);
  if (!sha1) sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
  return aes_gcm && aes_ctr && sha1;
}

/* ---- keys --------------------------------------------------------------------------------------------------------- */

/* RFC 3711, 4.3.1 and 4.3.3, with key derivation rate 0: AES in counter mode from (salt xor label·2^48)·2^16. */
int srtp_derive(const byte *key, const byte *salt, size_t salt_size, byte label, byte *out, int size) {
  byte iv[16] = {0}, zeros[32] = {0};
  int n = 0;
  memcpy(iv, salt, salt_size);
  iv[7] ^= label;
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  int done = cipher && EVP_EncryptInit_ex(cipher, aes_ctr, NULL, key, iv) && EVP_EncryptUpdate(cipher, out, &n, zeros, size);
  EVP_CIPHER_CTX_free(cipher);
  return done;
}

static int padded_digest(EVP_MD_CTX **context, const byte *key, byte pad) {
  byte block[SHA1_BLOCK];
  for (int at = 0; at < SHA1_BLOCK; at++) block[at] = (at < SHA1_KEY ? key[at] : 0) ^ pad;
  *context = EVP_MD_CTX_new();
  return *context && EVP_DigestInit_ex(*context, sha1, NULL) && EVP_DigestUpdate(*context, block, sizeof block);
}

int keys_set(Keys *keys, int opens, const byte *key, size_t key_size, const byte *salt, size_t salt_size, const byte *auth,
             size_t auth_size) {
  byte iv[16] = {0};
  int gcm = salt_size == GCM_SALT && auth_size == 0;
  if (key_size != KEY || !(gcm || (salt_size == CM_SALT && auth_size == SHA1_KEY))) return 0;
  keys->gcm = gcm;
  memcpy(keys->salt, salt, salt_size);
  keys->cipher = EVP_CIPHER_CTX_new();
  if (!keys->cipher) return 0;
  if (gcm) return EVP_CipherInit_ex(keys->cipher, aes_gcm, NULL, key, iv, !opens);
  keys->digest = EVP_MD_CTX_new();
  return EVP_EncryptInit_ex(keys->cipher, aes_ctr, NULL, key, iv) && keys->digest && padded_digest(&keys->inner, auth, 0x36) &&
         padded_digest(&keys->outer, auth, 0x5c);
}

void keys_clear(Keys *keys) {
  EVP_CIPHER_CTX_free(keys->cipher);
  EVP_MD_CTX_free(keys->inner);
  EVP_MD_CTX_free(keys->outer);
  EVP_MD_CTX_free(keys->digest);
  *keys = (Keys){0};
}

size_t tag_of(const Keys *keys) { return keys->gcm ? GCM_TAG : SHA1_TAG; }

/* ---- the two ciphers ---------------------------------------------------------------------------------------------- */

/* RFC 7714, 8.1 and 9.1: two zeros, SSRC, 48 bits of index, xor salt. */
static void gcm_iv(const Keys *keys, const byte *ssrc, uint64_t index, byte *iv) {
  iv[0] = iv[1] = 0;
  memcpy(iv + 2, ssrc, 4);
  for (int at = 0; at < 6; at++) iv[6 + at] = (byte)(index >> (40 - 8 * at));
  for (int at = 0; at < GCM_SALT; at++) iv[at] ^= keys->salt[at];
}

/* RFC 3711, 4.1.1: salt·2^16 xor SSRC·2^64 xor index·2^16. */
static void cm_iv(const Keys *keys, const byte *ssrc, uint64_t index, byte *iv) {
  memset(iv, 0, 16);
  memcpy(iv + 4, ssrc, 4);
  for (int at = 0; at < 6; at++) iv[8 + at] = (byte)(index >> (40 - 8 * at));
  for (int at = 0; at < CM_SALT; at++) iv[at] ^= keys->salt[at];
}

/* `extra` (0 or 4 bytes) is authenticated after `head`. */
static int gcm_seal(Keys *keys, const byte *iv, const byte *head, size_t head_size, const byte *extra, const byte *in, size_t size,
                    byte *out, byte *tag) {
  int n = 0, m = 0;
  return EVP_EncryptInit_ex(keys->cipher, NULL, NULL, NULL, iv) &&
         EVP_EncryptUpdate(keys->cipher, NULL, &n, head, (int)head_size) &&
         (!extra || EVP_EncryptUpdate(keys->cipher, NULL, &n, extra, RTCP_INDEX)) &&
         (!size || EVP_EncryptUpdate(keys->cipher, out, &m, in, (int)size)) && EVP_EncryptFinal_ex(keys->cipher, out + m, &n) &&
         EVP_CIPHER_CTX_ctrl(keys->cipher, EVP_CTRL_GCM_GET_TAG, GCM_TAG, tag);
}

static int gcm_open(Keys *keys, const byte *iv, const byte *head, size_t head_size, const byte *extra, const byte *in, size_t size,
                    byte *out, const byte *tag) {
  int n = 0, m = 0;
  byte given[GCM_TAG];
  memcpy(given, tag, GCM_TAG);
  return EVP_DecryptInit_ex(keys->cipher, NULL, NULL, NULL, iv) &&
         EVP_CIPHER_CTX_ctrl(keys->cipher, EVP_CTRL_GCM_SET_TAG, GCM_TAG, given) &&
         EVP_DecryptUpdate(keys->cipher, NULL, &n, head, (int)head_size) &&
         (!extra || EVP_DecryptUpdate(keys->cipher, NULL, &n, extra, RTCP_INDEX)) &&
         (!size || EVP_DecryptUpdate(keys->cipher, out, &m, in, (int)size)) && EVP_DecryptFinal_ex(keys->cipher, out + m, &n) > 0;
}

/* HMAC-SHA1-80 of `data` and then `counter`: the roll-over counter, or E flag and index of RTCP (RFC 3711, 4.2). */
static int hmac_sha1(Keys *keys, const byte *data, size_t size, uint32_t counter, byte *tag) {
  byte inner[20], whole[20];
  uint32_t big = htonl(counter);
  if (!EVP_MD_CTX_copy_ex(keys->digest, keys->inner) || !EVP_DigestUpdate(keys->digest, data, size) ||
      !EVP_DigestUpdate(keys->digest, &big, sizeof big) || !EVP_DigestFinal_ex(keys->digest, inner, NULL) ||
      !EVP_MD_CTX_copy_ex(keys->digest, keys->outer) || !EVP_DigestUpdate(keys->digest, inner, sizeof inner) ||
      !EVP_DigestFinal_ex(keys->digest, whole, NULL))
    return 0;
  memcpy(tag, whole, SHA1_TAG);
  return 1;
}

static int same_tag(const byte *ours, const byte *theirs) {
  byte differ = 0;
  for (int at = 0; at < SHA1_TAG; at++) differ |= ours[at] ^ theirs[at];
  return !differ;
}

static int counter_mode(Keys *keys, const byte *iv, const byte *in, size_t size, byte *out) {
  int n = 0;
  return EVP_EncryptInit_ex(keys->cipher, NULL, NULL, NULL, iv) && (!size || EVP_EncryptUpdate(keys->cipher, out, &n, in, (int)size));
}

/* ---- indexes ------------------------------------------------------------------------------------------------------ */

/* The index of a 16-bit number, and how far it lies from the highest: libsrtp's rule, so that both roll over alike. */
static int find_index(uint64_t highest, uint16_t number, uint64_t *index) {
  uint64_t rolled = highest >> 16;
  int local = (int)(highest & 0xFFFF), delta = number - local;
  if (highest > MEDIAN) {
    if (local < MEDIAN && delta > MEDIAN) {
      rolled--;
      delta -= 1 << 16;
    } else if (local >= MEDIAN && local - MEDIAN > number) {
      rolled++;
      delta += 1 << 16;
    }
  }
  *index = rolled << 16 | number;
  return delta;
}

size_t payload_at(const byte *packet, size_t size) {
  size_t at = RTP_FIXED + 4 * (size_t)(size ? packet[0] & 0x0F : 0);
  if (size < at) return 0;
  if (packet[0] & 0x10) {
    if (size < at + 4) return 0;
    at += 4 + 4 * (size_t)(packet[at + 2] << 8 | packet[at + 3]);
  }
  return size < at ? 0 : at;
}

static uint32_t word_at(const byte *at) {
  uint32_t word;
  memcpy(&word, at, sizeof word);
  return ntohl(word);
}

static void put_word(byte *at, uint32_t word) {
  word = htonl(word);
  memcpy(at, &word, sizeof word);
}

/* ---- sealing ------------------------------------------------------------------------------------------------------ */

/* NULL when there is no memory, or when a peer of ours is made to use up one SSRC after the other. */
static Sent *sent_under(Sealing *self, uint32_t ssrc) {
  if (self->last < self->known && self->streams[self->last].ssrc == ssrc) return &self->streams[self->last];
  for (self->last = 0; self->last < self->known; self->last++)
    if (self->streams[self->last].ssrc == ssrc) return &self->streams[self->last];
  if (self->known == MAX_SENT_SSRCS) return NULL;
  if (self->known == self->room) {
    int room = self->room ? 2 * self->room : 2;
    Sent *more = realloc(self->streams, (size_t)room * sizeof *more);
    if (!more) return NULL;
    self->streams = more;
    self->room = room;
  }
  self->streams[self->known] = (Sent){.ssrc = ssrc};
  return &self->streams[self->known++];
}

int seal_rtp(Sealing *self, byte *out, size_t header, const byte *payload, size_t size) {
  Keys *keys = &self->rtp;
  byte iv[16];
  uint64_t index;
  Sent *stream = sent_under(self, word_at(out + 8));
  if (!stream) return 0;
  int delta = find_index(stream->highest, (uint16_t)(out[2] << 8 | out[3]), &index);
  if (delta <= -WINDOW) return 0;
  if (delta > 0) stream->highest = index;
  if (keys->gcm) {
    gcm_iv(keys, out + 8, index, iv);
    return gcm_seal(keys, iv, out, header, NULL, payload, size, out + header, out + header + size);
  }
  cm_iv(keys, out + 8, index, iv);
  return counter_mode(keys, iv, payload, size, out + header) &&
         hmac_sha1(keys, out, header + size, (uint32_t)(index >> 16), out + header + size);
}

int seal_rtcp(Sealing *self, byte *out, size_t size) {
  Keys *keys = &self->rtcp;
  byte iv[16], word[RTCP_INDEX];
  if (size < RTCP_FIXED) return 0;
  Sent *stream = sent_under(self, word_at(out + 4));
  if (!stream || stream->rtcp_index >= 0x7FFFFFFF) return 0; /* RFC 3711, 9.2: then the keys have served their time */
  uint32_t index = ++stream->rtcp_index;
  byte *body = out + RTCP_FIXED;
  size_t body_size = size - RTCP_FIXED;
  put_word(word, index | 1u << 31);
  if (keys->gcm) {
    gcm_iv(keys, out + 4, index, iv);
    memcpy(out + size + GCM_TAG, word, RTCP_INDEX);
    return gcm_seal(keys, iv, out, RTCP_FIXED, word, body, body_size, body, out + size);
  }
  cm_iv(keys, out + 4, index, iv);
  memcpy(out + size, word, RTCP_INDEX);
  return counter_mode(keys, iv, body, body_size, body) && hmac_sha1(keys, out, size, index | 1u << 31, out + size + RTCP_INDEX);
}

/* ---- opening ------------------------------------------------------------------------------------------------------ */

static Heard *heard_from(Opening *self, uint32_t ssrc) {
  for (int at = 0; at < self->known; at++)
    if (self->streams[at].ssrc == ssrc) return &self->streams[at];
  return NULL;
}

/* Call once something authentic has come; before that `room_for_one` has seen to the place. */
static Heard *now_heard(Opening *self, Heard *stream, uint32_t ssrc) {
  if (stream) return stream;
  stream = &self->streams[self->known++];
  *stream = (Heard){.ssrc = ssrc};
  return stream;
}

static int room_for_one(Opening *self) {
  if (self->known == MAX_HEARD_SSRCS) return 0;
  if (self->known < self->room) return 1;
  int room = self->room ? 2 * self->room : 1;
  Heard *more = realloc(self->streams, (size_t)room * sizeof *more);
  if (!more) return 0;
  self->streams = more;
  self->room = room;
  return 1;
}

static int bit(const uint64_t *ring, uint64_t at, uint64_t bits) { return ring[at % bits / 64] >> (at % 64) & 1; }

/* Takes note of an authentic index `delta` from the highest. */
static void note(Heard *stream, uint64_t index, int delta) {
  if (delta >= WINDOW) memset(stream->seen, 0, sizeof stream->seen);
  for (uint64_t at = stream->highest + 1; delta > 0 && delta < WINDOW && at <= index; at++)
    stream->seen[at % WINDOW / 64] &= ~(1ULL << (at % 64));
  if (delta > 0) stream->highest = index;
  stream->seen[index % WINDOW / 64] |= 1ULL << (index % 64);
}

size_t open_rtp(Opening *self, const byte *packet, size_t size, byte *out) {
  Keys *keys = &self->rtp;
  size_t header = payload_at(packet, size), tag = tag_of(keys);
  if (!header || size < header + tag) return 0;
  uint32_t ssrc = word_at(packet + 8);
  uint16_t number = (uint16_t)(packet[2] << 8 | packet[3]);
  Heard *stream = heard_from(self, ssrc);
  if (!stream && !room_for_one(self)) return 0;
  uint64_t index;
  int delta = find_index(stream ? stream->highest : 0, number, &index);
  if (stream && delta <= 0 && (delta <= -WINDOW || bit(stream->seen, index, WINDOW))) return 0;
  byte iv[16], ours[SHA1_TAG];
  size_t plain = size - tag, body = plain - header;
  memcpy(out, packet, header);
  if (keys->gcm) {
    gcm_iv(keys, packet + 8, index, iv);
    if (!gcm_open(keys, iv, packet, header, NULL, packet + header, body, out + header, packet + plain)) return 0;
  } else {
    if (!hmac_sha1(keys, packet, plain, (uint32_t)(index >> 16), ours) || !same_tag(ours, packet + plain)) return 0;
    cm_iv(keys, packet + 8, index, iv);
    if (!counter_mode(keys, iv, packet + header, body, out + header)) return 0;
  }
  note(now_heard(self, stream, ssrc), index, delta);
  return plain;
}

/* Whether an index of RTCP may come: behind the window, or in it and not yet seen. */
static int rtcp_is_new(const Heard *stream, uint32_t index) {
  if (!stream) return 1;
  if (index < stream->rtcp_start) return 0;
  return index - stream->rtcp_start >= RTCP_WINDOW || !bit(stream->rtcp_seen, index, RTCP_WINDOW);
}

static void note_rtcp(Heard *stream, uint32_t index) {
  uint32_t end = stream->rtcp_start + RTCP_WINDOW; /* the first index behind the window */
  if (index >= end) {
    uint32_t by = index - end + 1;
    if (by >= RTCP_WINDOW) memset(stream->rtcp_seen, 0, sizeof stream->rtcp_seen);
    for (uint32_t at = end; by < RTCP_WINDOW && at <= index; at++)
      stream->rtcp_seen[at % RTCP_WINDOW / 64] &= ~(1ULL << (at % 64));
    stream->rtcp_start += by;
  }
  stream->rtcp_seen[index % RTCP_WINDOW / 64] |= 1ULL << (index % 64);
}

/* RFC 7714, 9.2 and 9.3: without the E flag the whole packet is in the clear, and authenticated. */
static int open_rtcp_gcm(Keys *keys, const byte *packet, size_t plain, const byte *word, byte *out) {
  byte iv[16];
  size_t clear = word[0] & ENCRYPTED ? RTCP_FIXED : plain;
  gcm_iv(keys, packet + 4, word_at(word) & 0x7FFFFFFF, iv);
  memcpy(out, packet, clear);
  return gcm_open(keys, iv, packet, clear, word, packet + clear, plain - clear, out + clear, packet + plain);
}

/* Without the E flag: not as agreed (RFC 3711, 3.4), as libsrtp has it. */
static int open_rtcp_cm(Keys *keys, const byte *packet, size_t plain, const byte *word, byte *out) {
  byte iv[16], ours[SHA1_TAG];
  if (!(word[0] & ENCRYPTED)) return 0;
  if (!hmac_sha1(keys, packet, plain, word_at(word), ours) || !same_tag(ours, word + RTCP_INDEX)) return 0;
  cm_iv(keys, packet + 4, word_at(word) & 0x7FFFFFFF, iv);
  memcpy(out, packet, RTCP_FIXED);
  return counter_mode(keys, iv, packet + RTCP_FIXED, plain - RTCP_FIXED, out + RTCP_FIXED);
}

size_t open_rtcp(Opening *self, const byte *packet, size_t size, byte *out) {
  Keys *keys = &self->rtcp;
  size_t trailer = tag_of(keys) + RTCP_INDEX;
  if (size < RTCP_FIXED + trailer) return 0;
  size_t plain = size - trailer;
  const byte *word = packet + (keys->gcm ? size - RTCP_INDEX : plain);
  uint32_t ssrc = word_at(packet + 4), index = word_at(word) & 0x7FFFFFFF;
  Heard *stream = heard_from(self, ssrc);
  if ((!stream && !room_for_one(self)) || !rtcp_is_new(stream, index)) return 0;
  if (!(keys->gcm ? open_rtcp_gcm : open_rtcp_cm)(keys, packet, plain, word, out)) return 0;
  note_rtcp(now_heard(self, stream, ssrc), index);
  return plain;
}
