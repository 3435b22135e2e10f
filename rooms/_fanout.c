/* The hot path in C, behind the same interface as the pure Python one: seal a batch for many viewers, send it, and
 * read what comes, in as few system calls as the kernel allows. Nothing is decided here: who gets which packet under
 * which numbers is said by rooms.stream and rooms.viewer.
 *
 *   derive    session keys from master keys                              RFC 3711, 4.3
 *   Sealer    one viewer's outbound SRTP: keys and roll-over counters    RFC 3711 (CM-SHA1-80), RFC 7714 (GCM)
 *   Sender    a batch of packets to many lanes: sendmmsg and UDP_SEGMENT
 *   Receiver  a batch of datagrams: recvmmsg
 *
 * Order of the rules: (1) every length is checked before a byte is copied; (2) all memory is bounded by the constants
 * below; (3) an error costs one lane its batch, or one datagram; (4) while the interpreter is released only memory
 * that a Sender holds by references of its own is touched, and a Sealer at work (`user`) refuses anybody else. */
#define PY_SSIZE_T_CLEAN
#define _GNU_SOURCE
#include <Python.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef SOL_UDP
#define SOL_UDP 17
#endif

enum {
  INTERFACE = 2,         /* grows when rooms.native and this file must change together */
  HEADER = 12,           /* RFC 3550, 5.1, without contributing sources and extension */
  KEY = 16,              /* AES-128 */
  GCM_SALT = 12,         /* RFC 7714, 12.1 */
  GCM_TAG = 16,
  CM_SALT = 14,          /* RFC 3711, 8.2 */
  SHA1_KEY = 20,
  SHA1_BLOCK = 64,
  SHA1_TAG = 10,
  WINDOW = 1024,         /* as rooms.srtp.REPLAY_WINDOW: older packets are not sealed a second time */
  MEDIAN = 1 << 15,
  MAX_SSRCS = 256,       /* that one viewer may be sent under */
  MAX_PLAIN = 1500,      /* no bigger packet passes the guard */
  MAX_PACKETS = 64,      /* of a batch, as rooms.stream.MAX_BATCH */
  LANES_AT_ONCE = 256,   /* without the interpreter, then it is let in for a moment */
  ARENA = 192 * 1024,    /* sealed bytes that wait for their system call; more than a batch for one lane */
  MESSAGES = 512,
  MAX_SEGMENTS = 60,     /* as rooms.fanout: a kernel takes 64 segments and 64 KiB */
  MAX_GSO_BYTES = 60000,
  READ_BATCH = 64,
  READ_BYTES = 1501,     /* one more than the guard lets pass, so that an oversized datagram is seen as such */
  LONGEST_WAIT_MS = 1000, /* as rooms.port */
  REMEMBERED = 512,      /* source addresses whose Python form is kept */
};
_Static_assert(MAX_PACKETS * (MAX_PLAIN + GCM_TAG) <= ARENA, "a batch for one lane fits the arena");
_Static_assert(MAX_PACKETS <= MESSAGES, "and its messages the list");

typedef uint8_t byte;

static EVP_CIPHER *aes_gcm, *aes_ctr;
static EVP_MD *sha1;

/* ---- one viewer's keys ------------------------------------------------------------------------------------------ */

typedef struct {
  uint32_t ssrc;
  uint64_t highest; /* index: roll-over counter and sequence number (RFC 3711, 3.3.1) */
} Stream;

typedef struct {
  PyObject_HEAD
  int gcm;
  byte salt[CM_SALT];
  EVP_CIPHER_CTX *cipher;
  EVP_MD_CTX *inner, *outer, *digest; /* HMAC-SHA1 (RFC 2104), both pads already digested */
  Stream *streams;
  int known, room, last;
  void *user; /* the Sender that works with it while the interpreter is elsewhere */
} Sealer;

/* NULL when there is no memory, or when a peer of ours is made to use up one SSRC after the other. */
static Stream *stream_of(Sealer *self, uint32_t ssrc) {
  if (self->last < self->known && self->streams[self->last].ssrc == ssrc) return &self->streams[self->last];
  for (self->last = 0; self->last < self->known; self->last++)
    if (self->streams[self->last].ssrc == ssrc) return &self->streams[self->last];
  if (self->known == MAX_SSRCS) return NULL;
  if (self->known == self->room) {
    int room = self->room ? 2 * self->room : 4;
    Stream *more = realloc(self->streams, (size_t)room * sizeof *more);
    if (!more) return NULL;
    self->streams = more;
    self->room = room;
  }
  self->streams[self->known] = (Stream){ssrc, 0};
  return &self->streams[self->known++];
}

/* The index of a 16-bit number: libsrtp's rule, so that both backends roll over at the same packet. 0: too old. */
static int find_index(Stream *stream, uint16_t number, uint64_t *index) {
  uint64_t rolled = stream->highest >> 16;
  int local = (int)(stream->highest & 0xFFFF), delta = number - local;
  if (stream->highest > MEDIAN) {
    if (local < MEDIAN && delta > MEDIAN) {
      rolled--;
      delta -= 1 << 16;
    } else if (local >= MEDIAN && local - MEDIAN > number) {
      rolled++;
      delta += 1 << 16;
    }
  }
  if (delta <= -WINDOW) return 0;
  *index = rolled << 16 | number;
  if (delta > 0) stream->highest = *index;
  return 1;
}

