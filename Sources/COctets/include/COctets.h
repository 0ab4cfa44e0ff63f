// What Swift has no name for, of octets: many of them compared at once, an answer in one bit of each.
#pragma once

#include <stdint.h>
#include <string.h>

typedef unsigned char tcpstated_octets_16 __attribute__((ext_vector_type(16)));
typedef unsigned char tcpstated_octets_64 __attribute__((ext_vector_type(64)));
typedef uint64_t tcpstated_words_2 __attribute__((ext_vector_type(2)));
typedef _Bool tcpstated_bits_16 __attribute__((ext_vector_type(16)));
typedef _Bool tcpstated_bits_64 __attribute__((ext_vector_type(64)));

// Which of `count` octets, at most 64, are line feeds: the lowest bit is that of the first.
static inline uint64_t tcpstated_line_feeds(const void *start, size_t count) {
  tcpstated_octets_64 octets = 0;
  memcpy(&octets, start, count);
  const tcpstated_bits_64 found = __builtin_convertvector(octets == '\n', tcpstated_bits_64);
  uint64_t bits;
  memcpy(&bits, &found, sizeof bits);
  return bits;
}

// Whether `count` octets are the same in two places.
static inline _Bool tcpstated_same(const void *one, const void *other, size_t count) {
  return memcmp(one, other, count) == 0;
}

// Which of 16 octets are a space, a control character or DEL.
static inline uint16_t tcpstated_controls_or_spaces(const void *start) {
  tcpstated_octets_16 octets;
  memcpy(&octets, start, sizeof octets);
  const tcpstated_bits_16 found = __builtin_convertvector((octets <= ' ') | (octets == 0x7F), tcpstated_bits_16);
  uint16_t bits;
  memcpy(&bits, &found, sizeof bits);
  return bits;
}

// Whether 16 octets, as far as a mask tells, are these.
static inline _Bool tcpstated_are(const void *start, const tcpstated_words_2 mask, const tcpstated_words_2 these) {
  tcpstated_words_2 words;
  memcpy(&words, start, sizeof words);
  const tcpstated_octets_16 octets = (tcpstated_octets_16)(words & mask);
  const tcpstated_bits_16 same = __builtin_convertvector(octets == (tcpstated_octets_16)these, tcpstated_bits_16);
  uint16_t bits;
  memcpy(&bits, &same, sizeof bits);
  return bits == UINT16_MAX;
}
