#include "CPrefetch.h"

static size_t whole_pages(size_t size) {
  return (size + tcpstated_large_page - 1) / tcpstated_large_page * tcpstated_large_page;
}

void *tcpstated_reserve(size_t size) {
  const size_t page = tcpstated_large_page;
  const size_t wanted = whole_pages(size);
  // One page more, for a part of it that begins where a page does.
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  char *const found = (char *)mmap(NULL, wanted + page, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (found == (char *)MAP_FAILED) return NULL;
  const size_t before = (page - (size_t)found % page) % page;
  if (before > 0) (void)munmap(found, before);
  char *const start = found + before;
  if (before < page) (void)munmap(start + wanted, page - before);
  const size_t small = wanted < 2 * page ? wanted : 2 * page;
  (void)madvise(start, small, MADV_NOHUGEPAGE);
  if (wanted > small) tcpstated_advise_large_pages(start + small, wanted - small);
  return start;
}

void tcpstated_release(void *start, size_t size) { (void)munmap(start, whole_pages(size)); }