static int seal_gcm(Sealer *self, uint64_t index, byte *out, size_t header, const byte *payload, size_t size) {
  byte iv[GCM_SALT] = {0, 0}; /* RFC 7714, 8.1: two zeros, SSRC, roll-over counter, sequence number */
  int n = 0, m = 0;
  memcpy(iv + 2, out + 8, 4);
  for (int at = 0; at < 6; at++) iv[6 + at] = (byte)(index >> (40 - 8 * at));
  for (int at = 0; at < GCM_SALT; at++) iv[at] ^= self->salt[at];
  return EVP_EncryptInit_ex(self->cipher, NULL, NULL, NULL, iv) &&
         EVP_EncryptUpdate(self->cipher, NULL, &n, out, (int)header) &&
         (!size || EVP_EncryptUpdate(self->cipher, out + header, &m, payload, (int)size)) &&
         EVP_EncryptFinal_ex(self->cipher, out + header + m, &n) &&
         EVP_CIPHER_CTX_ctrl(self->cipher, EVP_CTRL_GCM_GET_TAG, GCM_TAG, out + header + size);
}

static int hmac_sha1(Sealer *self, const byte *data, size_t size, uint32_t rolled, byte *tag) {
  byte inner[20], whole[20], counter[4] = {(byte)(rolled >> 24), (byte)(rolled >> 16), (byte)(rolled >> 8), (byte)rolled};
  if (!EVP_MD_CTX_copy_ex(self->digest, self->inner) || !EVP_DigestUpdate(self->digest, data, size) ||
      !EVP_DigestUpdate(self->digest, counter, 4) || !EVP_DigestFinal_ex(self->digest, inner, NULL) ||
      !EVP_MD_CTX_copy_ex(self->digest, self->outer) || !EVP_DigestUpdate(self->digest, inner, sizeof inner) ||
      !EVP_DigestFinal_ex(self->digest, whole, NULL))
    return 0;
  memcpy(tag, whole, SHA1_TAG);
  return 1;
}

static int seal_cm(Sealer *self, uint64_t index, byte *out, size_t header, const byte *payload, size_t size) {
  byte iv[16] = {0}; /* RFC 3711, 4.1.1: salt·2^16 xor SSRC·2^64 xor index·2^16 */
  int n = 0;
  memcpy(iv + 4, out + 8, 4);
  for (int at = 0; at < 6; at++) iv[8 + at] = (byte)(index >> (40 - 8 * at));
  for (int at = 0; at < CM_SALT; at++) iv[at] ^= self->salt[at];
  return EVP_EncryptInit_ex(self->cipher, NULL, NULL, NULL, iv) &&
         (!size || EVP_EncryptUpdate(self->cipher, out + header, &n, payload, (int)size)) &&
         hmac_sha1(self, out, header + size, (uint32_t)(index >> 16), out + header + size);
}

static size_t tag_of(const Sealer *self) { return self->gcm ? GCM_TAG : SHA1_TAG; }

/* `out` holds the header already and has room for payload and tag; `payload` may lie in `out` behind the header. */
static int seal(Sealer *self, byte *out, size_t header, const byte *payload, size_t size) {
  uint32_t ssrc;
  uint64_t index;
  memcpy(&ssrc, out + 8, 4);
  Stream *stream = stream_of(self, ntohl(ssrc));
  if (!stream || !find_index(stream, (uint16_t)(out[2] << 8 | out[3]), &index)) return 0;
  return (self->gcm ? seal_gcm : seal_cm)(self, index, out, header, payload, size);
}

static int padded_digest(EVP_MD_CTX **context, const byte *key, byte pad) {
  byte block[SHA1_BLOCK];
  for (int at = 0; at < SHA1_BLOCK; at++) block[at] = (at < SHA1_KEY ? key[at] : 0) ^ pad;
  *context = EVP_MD_CTX_new();
  return *context && EVP_DigestInit_ex(*context, sha1, NULL) && EVP_DigestUpdate(*context, block, sizeof block);
}

static int set_keys(Sealer *self, const byte *key, const byte *auth) {
  byte iv[16] = {0};
  self->cipher = EVP_CIPHER_CTX_new();
  if (!self->cipher || !EVP_EncryptInit_ex(self->cipher, self->gcm ? aes_gcm : aes_ctr, NULL, key, iv)) return 0;
  if (self->gcm) return 1;
  self->digest = EVP_MD_CTX_new();
  return self->digest && padded_digest(&self->inner, auth, 0x36) && padded_digest(&self->outer, auth, 0x5c);
}

static PyObject *Sealer_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
  const byte *key, *salt, *auth;
  Py_ssize_t key_size, salt_size, auth_size;
  if (named && PyDict_Size(named)) return PyErr_Format(PyExc_TypeError, "Sealer takes no named arguments");
  if (!PyArg_ParseTuple(arguments, "y#y#y#", &key, &key_size, &salt, &salt_size, &auth, &auth_size)) return NULL;
  int gcm = salt_size == GCM_SALT && auth_size == 0;
  if (key_size != KEY || !(gcm || (salt_size == CM_SALT && auth_size == SHA1_KEY)))
    return PyErr_Format(PyExc_ValueError, "keys of a profile that there is not");
  allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  Sealer *self = (Sealer *)allocate(type, 0); /* all zeros */
  if (!self) return NULL;
  self->gcm = gcm;
  memcpy(self->salt, salt, (size_t)salt_size);
  if (set_keys(self, key, auth)) return (PyObject *)self;
  Py_DECREF(self);
  return PyErr_Format(PyExc_ValueError, "the keys cannot be used");
}

