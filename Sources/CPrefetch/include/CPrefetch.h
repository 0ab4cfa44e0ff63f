// The one instruction that Swift has no name for.
#pragma once

// Asks for the cache line of an address. Any address will do: nothing is read that could fault.
static inline void tcpstated_prefetch(const void *address) { __builtin_prefetch(address, 1); }
