// Sends the frames of a pcap file (little-endian, microseconds) on an interface, at a steady rate.
// send FILE INTERFACE PACKETS_PER_SECOND SECONDS; prints how many were sent, and in how many seconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, FILE_HEADER = 24, RECORD_HEADER = 16 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int count, char **words) {
  if (count != 5) return fprintf(stderr, "send FILE INTERFACE PACKETS_PER_SECOND SECONDS\n"), 64;
  FILE *file = fopen(words[1], "rb");
  if (!file) return perror(words[1]), 1;
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  uint8_t *octets = malloc(size);
  if (!octets || fread(octets, 1, size, file) != size) return perror(words[1]), 1;
  double rate = atof(words[3]), seconds = atof(words[4]);

  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(words[2])};
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) return perror(words[2]), 1;
  int yes = 1;
  setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes);

  struct mmsghdr messages[BATCH] = {0};
  struct iovec parts[BATCH];
  size_t at = FILE_HEADER;
  uint64_t sent = 0;
  double begin = now(), end = begin + seconds;
  while (at + RECORD_HEADER <= size) {
    double moment = now();
    if (moment >= end) break;
    if ((double)sent > (moment - begin) * rate) {
      usleep(50);
      continue;
    }
    unsigned filled = 0;
    while (filled < BATCH && at + RECORD_HEADER <= size) {
      uint32_t length;
      memcpy(&length, octets + at + 8, 4);
      if (at + RECORD_HEADER + length > size) break;
      parts[filled] = (struct iovec){octets + at + RECORD_HEADER, length};
      messages[filled].msg_hdr.msg_iov = &parts[filled];
      messages[filled].msg_hdr.msg_iovlen = 1;
      at += RECORD_HEADER + length;
      filled++;
    }
    if (!filled) break;
    for (unsigned done = 0; done < filled;) {
      int gone = sendmmsg(fd, messages + done, filled - done, 0);
      if (gone <= 0) continue;
      done += (unsigned)gone;
    }
    sent += filled;
  }
  printf("%llu %.6f\n", (unsigned long long)sent, now() - begin);
  return 0;
}
