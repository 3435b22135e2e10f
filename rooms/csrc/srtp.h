/* SRTP and SRTCP of one direction by session keys: RFC 3711 (AES-CM, HMAC-SHA1-80) and RFC 7714 (AES-128-GCM).
 * Knows nothing of Python. Roll-over, replay windows and refusals are those of libsrtp. */
#ifndef ROOMS_SRTP_H
#define ROOMS_SRTP_H
#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t byte;

enum {
  KEY = 16,            /* AES-128 */
  GCM_SALT = 12,       /* RFC 7714, 12.1 */
  GCM_TAG = 16,
  CM_SALT = 14,        /* RFC 3711, 8.2 */
  SHA1_KEY = 20,
  SHA1_TAG = 10,
  RTCP_INDEX = 4,      /* the E flag and 31 bits */
  WINDOW = 1024,       /* as rooms.srtp.REPLAY_WINDOW */
  RTCP_WINDOW = 128,   /* libsrtp's */
  MAX_SENT_SSRCS = 256,
  MAX_HEARD_SSRCS = 128, /* as rooms.srtp.MAX_SSRCS: a peer that changes its SSRC with every packet shall not fill us */
};

/* Keys for RTP or for RTCP, in one direction. */
typedef struct {
  int gcm;
  byte salt[CM_SALT];
  EVP_CIPHER_CTX *cipher;
  EVP_MD_CTX *inner, *outer, *digest; /* HMAC-SHA1 (RFC 2104), both pads already digested */
} Keys;

/* An SSRC that we send under. */
typedef struct {
  uint32_t ssrc, rtcp_index;
  uint64_t highest; /* index: roll-over counter and sequence number (RFC 3711, 3.3.1) */
} Sent;

/* An SSRC that has sent us something authentic. */
typedef struct {
  uint32_t ssrc, rtcp_start; /* of the window of RTCP indexes */
  uint64_t highest;
  uint64_t seen[WINDOW / 64]; /* a bit per index, in a ring */
  uint64_t rtcp_seen[RTCP_WINDOW / 64];
} Heard;

typedef struct {
  Keys rtp, rtcp;
  Sent *streams;
  int known, room, last;
} Sealing;

typedef struct {
  Keys rtp, rtcp;
  Heard *streams;
  int known, room;
} Opening;

int srtp_begin(void); /* 0: this OpenSSL lacks an algorithm */
/* RFC 3711, 4.3: `size` bytes of a session key; 0 when it fails. The salt is filled up with zeros (RFC 7714, 11). */
int srtp_derive(const byte *key, const byte *salt, size_t salt_size, byte label, byte *out, int size);
/* By the lengths of salt and auth key: GCM (12, 0) or CM with HMAC-SHA1-80 (14, 20). 0: keys of no profile, or no memory. */
int keys_set(Keys *keys, int opens, const byte *key, size_t key_size, const byte *salt, size_t salt_size, const byte *auth,
             size_t auth_size);
void keys_clear(Keys *keys);
size_t tag_of(const Keys *keys);

/* Where the payload of a packet of anybody's begins; 0 when the packet is cut. */
size_t payload_at(const byte *packet, size_t size);

/* `out` holds the header already and has room for payload and tag; `payload` may lie in `out` behind the header. 0: refused. */
int seal_rtp(Sealing *self, byte *out, size_t header, const byte *payload, size_t size);
/* `out` holds the whole packet and has room for tag and index behind it. 0: refused. */
int seal_rtcp(Sealing *self, byte *out, size_t size);

/* Into `out`, as long as the packet. The plain size; 0: forged, repeated, too old, cut, or of one SSRC too many. */
size_t open_rtp(Opening *self, const byte *packet, size_t size, byte *out);
size_t open_rtcp(Opening *self, const byte *packet, size_t size, byte *out);

#endif
