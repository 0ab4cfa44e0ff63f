// Linux interfaces that the Swift importer cannot read: macros with casts, structs with flexible members, variadic
// functions, system calls without a wrapper. Functions return -errno where they can fail, so that no caller depends on
// errno surviving until it looks.
#pragma once
#include <linux/if_packet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>

// --- Interfaces (netdevice(7)) ---

// The IFF_ flags of an interface of this namespace.
int tcpstated_interface_flags(const char *name, unsigned *flags);

// --- Packet sockets (packet(7)) ---

// Lets a packet socket see each packet of the loopback once: only as it arrives, not also as it leaves.
int tcpstated_packet_ignore_outgoing(int fd);
// Shares the packets of an interface among the sockets of a group, by a hash of the flow that is the same for both
// directions. The first socket makes the group; returns its number, 0 and above.
int tcpstated_packet_open_fanout(int fd);
int tcpstated_packet_join_fanout(int fd, uint16_t group);
// How many instructions the socket's filter has; 0 without one.
int tcpstated_socket_filter_length(int fd);
// Puts a program of BPF instructions (struct sock_filter) in place of the socket's filter, between two packets.
int tcpstated_replace_socket_filter(int fd, const void *instructions, uint32_t count);

// --- Network namespaces (setns(2)) ---

// Moves the calling thread into a network namespace.
int tcpstated_enter_network_namespace(int fd);

// --- Netlink (netlink(7)) ---

// A non-blocking, bound socket of a protocol (NETLINK_…) that listens to multicast groups (RTMGRP_… bits).
int tcpstated_netlink_open(int protocol, uint32_t groups, int receive_buffer);
// Receives one datagram. *sender is the port it came from, 0 for the kernel; *length its full length, also when it was
// cut. Returns the octets received.
long tcpstated_netlink_receive(int fd, void *buffer, size_t capacity, uint32_t *sender, size_t *length);
long tcpstated_netlink_send(int fd, const void *message, size_t length);

// --- Capabilities and identity (capabilities(7)) ---

struct tcpstated_capabilities {
  uint64_t effective, permitted, inheritable;
};
int tcpstated_capabilities_get(struct tcpstated_capabilities *set);
int tcpstated_capabilities_set(const struct tcpstated_capabilities *set);
// Whether a capability is in the bounding set: 1, 0, or -EINVAL for a number this kernel does not know.
int tcpstated_bounding_has(unsigned capability);
int tcpstated_bounding_drop(unsigned capability);
int tcpstated_ambient_clear(void);
int tcpstated_no_new_privileges(void);
// Keeps the permitted set across a change from user 0 to another.
int tcpstated_keep_capabilities(int keep);
// Names the calling thread, in at most 15 octets (PR_SET_NAME).
void tcpstated_name_thread(const char *name);
// The number of the calling thread, as /proc/self/task has it.
int tcpstated_thread_id(void);
// Of the calling thread alone.
int tcpstated_clear_groups(void);
int tcpstated_set_group(uint32_t gid);
int tcpstated_set_user(uint32_t uid);

// --- systemd (sd_notify(3)) ---

// Sends one datagram to a Unix socket; a path that starts with '@' is of the abstract namespace.
int tcpstated_send_datagram(const char *path, const char *text, size_t length);