static void Sealer_dealloc(PyObject *object) {
  Sealer *self = (Sealer *)object;
  PyTypeObject *type = Py_TYPE(object);
  EVP_CIPHER_CTX_free(self->cipher);
  EVP_MD_CTX_free(self->inner);
  EVP_MD_CTX_free(self->outer);
  EVP_MD_CTX_free(self->digest);
  free(self->streams);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

/* Where the payload of a packet of anybody's begins; 0 when the packet is cut. */
static size_t payload_at(const byte *packet, size_t size) {
  size_t at = HEADER + 4 * (size_t)(size ? packet[0] & 0x0F : 0);
  if (size < at) return 0;
  if (packet[0] & 0x10) {
    if (size < at + 4) return 0;
    at += 4 + 4 * (size_t)(packet[at + 2] << 8 | packet[at + 3]);
  }
  return size < at ? 0 : at;
}

/* sealer(packet) -> bytes: what rooms.srtp.Srtp.protect promises. */
static PyObject *Sealer_call(PyObject *object, PyObject *arguments, PyObject *named) {
  Sealer *self = (Sealer *)object;
  const byte *packet;
  char *out;
  Py_ssize_t size;
  if (named && PyDict_Size(named)) return PyErr_Format(PyExc_TypeError, "a Sealer takes one packet");
  if (!PyArg_ParseTuple(arguments, "y#", &packet, &size)) return NULL;
  if (size > MAX_PLAIN) return PyErr_Format(PyExc_ValueError, "packet is too long");
  size_t header = payload_at(packet, (size_t)size);
  if (!header) return PyErr_Format(PyExc_ValueError, "packet is cut");
  if (self->user) return PyErr_Format(PyExc_ValueError, "the keys are in use");
  PyObject *sealed = PyBytes_FromStringAndSize(NULL, size + (Py_ssize_t)tag_of(self));
  if (!sealed) return NULL;
  out = PyBytes_AsString(sealed);
  memcpy(out, packet, header);
  if (seal(self, (byte *)out, header, packet + header, (size_t)size - header)) return sealed;
  Py_DECREF(sealed);
  return PyErr_Format(PyExc_ValueError, "packet cannot be sealed");
}

static PyType_Slot sealer_slots[] = {
    {Py_tp_doc, "Sealer(key, salt, auth): outbound SRTP by session keys; call it with a packet."},
    {Py_tp_new, Sealer_new},
    {Py_tp_dealloc, Sealer_dealloc},
    {Py_tp_call, Sealer_call},
    {0, NULL},
};
static PyType_Spec sealer_spec = {"rooms._fanout.Sealer", sizeof(Sealer), 0, Py_TPFLAGS_DEFAULT, sealer_slots};
static PyTypeObject *sealer_type;

/* RFC 3711, 4.3.1 and 4.3.3, with key derivation rate 0: AES in counter mode from (salt xor label·2^48)·2^16. */
static PyObject *derive(PyObject *module, PyObject *arguments) {
  const byte *key, *salt;
  Py_ssize_t key_size, salt_size;
  int label, size, n = 0;
  byte iv[16] = {0}, zeros[32] = {0}, out[32 + 16];
  (void)module;
  if (!PyArg_ParseTuple(arguments, "y#y#ii", &key, &key_size, &salt, &salt_size, &label, &size)) return NULL;
  if (key_size != KEY || salt_size < 1 || salt_size > CM_SALT || label < 0 || label > 255 || size < 1 || size > 32)
    return PyErr_Format(PyExc_ValueError, "a master key of 16 bytes, a salt of up to 14, up to 32 bytes of a key");
  memcpy(iv, salt, (size_t)salt_size); /* RFC 7714, 11: a shorter salt is filled up with zeros on the right */
  iv[7] ^= (byte)label;
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  int done = cipher && EVP_EncryptInit_ex(cipher, aes_ctr, NULL, key, iv) && EVP_EncryptUpdate(cipher, out, &n, zeros, size);
  EVP_CIPHER_CTX_free(cipher);
  return done ? PyBytes_FromStringAndSize((char *)out, size) : PyErr_NoMemory();
}

/* ---- VP8: numbers in the payload (RFC 7741, 4.2), as rooms.vp8.shifted -------------------------------------------- */

static void shift_vp8(byte *payload, size_t size, uint32_t picture, uint32_t tl0) {
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

/* ---- sending ------------------------------------------------------------------------------------------------------ */

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} Place;

typedef struct {
  PyObject *held; /* keeps `payload` */
  const byte *payload;
  size_t size;
  uint32_t number, timestamp;
  byte marker;
} Packet;

typedef struct {
  PyObject *self; /* borrowed from the tuple of lanes */
  Sealer *sealer; /* a reference of ours */
  Place place;
  uint32_t ssrc, number, timestamp, picture, tl0;
  byte payload_type, moves_picture, sent;
} Lane;

typedef struct {
  int first, packets; /* of the batch */
  size_t segment;     /* plain size of each but the last */
} Run;

typedef struct {
  size_t packets, bytes, full, failed, unsealed;
} Tally;

typedef struct {
  PyObject_HEAD
  int family, segments, busy;
  int packet_count, run_count, lane_count, message_count;
  size_t arena_used, batch_bytes; /* sealed; the latter with the longer tag */
  Packet packets[MAX_PACKETS];
  Run runs[MAX_PACKETS];
  Lane lanes[LANES_AT_ONCE];
  struct mmsghdr messages[MESSAGES];
  struct iovec parts[MESSAGES];
  Run *run_of[MESSAGES];
  size_t tag_in[MESSAGES];
  char control[MESSAGES][CMSG_SPACE(sizeof(uint16_t))];
  byte arena[ARENA];
  Tally tally;
} Sender;

static PyObject *names[12];
enum { PROTECT, ADDRESS, SHIFT, PACKETS, OCTETS, PAYLOAD, MARKER, INDEX, TIMESTAMP, NAMES };
static const char *const spelled[NAMES] = {"protect", "address", "shift",  "packets",  "octets",
                                           "payload", "marker",  "index", "timestamp"};

static int lost(Sender *self, size_t packets) {
  int full = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
  *(full ? &self->tally.full : &self->tally.failed) += packets;
  return 0;
}

static int refuses_segments(int error) {
  return error == EIO || error == EINVAL || error == ENOPROTOOPT || error == EOPNOTSUPP;
}

/* A message whose run was refused as one send, packet by packet. How many went out. */
static size_t send_singly(Sender *self, int fd, int message) {
  struct msghdr *header = &self->messages[message].msg_hdr;
  Run *run = self->run_of[message];
  byte *at = self->parts[message].iov_base;
  size_t left = self->parts[message].iov_len, segment = run->segment + self->tag_in[message], sent = 0;
  for (; left; left -= segment < left ? segment : left, at += segment) {
    size_t size = segment < left ? segment : left;
    if (sendto(fd, at, size, 0, header->msg_name, header->msg_namelen) < 0) {
      lost(self, 1);
    } else {
      self->tally.packets++;
      self->tally.bytes += size;
      sent++;
    }
  }
  return sent;
}

/* The first message of what is left was refused by the kernel. */
static void refused(Sender *self, int fd, int message) {
  int several = self->run_of[message]->packets > 1, error = errno;
  if (several && (refuses_segments(error) || error == EMSGSIZE)) {
    /* An address that takes nothing (port 0) is refused like that as well: it must not cost the others anything. */
    if (send_singly(self, fd, message) && error != EMSGSIZE) self->segments = 0;
  } else {
    lost(self, (size_t)self->run_of[message]->packets);
  }
}

static void flush(Sender *self, int fd) {
  int at = 0;
  while (at < self->message_count) {
    if (!self->segments && self->run_of[at]->packets > 1) {
      send_singly(self, fd, at++);
      continue;
    }
    int sent = sendmmsg(fd, self->messages + at, (unsigned)(self->message_count - at), 0);
    if (sent <= 0) {
      if (sent < 0 && errno == EINTR) continue;
      refused(self, fd, at++);
      continue;
    }
    for (int end = at + sent; at < end; at++) {
      self->tally.packets += (size_t)self->run_of[at]->packets;
      self->tally.bytes += self->parts[at].iov_len;
    }
  }
  self->message_count = 0;
  self->arena_used = 0;
}

static void put_header(byte *out, const Packet *packet, const Lane *lane) {
  uint32_t number = packet->number + lane->number, timestamp = htonl(packet->timestamp + lane->timestamp);
  uint32_t ssrc = htonl(lane->ssrc);
  out[0] = 0x80;
  out[1] = lane->payload_type | packet->marker;
  out[2] = (byte)(number >> 8);
  out[3] = (byte)number;
  memcpy(out + 4, &timestamp, 4);
  memcpy(out + 8, &ssrc, 4);
}

static int seal_run(Sender *self, Lane *lane, const Run *run) {
  for (int at = run->first; at < run->first + run->packets; at++) {
    const Packet *packet = &self->packets[at];
    byte *out = self->arena + self->arena_used;
    const byte *payload = packet->payload;
    put_header(out, packet, lane);
    if (lane->moves_picture) {
      memcpy(out + HEADER, payload, packet->size);
      payload = out + HEADER;
      shift_vp8(out + HEADER, packet->size, lane->picture, lane->tl0);
    }
    if (!seal(lane->sealer, out, HEADER, payload, packet->size)) return 0;
    self->arena_used += HEADER + packet->size + tag_of(lane->sealer);
  }
  return 1;
}

static void put_message(Sender *self, Lane *lane, Run *run, size_t began) {
  int at = self->message_count++;
  struct msghdr *header = &self->messages[at].msg_hdr;
  memset(header, 0, sizeof *header);
  self->parts[at] = (struct iovec){self->arena + began, self->arena_used - began};
  self->run_of[at] = run;
  self->tag_in[at] = tag_of(lane->sealer);
  header->msg_name = &lane->place;
  header->msg_namelen = self->family == AF_INET ? sizeof lane->place.v4 : sizeof lane->place.v6;
  header->msg_iov = &self->parts[at];
  header->msg_iovlen = 1;
  if (run->packets == 1) return;
  header->msg_control = self->control[at];
  header->msg_controllen = sizeof self->control[at];
  struct cmsghdr *option = CMSG_FIRSTHDR(header);
  uint16_t segment = (uint16_t)(run->segment + self->tag_in[at]);
  option->cmsg_level = SOL_UDP;
  option->cmsg_type = UDP_SEGMENT;
  option->cmsg_len = CMSG_LEN(sizeof segment);
  memcpy(CMSG_DATA(option), &segment, sizeof segment);
}

/* Without the interpreter. A lane whose keys fail sends nothing of this batch. */
static void send_lanes(Sender *self, int fd) {
  for (Lane *lane = self->lanes; lane < self->lanes + self->lane_count; lane++) {
    if (self->arena_used + self->batch_bytes > ARENA || self->message_count + self->run_count > MESSAGES) flush(self, fd);
    size_t arena_before = self->arena_used;
    int messages_before = self->message_count, sealed = 1;
    for (int at = 0; at < self->run_count && sealed; at++) {
      size_t began = self->arena_used;
      sealed = seal_run(self, lane, &self->runs[at]);
      if (sealed) put_message(self, lane, &self->runs[at], began);
    }
    lane->sent = (byte)sealed;
    if (!sealed) {
      self->arena_used = arena_before;
      self->message_count = messages_before;
      self->tally.unsealed++;
    }
  }
  flush(self, fd);
}

/* Cut where UDP_SEGMENT must be cut, as rooms.fanout.runs: equal sizes, only the last of a run may be shorter. */
static void cut_runs(Sender *self) {
  self->run_count = 0;
  Run *run = NULL;
  size_t before = 0;
  for (int at = 0; at < self->packet_count; at++) {
    size_t size = HEADER + self->packets[at].size, number = run ? (size_t)run->packets + 1 : 0;
    if (self->segments && run && size <= run->segment && before == run->segment && number <= MAX_SEGMENTS &&
        number * (run->segment + 32) <= MAX_GSO_BYTES) {
      run->packets++;
    } else {
      run = &self->runs[self->run_count++];
      *run = (Run){at, 1, size};
    }
    before = size;
  }
}

/* ---- what Python says, read with every doubt: 1 taken, 0 not for us (the Python way takes it), -1 an exception ---- */

static int read_number(PyObject *object, uint32_t *number) {
  unsigned long long whole = PyLong_AsUnsignedLongLongMask(object);
  if (whole == (unsigned long long)-1 && PyErr_Occurred()) return -1;
  *number = (uint32_t)whole;
  return 1;
}

static int read_attribute(PyObject *object, int name, uint32_t *number) {
  PyObject *value = PyObject_GetAttr(object, names[name]);
  int done = value ? read_number(value, number) : -1;
  Py_XDECREF(value);
  return done;
}

static int read_packet(PyObject *object, Packet *packet) {
  char *payload;
  Py_ssize_t size;
  packet->held = PyObject_GetAttr(object, names[PAYLOAD]);
  if (!packet->held || PyBytes_AsStringAndSize(packet->held, &payload, &size) < 0) return -1;
  if (size > MAX_PLAIN - HEADER) return 0;
  PyObject *marker = PyObject_GetAttr(object, names[MARKER]);
  int marked = marker ? PyObject_IsTrue(marker) : -1;
  Py_XDECREF(marker);
  if (marked < 0 || read_attribute(object, INDEX, &packet->number) < 0) return -1;
  packet->payload = (const byte *)payload;
  packet->size = (size_t)size;
  packet->marker = marked ? 0x80 : 0;
  return read_attribute(object, TIMESTAMP, &packet->timestamp);
}

static int read_batch(Sender *self, PyObject *packets) {
  Py_ssize_t count = PyTuple_Size(packets);
  if (count < 1 || count > MAX_PACKETS) return 0;
  self->batch_bytes = 0;
  while (self->packet_count < count) {
    Packet *packet = &self->packets[self->packet_count++]; /* counted at once: what it holds will be let go */
    packet->held = NULL;
    int read = read_packet(PyTuple_GetItem(packets, self->packet_count - 1), packet);
    if (read <= 0) return read;
    self->batch_bytes += HEADER + packet->size + GCM_TAG;
  }
  cut_runs(self);
  return 1;
}

/* An address as the socket module makes them: (host, port), for IPv6 also flow and scope. Numbers only. */
static int read_place(const Sender *self, PyObject *address, Place *place) {
  char host[INET6_ADDRSTRLEN + 1];
  Py_ssize_t size, fields = PyTuple_Check(address) ? PyTuple_Size(address) : 0;
  if (fields != 2 && !(fields == 4 && self->family == AF_INET6)) return 0;
  const char *text = PyUnicode_Check(PyTuple_GetItem(address, 0)) ? PyUnicode_AsUTF8AndSize(PyTuple_GetItem(address, 0), &size) : NULL;
  if (!text || !PyLong_Check(PyTuple_GetItem(address, 1))) return 0;
  const char *scope = memchr(text, '%', (size_t)size);
  if (scope) size = scope - text;
  if (size > INET6_ADDRSTRLEN || (scope && fields != 4)) return 0;
  memcpy(host, text, (size_t)size);
  host[size] = 0;
  long port = PyLong_AsLong(PyTuple_GetItem(address, 1));
  if (port < 0 || port > 0xFFFF || strlen(host) != (size_t)size) return 0;
  memset(place, 0, sizeof *place);
  place->any.sa_family = (sa_family_t)self->family;
  if (self->family == AF_INET) {
    place->v4.sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &place->v4.sin_addr) == 1;
  }
  uint32_t flow = 0, scope_id = 0;
  if (fields == 4 && (read_number(PyTuple_GetItem(address, 2), &flow) < 0 || read_number(PyTuple_GetItem(address, 3), &scope_id) < 0))
    return -1;
  place->v6.sin6_port = htons((uint16_t)port);
  place->v6.sin6_flowinfo = htonl(flow);
  place->v6.sin6_scope_id = scope_id;
  return inet_pton(AF_INET6, host, &place->v6.sin6_addr) == 1;
}

