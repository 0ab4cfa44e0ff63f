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

#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

int tcpstated_open_link_events(void) {
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (descriptor < 0) return -errno;
  struct sockaddr_nl address;
  memset(&address, 0, sizeof address);
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0) {
    int error = errno;
    close(descriptor);
    return -error;
  }
  return descriptor;
}

static int capabilities(struct __user_cap_data_struct data[2], long call) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  return syscall(call, &header, data) < 0 ? -errno : 0;
}

int tcpstated_has_net_raw(void) {
  struct __user_cap_data_struct data[2];
  if (capabilities(data, SYS_capget) < 0) return 0;
  return (data[0].effective >> CAP_NET_RAW) & 1;
}

int tcpstated_keep_net_raw_only(void) {
  struct __user_cap_data_struct data[2];
  int error = capabilities(data, SYS_capget);
  if (error < 0) return error;
  // The bounding set first: dropping from it needs CAP_SETPCAP, which an ordinary user's daemon does not have.
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
    if (capability != CAP_NET_RAW) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  __u32 kept = data[0].permitted & (1u << CAP_NET_RAW);
  data[0].permitted = data[0].effective = data[0].inheritable = kept;
  data[1].permitted = data[1].effective = data[1].inheritable = 0;
  error = capabilities(data, SYS_capset);
  if (error < 0) return error;
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}
