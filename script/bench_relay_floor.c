/* The floor under the relay bench: AES-128-GCM (OpenSSL EVP) and sendmmsg with UDP_SEGMENT, nothing else.
 *
 * floor FRAMES PACKETS_PER_FRAME PACKET_BYTES PAUSE_MS FROM PORT...   prints microseconds of own CPU per packet.
 * It sends from the port that the server had: the receivers' sockets are connected to it, and the kernel would drop what
 * comes from elsewhere without the work of delivering it. After each frame it pauses. */
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
enum { HEADER = 12, TAG = 16, MAX_FRAME = 65000, FIRST_PORT = 6 };

static double cpu_us(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static int seal(EVP_CIPHER_CTX *ctx, const unsigned char *iv, const unsigned char *plain, int size, unsigned char *out) {
  int n, m;
  memcpy(out, plain, HEADER);
  return EVP_EncryptInit_ex(ctx, NULL, NULL, NULL, iv) && EVP_EncryptUpdate(ctx, NULL, &n, plain, HEADER) &&
         EVP_EncryptUpdate(ctx, out + HEADER, &n, plain + HEADER, size - HEADER) &&
         EVP_EncryptFinal_ex(ctx, out + HEADER + n, &m) &&
         EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, out + size);
}

int main(int argc, char **argv) {
  if (argc < FIRST_PORT + 1) return 2;
  int frames = atoi(argv[1]), per_frame = atoi(argv[2]), size = atoi(argv[3]), viewers = argc - FIRST_PORT;
  long pause_ms = atol(argv[4]);
  int sealed = size + TAG, frame_bytes = per_frame * sealed;
  if (frame_bytes > MAX_FRAME || size <= HEADER + 13) return 2;
  int fd = socket(AF_INET, SOCK_DGRAM, 0), buffer = 4 << 20;
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[5])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (bind(fd, (struct sockaddr *)&from, sizeof from)) return 1;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  unsigned char *plain = malloc(size), *out = malloc((size_t)viewers * frame_bytes), key[16] = {1}, iv[12] = {2};
  EVP_CIPHER_CTX **ctx = calloc(viewers, sizeof *ctx);
  struct mmsghdr *messages = calloc(viewers, sizeof *messages);
  struct iovec *parts = calloc(viewers, sizeof *parts);
  struct sockaddr_in *to = calloc(viewers, sizeof *to);
  char(*control)[CMSG_SPACE(sizeof(uint16_t))] = calloc(viewers, sizeof *control);
  memset(plain, 0x7c, size);
  plain[0] = 0x80;
  plain[1] = 108;
  for (int v = 0; v < viewers; v++) {
    ctx[v] = EVP_CIPHER_CTX_new();
    if (!EVP_EncryptInit_ex(ctx[v], EVP_aes_128_gcm(), NULL, key, iv)) return 1;
    to[v].sin_family = AF_INET;
    to[v].sin_port = htons(atoi(argv[FIRST_PORT + v]));
    to[v].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    parts[v].iov_base = out + (size_t)v * frame_bytes;
    struct msghdr *m = &messages[v].msg_hdr;
    m->msg_name = &to[v];
    m->msg_namelen = sizeof to[v];
    m->msg_iov = &parts[v];
    m->msg_iovlen = 1;
    m->msg_control = control[v];
    m->msg_controllen = sizeof control[v];
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    c->cmsg_level = SOL_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    *(uint16_t *)CMSG_DATA(c) = sealed;
  }
  double began = cpu_us();
  long sent = 0;
  for (int f = 0; f < frames; f++) {
    for (int v = 0; v < viewers; v++) {
      unsigned char *at = parts[v].iov_base;
      for (int p = 0; p < per_frame; p++) {
        int bytes = p == per_frame - 1 ? size - 13 : size; /* the last packet of a frame is shorter */
        memcpy(iv, &sent, sizeof sent);
        if (!seal(ctx[v], iv, plain, bytes, at)) return 1;
        at += bytes + TAG;
        sent++;
      }
      parts[v].iov_len = at - (unsigned char *)parts[v].iov_base;
    }
    for (int done = 0; done < viewers;) {
      int n = sendmmsg(fd, messages + done, viewers - done, 0);
      if (n <= 0) return 1;
      done += n;
    }
    struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000 * 1000};
    nanosleep(&pause, NULL);
  }
  printf("%.3f\n", (cpu_us() - began) / sent);
  return 0;
}