static int read_shift(PyObject *shift, Lane *lane) {
  if (!PyTuple_Check(shift) || PyTuple_Size(shift) != 6) return 0;
  uint32_t *const fields[] = {NULL, NULL, &lane->number, &lane->timestamp, &lane->picture, &lane->tl0};
  for (Py_ssize_t at = 0; at < 6; at++)
    if (!PyLong_Check(PyTuple_GetItem(shift, at))) return 0;
  unsigned long long ssrc = PyLong_AsUnsignedLongLongMask(PyTuple_GetItem(shift, 0));
  long payload_type = PyLong_AsLong(PyTuple_GetItem(shift, 1));
  if (ssrc > 0xFFFFFFFF || payload_type < 0 || payload_type > 255) return 0; /* which raises in Python */
  lane->ssrc = (uint32_t)ssrc;
  lane->payload_type = (byte)payload_type;
  for (Py_ssize_t at = 2; at < 6; at++)
    if (read_number(PyTuple_GetItem(shift, at), fields[at]) < 0) return -1;
  lane->moves_picture = lane->picture || lane->tl0;
  return 1;
}

static int read_lane(Sender *self, PyObject *object, Lane *lane) {
  PyObject *protect = PyObject_GetAttr(object, names[PROTECT]);
  PyObject *address = protect ? PyObject_GetAttr(object, names[ADDRESS]) : NULL;
  PyObject *shift = address ? PyObject_GetAttr(object, names[SHIFT]) : NULL;
  int done = shift ? 0 : -1;
  if (shift && Py_TYPE(protect) == sealer_type) {
    Sealer *sealer = (Sealer *)protect;
    done = !sealer->user || sealer->user == self ? read_shift(shift, lane) : 0;
    if (done > 0) done = read_place(self, address, &lane->place);
    if (done > 0) {
      lane->self = object;
      lane->sealer = sealer;
      sealer->user = self;
      protect = NULL; /* the lane's now */
    }
  }
  Py_XDECREF(protect);
  Py_XDECREF(address);
  Py_XDECREF(shift);
  if (done == 0) PyErr_Clear(); /* of a number out of all range: it is Python's to complain */
  return done;
}

