#define _GNU_SOURCE
#include "CPrefetch.h"

static const size_t page = tcpstated_large_page;

// What is smaller than a large page need not begin with one.
static size_t whole_pages(size_t size) { return size < page ? size : (size + page - 1) / page * page; }

static char *map(size_t size) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void *const found = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  return found == MAP_FAILED ? NULL : (char *)found;
}

// Address space that begins where a large page does.
static char *map_aligned(size_t size) {
  // One page more, for a part of it that does.
  char *const found = map(size + page);
  if (found == NULL) return NULL;
  const size_t before = (page - (size_t)found % page) % page;
  if (before > 0) (void)munmap(found, before);
  if (before < page) (void)munmap(found + before + size, page - before);
  return found + before;
}

void *tcpstated_reserve(size_t size, int with_large_pages) {
  // What would not fit with its alignment either.
  if (size > (size_t)-1 / 2) return NULL;
  const size_t wanted = whole_pages(size);
  char *const start = wanted < page ? map(wanted) : map_aligned(wanted);
  if (start == NULL) return NULL;
  const size_t small = with_large_pages && wanted > page ? page : wanted;
  // Advice, which a kernel without large pages ignores.
  (void)madvise(start, small, MADV_NOHUGEPAGE);
  if (wanted > small) (void)madvise(start + small, wanted - small, MADV_HUGEPAGE);
  return start;
}

void tcpstated_gather(void *start) {
  // What Linux 6.1 brought, and glibc 2.37 has a name for; others refuse it, or leave it to the thread that does it later.
  enum { collapse = 25 };
  if (madvise(start, page, MADV_HUGEPAGE) == 0) (void)madvise(start, page, collapse);
}

void tcpstated_release(void *start, size_t size) { (void)munmap(start, whole_pages(size)); }

void *tcpstated_large_pages(size_t size) {
  if (size > (size_t)-1 / 2) return NULL;
  char *const start = map_aligned(whole_pages(size));
  if (start != NULL) (void)madvise(start, whole_pages(size), MADV_HUGEPAGE);
  return start;
}

void *tcpstated_more_large_pages(void *start, size_t before, size_t size) {
  char *const larger = tcpstated_large_pages(size);
  if (larger == NULL) return NULL;
  // Growing as it moves it stays one mapping: of several, kernels before 6.17 move none. Where it fails, what it was to
  // become is left alone: the kernel may have taken it back, and given it to another thread.
  const int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
  return mremap(start, whole_pages(before), whole_pages(size), flags, larger) == MAP_FAILED ? NULL : larger;
}
