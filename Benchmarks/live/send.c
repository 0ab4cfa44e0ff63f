// Sends the frames of a pcap file (Ethernet, little-endian) on an interface, at a steady rate.
// send FILE INTERFACE PACKETS_PER_SECOND SECONDS SENDERS; prints "sending" as it begins, then how many were sent, in how
// many seconds, and whether that was the whole file. Each sender has a process and a share of the connections, so that
// each stays in order.
#define _GNU_SOURCE
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, FILE_HEADER = 24, RECORD_HEADER = 16, MOST_SENDERS = 64 };

struct share {
  uint64_t sent;
  int is_whole;
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static uint32_t word(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return value;
}

// The same for both directions of a connection.
static uint32_t flow(const uint8_t *frame, uint32_t length) {
  uint32_t hash = 0, ports = 0;
  if (length >= 54 && frame[12] == 0x08 && frame[13] == 0x00) {
    hash = word(frame + 26) ^ word(frame + 30);
    ports = 14 + 4 * (frame[14] & 15u);
  } else if (length >= 74 && frame[12] == 0x86 && frame[13] == 0xDD) {
    for (unsigned at = 22; at < 54; at += 4) hash ^= word(frame + at);
    ports = 54;
  }
  if (ports && ports + 4 <= length) {
    uint32_t both = word(frame + ports);
    hash ^= (both ^ both >> 16) & 0xFFFF;
  }
  return (hash * 2654435761u) >> 16;
}

// Gives up the processor for less than a timer's slack.
static void rest(void) {
  struct timespec moment = {.tv_nsec = 50000};
  nanosleep(&moment, NULL);
}

static int send_share(const uint8_t *octets, size_t size, const char *interface, double rate, double seconds,
                      unsigned number, unsigned senders, struct share *share) {
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) return perror(interface), 1;
  int yes = 1;
  setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes);
  struct mmsghdr messages[BATCH] = {0};
  struct iovec parts[BATCH];
  for (unsigned each = 0; each < BATCH; each++) {
    messages[each].msg_hdr.msg_iov = &parts[each];
    messages[each].msg_hdr.msg_iovlen = 1;
  }
  // Others' frames are passed over: the pace is that of the whole file.
  uint64_t passed = 0;
  size_t at = FILE_HEADER;
  double begin = now(), end = begin + seconds;
  for (;;) {
    double moment = now();
    if (moment >= end) return 0;
    if ((double)passed > (moment - begin) * rate) {
      rest();
      continue;
    }
    unsigned filled = 0;
    while (filled < BATCH && at + RECORD_HEADER <= size) {
      uint32_t length = word(octets + at + 8);
      const uint8_t *frame = octets + at + RECORD_HEADER;
      if (length > size - at - RECORD_HEADER) break;
      at += RECORD_HEADER + length;
      passed++;
      if (flow(frame, length) % senders != number) continue;
      parts[filled++] = (struct iovec){(void *)(uintptr_t)frame, length};
    }
    if (!filled) break;
    for (unsigned done = 0; done < filled;) {
      int gone = sendmmsg(fd, messages + done, filled - done, 0);
      if (gone > 0) done += (unsigned)gone;
    }
    share->sent += filled;
  }
  share->is_whole = 1;
  return 0;
}

int main(int count, char **words) {
  if (count != 6) return fprintf(stderr, "send FILE INTERFACE PACKETS_PER_SECOND SECONDS SENDERS\n"), 64;
  double rate = atof(words[3]), seconds = atof(words[4]);
  unsigned senders = (unsigned)atoi(words[5]);
  if (senders < 1 || senders > MOST_SENDERS) return fprintf(stderr, "1 to %d senders\n", MOST_SENDERS), 64;
  int file = open(words[1], O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) return perror(words[1]), 1;
  size_t size = (size_t)status.st_size;
  const uint8_t *octets = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  struct share *shares =
      mmap(NULL, sizeof *shares * MOST_SENDERS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (octets == MAP_FAILED || shares == MAP_FAILED) return perror(words[1]), 1;

  // Who measures may wait for it; the children are not to say it again.
  printf("sending\n");
  fflush(stdout);
  double begin = now();
  for (unsigned each = 0; each < senders; each++) {
    pid_t child = fork();
    if (child < 0) return perror("fork"), 1;
    if (!child) _exit(send_share(octets, size, words[2], rate, seconds, each, senders, &shares[each]));
  }
  int status_of_child, failed = 0;
  while (wait(&status_of_child) > 0) failed |= status_of_child;
  struct share sum = {.is_whole = 1};
  for (unsigned each = 0; each < senders; each++) {
    sum.sent += shares[each].sent;
    sum.is_whole &= shares[each].is_whole;
  }
  printf("%llu %.6f %s\n", (unsigned long long)sum.sent, now() - begin, sum.is_whole ? "whole" : "part");
  return failed != 0;
}
