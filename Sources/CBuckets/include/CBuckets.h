// Eight numbers compared at once, an answer in one bit of each: Swift's vectors become one comparison after the other.
#pragma once

#include <stdint.h>
#include <string.h>

typedef uint32_t tcpstated_numbers_8 __attribute__((ext_vector_type(8), may_alias));
typedef _Bool tcpstated_bits_8 __attribute__((ext_vector_type(8)));

// Which of eight numbers, which begin where 32 octets do, are `number`: the lowest bit is that of the first.
static inline uint32_t tcpstated_equal(const uint32_t *eight, uint32_t number) {
  const tcpstated_numbers_8 numbers = *(const tcpstated_numbers_8 *)eight;
  const tcpstated_bits_8 found = __builtin_convertvector(numbers == number, tcpstated_bits_8);
  uint8_t bits;
  memcpy(&bits, &found, sizeof bits);
  return bits;
}
