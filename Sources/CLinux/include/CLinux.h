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
// Shares the packets of an interface among the sockets of a group, by a hash of the flow.
int tcpstated_packet_join_fanout(int fd, uint16_t group);
// How many instructions the socket's filter has; 0 without one.
int tcpstated_socket_filter_length(int fd);