static int add_to(PyObject *lane, int name, size_t more) {
  PyObject *before = PyObject_GetAttr(lane, names[name]), *added = PyLong_FromSize_t(more);
  PyObject *sum = before && added ? PyNumber_Add(before, added) : NULL;
  int done = sum ? PyObject_SetAttr(lane, names[name], sum) : -1;
  Py_XDECREF(before);
  Py_XDECREF(added);
  Py_XDECREF(sum);
  return done;
}

/* Lets the lanes go; those that were sent to are told so, unless there is an exception to report. */
static int finish_lanes(Sender *self, int done) {
  size_t octets = self->batch_bytes - (size_t)self->packet_count * (HEADER + GCM_TAG);
  for (Lane *lane = self->lanes; lane < self->lanes + self->lane_count; lane++) lane->sealer->user = NULL;
  for (Lane *lane = self->lanes; lane < self->lanes + self->lane_count; lane++) {
    if (done >= 0 && lane->sent)
      done = add_to(lane->self, PACKETS, (size_t)self->packet_count) < 0 || add_to(lane->self, OCTETS, octets) < 0 ? -1 : done;
    Py_DECREF(lane->sealer);
  }
  self->lane_count = 0;
  return done;
}

static int send_some(Sender *self, int fd, PyObject *lanes, Py_ssize_t *at, PyObject *others) {
  Py_ssize_t count = PyTuple_Size(lanes);
  int done = 0;
  for (; *at < count && self->lane_count < LANES_AT_ONCE && done >= 0; ++*at) {
    PyObject *lane = PyTuple_GetItem(lanes, *at);
    self->lanes[self->lane_count].sent = 0;
    done = read_lane(self, lane, &self->lanes[self->lane_count]);
    if (done > 0)
      self->lane_count++;
    else if (done == 0)
      done = PyList_Append(others, lane);
  }
  if (done >= 0 && self->lane_count) {
    Py_BEGIN_ALLOW_THREADS
    send_lanes(self, fd);
    Py_END_ALLOW_THREADS
  }
  return finish_lanes(self, done < 0 ? -1 : 0);
}

