#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
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

int tcpstated_packet_open_fanout(int fd) {
  int request = (PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_UNIQUEID) << 16;
  if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &request, sizeof request) < 0) return -errno;
  int made = 0;
  socklen_t length = sizeof made;
  return getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &made, &length) < 0 ? -errno : made & 0xFFFF;
}

int tcpstated_packet_join_fanout(int fd, uint16_t group) {
  int request = group | PACKET_FANOUT_HASH << 16;
  return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &request, sizeof request) < 0 ? -errno : 0;
}

int tcpstated_socket_filter_length(int fd) {
  socklen_t length = 0;
  return getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &length) < 0 ? -errno : (int)length;
}

int tcpstated_replace_socket_filter(int fd, const void *instructions, uint32_t count) {
  if (count > UINT16_MAX) return -EINVAL;
  struct sock_fprog program = {.len = (unsigned short)count, .filter = (struct sock_filter *)instructions};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? -errno : 0;
}

int tcpstated_enter_network_namespace(int fd) { return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0; }

int tcpstated_netlink_open(int protocol, uint32_t groups, int receive_buffer) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (fd < 0) return -errno;
  // Best effort: the limit (rmem_max) may be lower, and then overruns are more likely.
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

long tcpstated_netlink_receive(int fd, void *buffer, size_t capacity, uint32_t *sender, size_t *length) {
  struct sockaddr_nl address = {0};
  struct iovec part = {buffer, capacity};
  struct msghdr message = {.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &part, .msg_iovlen = 1};
  ssize_t count = recvmsg(fd, &message, MSG_TRUNC);
  if (count < 0) return -errno;
  *sender = address.nl_pid;
  *length = (size_t)count;
  return (size_t)count < capacity ? count : (long)capacity;
}

long tcpstated_netlink_send(int fd, const void *message, size_t length) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  ssize_t count = sendto(fd, message, length, 0, (struct sockaddr *)&kernel, sizeof kernel);
  return count < 0 ? -errno : count;
}

static uint64_t join(uint32_t low, uint32_t high) { return (uint64_t)high << 32 | low; }

int tcpstated_capabilities_get(struct tcpstated_capabilities *set) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
  if (syscall(SYS_capget, &header, data) < 0) return -errno;
  set->effective = join(data[0].effective, data[1].effective);
  set->permitted = join(data[0].permitted, data[1].permitted);
  set->inheritable = join(data[0].inheritable, data[1].inheritable);
  return 0;
}

int tcpstated_capabilities_set(const struct tcpstated_capabilities *set) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
      {(uint32_t)set->effective, (uint32_t)set->permitted, (uint32_t)set->inheritable},
      {(uint32_t)(set->effective >> 32), (uint32_t)(set->permitted >> 32), (uint32_t)(set->inheritable >> 32)},
  };
  return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int control(int option, unsigned long a, unsigned long b) {
  int result = prctl(option, a, b, 0, 0);
  return result < 0 ? -errno : result;
}

int tcpstated_bounding_has(unsigned capability) { return control(PR_CAPBSET_READ, capability, 0); }
int tcpstated_bounding_drop(unsigned capability) { return control(PR_CAPBSET_DROP, capability, 0); }
int tcpstated_ambient_clear(void) { return control(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0); }
int tcpstated_no_new_privileges(void) { return control(PR_SET_NO_NEW_PRIVS, 1, 0); }
int tcpstated_keep_capabilities(int keep) { return control(PR_SET_KEEPCAPS, (unsigned long)keep, 0); }

void tcpstated_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

int tcpstated_thread_id(void) { return (int)syscall(SYS_gettid); }
// The C library would make every thread follow, and abort where one gave the right up already.
#ifdef SYS_setgroups32
#define SETGROUPS SYS_setgroups32
#else
#define SETGROUPS SYS_setgroups
#endif
int tcpstated_clear_groups(void) { return syscall(SETGROUPS, 0, NULL) < 0 ? -errno : 0; }
int tcpstated_set_group(uint32_t gid) { return setresgid(gid, gid, gid) < 0 ? -errno : 0; }
int tcpstated_set_user(uint32_t uid) { return setresuid(uid, uid, uid) < 0 ? -errno : 0; }

int tcpstated_send_datagram(const char *path, const char *text, size_t length) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t count = strlen(path);
  if (count == 0 || count >= sizeof address.sun_path || (path[0] != '@' && path[0] != '/')) return -EINVAL;
  memcpy(address.sun_path, path, count);
  if (path[0] == '@') address.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  // An abstract name ends where its length says, not at a NUL.
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + count);
  ssize_t sent = sendto(fd, text, length, MSG_NOSIGNAL, (struct sockaddr *)&address, size);
  int result = sent < 0 ? -errno : 0;
  close(fd);
  return result;
}
