#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int tcpstated_interface_flags(const char *name, unsigned *flags) {
  struct ifreq request = {0};
  size_t length = strnlen(name, IFNAMSIZ);
  if (length == IFNAMSIZ) return -ENODEV;
  memcpy(request.ifr_name, name, length);
  // Any socket will do; a netlink one exists also where IP is not compiled in.
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return -errno;
  int result = ioctl(fd, SIOCGIFFLAGS, &request) < 0 ? -errno : 0;
  close(fd);
  *flags = (unsigned short)request.ifr_flags;
  return result;
}

int tcpstated_packet_ignore_outgoing(int fd) {
  int on = 1;
  return setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) < 0 ? -errno : 0;
}

int tcpstated_packet_join_fanout(int fd, uint16_t group) {
  int request = group | PACKET_FANOUT_HASH << 16;
  return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &request, sizeof request) < 0 ? -errno : 0;
}

int tcpstated_socket_filter_length(int fd) {
  socklen_t length = 0;
  return getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &length) < 0 ? -errno : (int)length;
}