static int send_batch(Sender *self, int fd, PyObject *packets, PyObject *lanes, PyObject *others) {
  int done = read_batch(self, packets);
  Py_ssize_t at = 0, count = PyTuple_Size(lanes);
  if (done == 0) {
    for (; at < count && done >= 0; at++) done = PyList_Append(others, PyTuple_GetItem(lanes, at));
  }
  while (done >= 0 && at < count) done = send_some(self, fd, lanes, &at, others);
  for (int held = 0; held < self->packet_count; held++) Py_CLEAR(self->packets[held].held);
  self->packet_count = 0;
  return done;
}

/* send(fd, packets, lanes) -> (lanes that are not ours to serve, packets, bytes, full, failed, lanes not sealed) */
static PyObject *Sender_send(PyObject *object, PyObject *arguments) {
  Sender *self = (Sender *)object;
  PyObject *packets, *lanes, *result = NULL;
  int fd;
  if (!PyArg_ParseTuple(arguments, "iOO", &fd, &packets, &lanes)) return NULL;
  if (self->busy) return PyErr_Format(PyExc_RuntimeError, "a Sender sends one batch at a time");
  self->busy = 1;
  self->tally = (Tally){0};
  packets = PySequence_Tuple(packets); /* copies: nobody changes them while the interpreter is elsewhere */
  lanes = packets ? PySequence_Tuple(lanes) : NULL;
  PyObject *others = lanes ? PyList_New(0) : NULL;
  if (others && send_batch(self, fd, packets, lanes, others) >= 0) {
    Tally *sum = &self->tally;
    result = Py_BuildValue("(Onnnnn)", others, (Py_ssize_t)sum->packets, (Py_ssize_t)sum->bytes, (Py_ssize_t)sum->full,
                           (Py_ssize_t)sum->failed, (Py_ssize_t)sum->unsealed);
  }
  Py_XDECREF(others);
  Py_XDECREF(lanes);
  Py_XDECREF(packets);
  self->busy = 0;
  return result;
}

