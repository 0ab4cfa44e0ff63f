#pragma once
#include <zlib.h>

// inflateInit2 is a macro that passes the library's version and the size of the struct. 15 is the largest window;
// + 16 takes gzip members only (zlib.h).
static inline int tcpstated_inflate_init(z_stream *stream) {
  return inflateInit2(stream, 15 + 16);
}

static inline int tcpstated_deflate_init(z_stream *stream) {
  return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
