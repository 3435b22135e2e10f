#include "outbox.h"
#include <errno.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef SOL_UDP
#define SOL_UDP 17
#endif

int outbox_has_room(const Outbox *self, size_t bytes, int messages) {
  return self->used + bytes <= ARENA && self->count + messages <= MESSAGES;
}

void outbox_put(Outbox *self, size_t began, const Place *place, int packets, size_t segment) {
  int at = self->count++;
  struct msghdr *header = &self->messages[at].msg_hdr;
  self->parts[at] = (struct iovec){self->arena + began, self->used - began};
  self->segment[at] = (uint16_t)segment;
  self->packets[at] = (uint16_t)packets;
  self->places[at] = *place;
  *header = (struct msghdr){.msg_name = &self->places[at],
                            .msg_namelen = place->any.sa_family == AF_INET ? sizeof place->v4 : sizeof place->v6,
                            .msg_iov = &self->parts[at],
                            .msg_iovlen = 1};
  if (packets == 1) return;
  header->msg_control = self->control[at];
  header->msg_controllen = sizeof self->control[at];
  struct cmsghdr *option = CMSG_FIRSTHDR(header);
  option->cmsg_level = SOL_UDP;
  option->cmsg_type = UDP_SEGMENT;
  option->cmsg_len = CMSG_LEN(sizeof self->segment[at]);
  memcpy(CMSG_DATA(option), &self->segment[at], sizeof self->segment[at]);
}

static void lost(Outbox *self, size_t packets) {
  int full = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
  *(full ? &self->tally.full : &self->tally.failed) += packets;
}

static int refuses_segments(int error) {
  return error == EIO || error == EINVAL || error == ENOPROTOOPT || error == EOPNOTSUPP;
}

/* A message whose run was refused as one send, packet by packet. How many went out. */
static size_t send_singly(Outbox *self, int fd, int message) {
  struct msghdr *header = &self->messages[message].msg_hdr;
  byte *at = self->parts[message].iov_base;
  size_t left = self->parts[message].iov_len, segment = self->segment[message], sent = 0;
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
static void refused(Outbox *self, int fd, int message) {
  int several = self->packets[message] > 1, error = errno;
  if (several && (refuses_segments(error) || error == EMSGSIZE)) {
    /* An address that takes nothing (port 0) is refused like that as well: it must not cost the others anything. */
    if (send_singly(self, fd, message) && error != EMSGSIZE) self->segments = 0;
  } else {
    lost(self, self->packets[message]);
  }
}

void outbox_flush(Outbox *self, int fd) {
  int at = 0;
  while (at < self->count) {
    if (!self->segments && self->packets[at] > 1) {
      send_singly(self, fd, at++);
      continue;
    }
    int sent = sendmmsg(fd, self->messages + at, (unsigned)(self->count - at), 0);
    if (sent <= 0) {
      if (sent < 0 && errno == EINTR) continue;
      refused(self, fd, at++);
      continue;
    }
    for (int end = at + sent; at < end; at++) {
      self->tally.packets += self->packets[at];
      self->tally.bytes += self->parts[at].iov_len;
    }
  }
  self->count = 0;
  self->used = 0;
}
