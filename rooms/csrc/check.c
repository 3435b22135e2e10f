#include "check.h"
#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

/* RFC 8489, 5 and 14; RFC 8445, 16.1. */
enum {
  HEADER = 20,
  COOKIE_AT = 4, /* and the transaction id behind it */
  ATTRIBUTE = 4,
  MAX_ATTRIBUTES = 32, /* as rooms.stun */
  REQUEST = 0x0001,
  RESPONSE = 0x0101,
  USERNAME = 0x0006,
  INTEGRITY = 0x0008,
  XOR_MAPPED_ADDRESS = 0x0020,
  FINGERPRINT = 0x8028,
  SHA1 = 20,
  SHA1_BLOCK = 64,
  MAPPED_V4 = 8,
  MAPPED_V6 = 20,
  MAX_ANSWER = HEADER + ATTRIBUTE + MAPPED_V6 + ATTRIBUTE + SHA1 + ATTRIBUTE + 4,
};
static const uint32_t COOKIE = 0x2112A442, FINGERPRINT_XOR = 0x5354554E;

static EVP_MD *sha1;
static EVP_MD_CTX *digest; /* one for all: the interpreter is kept */

int check_begin(void) {
  if (!sha1) sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
  if (!digest) digest = EVP_MD_CTX_new();
  return sha1 && digest;
}

static uint32_t half_at(const byte *at) { return (uint32_t)(at[0] << 8 | at[1]); }

static uint32_t word_at(const byte *at) { return half_at(at) << 16 | half_at(at + 2); }

static byte *put_half(byte *out, uint32_t half) {
  out[0] = (byte)(half >> 8);
  out[1] = (byte)half;
  return out + 2;
}

static byte *put_word(byte *out, uint32_t word) { return put_half(put_half(out, word >> 16), word); }

