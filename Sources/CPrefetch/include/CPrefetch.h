// What Swift has no name for, of memory.
#pragma once

#include <stddef.h>
#include <sys/mman.h>

// Asks for the cache line of an address. Any address will do: nothing is read that could fault.
static inline void tcpstated_prefetch(const void *address) { __builtin_prefetch(address, 1); }

// The same of memory that several threads read: it stays with those that have it.
static inline void tcpstated_prefetch_shared(const void *address) { __builtin_prefetch(address, 0); }

// The page of x86-64, and of arm64 with pages of 4 KB.
enum { tcpstated_cache_line = 64, tcpstated_large_page = 2 << 20 };

// Advice, which a kernel without large pages ignores.
static inline void tcpstated_advise_large_pages(void *start, size_t size) { (void)madvise(start, size, MADV_HUGEPAGE); }

// Zeros in address space of its own, which take memory only where they are touched. With large pages they take those
// behind the first 2 MB, where one that is hardly used is little beside all of it. NULL when there is none.
void *tcpstated_reserve(size_t size, int with_large_pages);
// Puts the first 2 MB of such, where there are as many, into a large page as well, with what stands there.
void tcpstated_gather(void *start);
void tcpstated_release(void *start, size_t size);

// Zeros that begin where a large page does, in such pages where the kernel has them; `tcpstated_release` takes them back.
// NULL when there are none.
void *tcpstated_large_pages(size_t size);
// More of them, at least twice as many, with what stood in those before, which is not copied. NULL when there are none:
// what stood in those before stands there still.
void *tcpstated_more_large_pages(void *start, size_t before, size_t size);
