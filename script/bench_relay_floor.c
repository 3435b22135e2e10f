/* The floor under the relay bench: AES-128-GCM (OpenSSL EVP) and sendmmsg with UDP_SEGMENT, nothing else.
 *
 * floor FRAMES PACKETS_PER_FRAME PACKET_BYTES SOUND_BYTES PAUSE_MS FROM PORT...   prints microseconds of own CPU per packet.
 * It sends from the port that the server had: the receivers' sockets are connected to it, and the kernel would drop what
 * comes from elsewhere without the work of delivering it. After each frame it pauses. SOUND_BYTES (0: none) is a packet of
 * sound with each frame and one in the middle of the pause. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
enum { HEADER = 12, TAG = 16, SHORTER = 13, MAX_FRAME = 65000, FIRST_PORT = 7 };

static int fd, viewers;
static long sent;
static unsigned char plain[MAX_FRAME], iv[12] = {2}, *out;
static EVP_CIPHER_CTX **keys;
static struct mmsghdr *messages;
static struct iovec *parts;

static double cpu_us(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static int seal(EVP_CIPHER_CTX *ctx, int size, unsigned char *to) {
  int n, m;
  memcpy(iv, &sent, sizeof sent);
  memcpy(to, plain, HEADER);
  return EVP_EncryptInit_ex(ctx, NULL, NULL, NULL, iv) && EVP_EncryptUpdate(ctx, NULL, &n, plain, HEADER) &&
         EVP_EncryptUpdate(ctx, to + HEADER, &n, plain + HEADER, size - HEADER) &&
         EVP_EncryptFinal_ex(ctx, to + HEADER + n, &m) && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, to + size);
}

/* Packets of `size`, the last of several a little shorter, to every viewer. 0: failed. */
static int send_all(int packets, int size) {
  for (int v = 0; v < viewers; v++) {
    unsigned char *at = parts[v].iov_base;
    for (int p = 0; p < packets; p++, sent++) {
      int bytes = packets > 1 && p == packets - 1 ? size - SHORTER : size;
      if (!seal(keys[v], bytes, at)) return 0;
      at += bytes + TAG;
    }
    parts[v].iov_len = at - (unsigned char *)parts[v].iov_base;
    struct msghdr *m = &messages[v].msg_hdr;
    m->msg_controllen = packets > 1 ? CMSG_SPACE(sizeof(uint16_t)) : 0;
    if (packets > 1) *(uint16_t *)CMSG_DATA(CMSG_FIRSTHDR(m)) = size + TAG;
  }
  for (int done = 0; done < viewers;) {
    int n = sendmmsg(fd, messages + done, viewers - done, 0);
    if (n <= 0) return 0;
    done += n;
  }
  return 1;
}

static void rest(double ms) {
  struct timespec pause = {(long)(ms / 1e3), (long)(ms * 1e6) % 1000000000};
  nanosleep(&pause, NULL);
}

/* Keys, places and buffers of all viewers. 0: failed. */
static int prepare(char **ports, int frame_bytes) {
  static struct sockaddr_in *to;
  static char (*control)[CMSG_SPACE(sizeof(uint16_t))];
  unsigned char key[16] = {1};
  out = malloc((size_t)viewers * frame_bytes);
  keys = calloc(viewers, sizeof *keys);
  messages = calloc(viewers, sizeof *messages);
  parts = calloc(viewers, sizeof *parts);
  to = calloc(viewers, sizeof *to);
  control = calloc(viewers, sizeof *control);
  memset(plain, 0x7c, sizeof plain);
  plain[0] = 0x80;
  plain[1] = 108;
  for (int v = 0; v < viewers; v++) {
    keys[v] = EVP_CIPHER_CTX_new();
    if (!EVP_EncryptInit_ex(keys[v], EVP_aes_128_gcm(), NULL, key, iv)) return 0;
    to[v] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(ports[v])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    parts[v].iov_base = out + (size_t)v * frame_bytes;
    messages[v].msg_hdr = (struct msghdr){.msg_name = &to[v], .msg_namelen = sizeof to[v], .msg_iov = &parts[v], .msg_iovlen = 1,
                                          .msg_control = control[v], .msg_controllen = sizeof control[v]};
    struct cmsghdr *c = CMSG_FIRSTHDR(&messages[v].msg_hdr);
    c->cmsg_level = SOL_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
  }
  return 1;
}

int main(int argc, char **argv) {
  if (argc < FIRST_PORT + 1) return 2;
  int frames = atoi(argv[1]), per_frame = atoi(argv[2]), size = atoi(argv[3]), sound = atoi(argv[4]), buffer = 4 << 20;
  double pause_ms = atof(argv[5]);
  if (per_frame * (size + TAG) > MAX_FRAME || size <= HEADER + SHORTER || sound > size || (sound && sound <= HEADER)) return 2;
  viewers = argc - FIRST_PORT;
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[6])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (bind(fd, (struct sockaddr *)&from, sizeof from)) return 1;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  if (!prepare(argv + FIRST_PORT, per_frame * (size + TAG))) return 1;
  double began = cpu_us();
  for (int f = 0; f < frames; f++) {
    if (!send_all(per_frame, size) || (sound && !send_all(1, sound))) return 1;
    if (sound) {
      rest(pause_ms / 2);
      if (!send_all(1, sound)) return 1;
    }
    rest(sound ? pause_ms / 2 : pause_ms);
  }
  printf("%.3f\n", (cpu_us() - began) / sent);
  return 0;
}