/* CRC-32 of ITU V.42, half a byte a step. */
static uint32_t fingerprint(const byte *data, size_t size) {
  static const uint32_t steps[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
                                     0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
  uint32_t crc = 0xFFFFFFFF;
  for (size_t at = 0; at < size; at++) {
    crc ^= data[at];
    crc = crc >> 4 ^ steps[crc & 15];
    crc = crc >> 4 ^ steps[crc & 15];
  }
  return ~crc ^ FINGERPRINT_XOR;
}

/* RFC 2104. The key is no longer than a block. */
static int sign(const byte *key, size_t key_size, const byte *data, size_t size, byte *out) {
  byte inner[SHA1_BLOCK], outer[SHA1_BLOCK], middle[SHA1];
  memset(inner, 0x36, sizeof inner);
  memset(outer, 0x5c, sizeof outer);
  for (size_t at = 0; at < key_size; at++) {
    inner[at] ^= key[at];
    outer[at] ^= key[at];
  }
  return EVP_DigestInit_ex(digest, sha1, NULL) && EVP_DigestUpdate(digest, inner, sizeof inner) &&
         EVP_DigestUpdate(digest, data, size) && EVP_DigestFinal_ex(digest, middle, NULL) &&
         EVP_DigestInit_ex(digest, sha1, NULL) && EVP_DigestUpdate(digest, outer, sizeof outer) &&
         EVP_DigestUpdate(digest, middle, sizeof middle) && EVP_DigestFinal_ex(digest, out, NULL);
}

static int names(const byte *username, size_t size, const byte *ufrag, size_t ufrag_size) {
  return size > ufrag_size && !memcmp(username, ufrag, ufrag_size) && username[ufrag_size] == ':';
}

/* Where the integrity of a whole check that names `ufrag` stands; 0 for anything else, also for what is merely odd. */
static size_t find_integrity(const byte *data, size_t size, const byte *ufrag, size_t ufrag_size) {
  if (size < HEADER || half_at(data) != REQUEST || half_at(data + 2) != size - HEADER || word_at(data + COOKIE_AT) != COOKIE) return 0;
  size_t at = HEADER, integrity = 0;
  int ours = 0;
  for (int seen = 0; seen < MAX_ATTRIBUTES && at + ATTRIBUTE <= size; seen++) {
    uint32_t kind = half_at(data + at), length = half_at(data + at + 2);
    const byte *value = data + at + ATTRIBUTE;
    if (length > size - at - ATTRIBUTE) return 0;
    if (kind == FINGERPRINT) /* the last one */
      return ours && length == 4 && at + ATTRIBUTE + 4 == size && word_at(value) == fingerprint(data, at) ? integrity : 0;
    if (kind == INTEGRITY && !integrity) {
      if (length != SHA1) return 0;
      integrity = at;
    } else if (kind == USERNAME && !integrity) {
      ours = names(value, length, ufrag, ufrag_size);
    }
    at += ATTRIBUTE + length + (4 - length % 4) % 4;
  }
  return 0;
}

static int authentic(const byte *data, size_t integrity, const byte *key, size_t key_size) {
  byte covered[MAX_DATAGRAM], ours[SHA1];
  memcpy(covered, data, integrity);
  put_half(covered + 2, (uint32_t)(integrity + ATTRIBUTE + SHA1 - HEADER));
  return sign(key, key_size, covered, integrity, ours) && !CRYPTO_memcmp(ours, data + integrity + ATTRIBUTE, SHA1);
}

/* A success response; `mapped` is the value of MAPPED-ADDRESS, `request` lends cookie and transaction id. Its size; 0: failed. */
static size_t put_answer(byte *out, const byte *request, const byte *mapped, size_t mapped_size, const byte *key, size_t key_size) {
  byte *at = put_half(out, RESPONSE) + 2;
  memcpy(at, request + COOKIE_AT, HEADER - COOKIE_AT);
  at = put_half(put_half(out + HEADER, XOR_MAPPED_ADDRESS), (uint32_t)mapped_size);
  memcpy(at, mapped, mapped_size);
  for (int byte_of = 0; byte_of < 2; byte_of++) at[2 + byte_of] ^= request[COOKIE_AT + byte_of];
  for (size_t byte_of = 4; byte_of < mapped_size; byte_of++) at[byte_of] ^= request[COOKIE_AT + byte_of - 4];
  at += mapped_size;
  put_half(out + 2, (uint32_t)(at - out) + ATTRIBUTE + SHA1 - HEADER);
  size_t covered = (size_t)(at - out);
  at = put_half(put_half(at, INTEGRITY), SHA1);
  if (!sign(key, key_size, out, covered, at)) return 0;
  at += SHA1;
  put_half(out + 2, (uint32_t)(at - out) + ATTRIBUTE + 4 - HEADER);
  uint32_t checksum = fingerprint(out, (size_t)(at - out));
  return (size_t)(put_word(put_half(put_half(at, FINGERPRINT), 4), checksum) - out);
}

/* answer_check(datagram, ufrag, password, mapped) -> the answer, or None for whatever is no authentic check of this peer's, or
 * is one in a form that none of our clients uses: the ordinary way decides. */
PyObject *answer_check(PyObject *module, PyObject *arguments) {
  const byte *data, *ufrag, *key, *mapped;
  Py_ssize_t size, ufrag_size, key_size, mapped_size;
  byte out[MAX_ANSWER];
  (void)module;
  if (!PyArg_ParseTuple(arguments, "y#y#y#y#", &data, &size, &ufrag, &ufrag_size, &key, &key_size, &mapped, &mapped_size)) return NULL;
  if (key_size > SHA1_BLOCK || (mapped_size != MAPPED_V4 && mapped_size != MAPPED_V6))
    return PyErr_Format(PyExc_ValueError, "a password of up to 64 bytes, an address of 8 or 20");
  size_t answered = 0, integrity = 0;
  if (size <= MAX_DATAGRAM) integrity = find_integrity(data, (size_t)size, ufrag, (size_t)ufrag_size);
  if (integrity && authentic(data, integrity, key, (size_t)key_size))
    answered = put_answer(out, data, mapped, (size_t)mapped_size, key, (size_t)key_size);
  if (answered) return PyBytes_FromStringAndSize((const char *)out, (Py_ssize_t)answered);
  Py_RETURN_NONE;
}