static PyObject *Sender_segments(PyObject *object, void *closure) {
  (void)closure;
  return PyBool_FromLong(((Sender *)object)->segments);
}

static PyObject *Sender_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
  int family, segments;
  if (named && PyDict_Size(named)) return PyErr_Format(PyExc_TypeError, "Sender takes no named arguments");
  if (!PyArg_ParseTuple(arguments, "ip", &family, &segments)) return NULL;
  if (family != AF_INET && family != AF_INET6) return PyErr_Format(PyExc_ValueError, "not an IP socket");
  Sender *self = (Sender *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
  if (!self) return NULL;
  self->family = family;
  self->segments = segments;
  return (PyObject *)self;
}

static void plain_dealloc(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

static PyMethodDef sender_methods[] = {
    {"send", Sender_send, METH_VARARGS,
     "send(fd, packets, lanes) -> (lanes left to Python, packets, bytes, buffer full, failed, lanes not sealed)"},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef sender_properties[] = {
    {"segments", Sender_segments, NULL, "Whether runs still go out as one send.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyType_Slot sender_slots[] = {
    {Py_tp_doc, "Sender(family, segments): seals and sends batches."},
    {Py_tp_new, Sender_new},
    {Py_tp_dealloc, plain_dealloc},
    {Py_tp_methods, sender_methods},
    {Py_tp_getset, sender_properties},
    {0, NULL},
};
static PyType_Spec sender_spec = {"rooms._fanout.Sender", sizeof(Sender), 0, Py_TPFLAGS_DEFAULT, sender_slots};

/* ---- receiving ---------------------------------------------------------------------------------------------------- */

typedef struct {
  struct sockaddr_storage place;
  socklen_t size;
  PyObject *address; /* as the socket module would make it; the same object while it is remembered */
} Source;

typedef struct {
  PyObject_HEAD
  struct mmsghdr messages[READ_BATCH];
  struct iovec parts[READ_BATCH];
  struct sockaddr_storage places[READ_BATCH];
  union {
    struct cmsghdr aligned;
    byte bytes[CMSG_SPACE(sizeof(struct timespec))];
  } stamps[READ_BATCH];
  byte datagrams[READ_BATCH][READ_BYTES];
  Source sources[REMEMBERED];
} Receiver;

static PyObject *make_address(const struct sockaddr_storage *place, socklen_t size) {
  char host[NI_MAXHOST];
  if (getnameinfo((const struct sockaddr *)place, size, host, sizeof host, NULL, 0, NI_NUMERICHOST))
    return PyErr_Format(PyExc_OSError, "an address that has no text");
  if (place->ss_family == AF_INET) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)place;
    return Py_BuildValue("(si)", host, ntohs(v4->sin_port));
  }
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)place;
  return Py_BuildValue("(siII)", host, ntohs(v6->sin6_port), ntohl(v6->sin6_flowinfo), v6->sin6_scope_id);
}

/* A new reference. The table is direct-mapped: a newer source simply takes the place. */
static PyObject *address_of(Receiver *self, const struct sockaddr_storage *place, socklen_t size) {
  uint32_t hash = 2166136261u;
  for (socklen_t at = 0; at < size; at++) hash = (hash ^ ((const byte *)place)[at]) * 16777619u;
  Source *source = &self->sources[hash % REMEMBERED];
  if (!source->address || source->size != size || memcmp(&source->place, place, size)) {
    PyObject *address = make_address(place, size), *before = source->address;
    if (!address) return NULL;
    memcpy(&source->place, place, size);
    source->size = size;
    source->address = address;
    Py_XDECREF(before);
  }
  Py_INCREF(source->address);
  return source->address;
}

