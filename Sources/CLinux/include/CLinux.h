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

/// Opens a netlink socket that hears of interfaces and addresses coming and going (rtnetlink(7)). Non-blocking.
/// Returns the descriptor, or -errno.
int tcpstated_open_link_events(void);

/// Gives up every capability but CAP_NET_RAW, for good, and sets no_new_privs (prctl(2)). Call it before there are
/// threads: capabilities belong to a thread. Returns 0, or -errno.
int tcpstated_keep_net_raw_only(void);

/// Whether this thread may open packet sockets: 1 or 0.
int tcpstated_has_net_raw(void);