/* How long the datagram has waited since the kernel took it in, 0 where it does not say (SO_TIMESTAMPNS). */
static double waited_ms(struct msghdr *header, const struct timespec *now) {
  for (struct cmsghdr *one = CMSG_FIRSTHDR(header); one; one = CMSG_NXTHDR(header, one)) {
    struct timespec then;
    if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_TIMESTAMPNS || one->cmsg_len < CMSG_LEN(sizeof then)) continue;
    memcpy(&then, CMSG_DATA(one), sizeof then);
    double waited = (double)(now->tv_sec - then.tv_sec) * 1e3 + (double)(now->tv_nsec - then.tv_nsec) / 1e6;
    return waited > 0 && waited < LONGEST_WAIT_MS ? waited : 0; /* the wall clock may be set meanwhile */
  }
  return 0;
}

static PyObject *one_datagram(Receiver *self, int at, const struct timespec *now) {
  struct msghdr *header = &self->messages[at].msg_hdr;
  PyObject *address = address_of(self, &self->places[at], header->msg_namelen), *read = NULL;
  if (address)
    read = Py_BuildValue("(y#Od)", self->datagrams[at], (Py_ssize_t)self->messages[at].msg_len, address, waited_ms(header, now));
  Py_XDECREF(address);
  return read;
}

/* receive(fd) -> [(datagram, address, milliseconds it has waited)]; empty when there is nothing, or an error of some earlier send came up. */
static PyObject *Receiver_receive(PyObject *object, PyObject *arguments) {
  Receiver *self = (Receiver *)object;
  int fd;
  if (!PyArg_ParseTuple(arguments, "i", &fd)) return NULL;
  for (int at = 0; at < READ_BATCH; at++) {
    self->parts[at] = (struct iovec){self->datagrams[at], READ_BYTES};
    self->messages[at].msg_hdr = (struct msghdr){
        .msg_name = &self->places[at], .msg_namelen = sizeof self->places[at], .msg_iov = &self->parts[at], .msg_iovlen = 1,
        .msg_control = &self->stamps[at], .msg_controllen = sizeof self->stamps[at]};
  }
  int count = recvmmsg(fd, self->messages, READ_BATCH, MSG_DONTWAIT, NULL); /* does not wait: the interpreter is kept */
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  PyObject *read = PyList_New(0);
  for (int at = 0; read && at < count; at++) {
    PyObject *one = one_datagram(self, at, &now);
    if (!one || PyList_Append(read, one) < 0) Py_CLEAR(read);
    Py_XDECREF(one);
  }
  return read;
}

static PyObject *Receiver_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
  if ((named && PyDict_Size(named)) || PyTuple_Size(arguments))
    return PyErr_Format(PyExc_TypeError, "Receiver takes no arguments");
  return ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
}

static void Receiver_dealloc(PyObject *object) {
  for (int at = 0; at < REMEMBERED; at++) Py_XDECREF(((Receiver *)object)->sources[at].address);
  plain_dealloc(object);
}

static PyMethodDef receiver_methods[] = {
    {"receive", Receiver_receive, METH_VARARGS, "receive(fd) -> the datagrams that are there, each with its address and how long it has waited"},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot receiver_slots[] = {
    {Py_tp_doc, "Receiver(): reads a UDP socket in batches."},
    {Py_tp_new, Receiver_new},
    {Py_tp_dealloc, Receiver_dealloc},
    {Py_tp_methods, receiver_methods},
    {0, NULL},
};
static PyType_Spec receiver_spec = {"rooms._fanout.Receiver", sizeof(Receiver), 0, Py_TPFLAGS_DEFAULT, receiver_slots};

/* ---- the module --------------------------------------------------------------------------------------------------- */

static PyMethodDef functions[] = {
    {"derive", derive, METH_VARARGS, "derive(master_key, master_salt, label, size) -> a session key (RFC 3711, 4.3)"},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "rooms._fanout", "The hot path in C; see rooms.native.", -1, functions, NULL, NULL, NULL, NULL};

static int add_type(PyObject *module, const char *name, PyType_Spec *spec, PyTypeObject **kept) {
  PyObject *type = PyType_FromSpec(spec);
  int done = type ? PyModule_AddObjectRef(module, name, type) : -1;
  if (kept)
    *kept = (PyTypeObject *)type; /* for good: the module is made once */
  else
    Py_XDECREF(type);
  return done;
}

PyMODINIT_FUNC PyInit__fanout(void) {
  for (int at = 0; at < NAMES; at++)
    if (!names[at] && !(names[at] = PyUnicode_InternFromString(spelled[at]))) return NULL;
  aes_gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
  aes_ctr = EVP_CIPHER_fetch(NULL, "AES-128-CTR", NULL);
  sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
  if (!aes_gcm || !aes_ctr || !sha1) return PyErr_Format(PyExc_ImportError, "this OpenSSL lacks AES-128 or SHA-1");
  PyObject *module = PyModule_Create(&definition);
  if (module && add_type(module, "Sealer", &sealer_spec, &sealer_type) >= 0 && add_type(module, "Sender", &sender_spec, NULL) >= 0 &&
      add_type(module, "Receiver", &receiver_spec, NULL) >= 0 && PyModule_AddIntConstant(module, "INTERFACE", INTERFACE) >= 0)
    return module;
  Py_XDECREF(module);
  return NULL;
}
