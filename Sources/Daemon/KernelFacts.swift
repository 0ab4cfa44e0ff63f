internal import ConnectionTracking
internal import KernelSockets
internal import Monitoring
internal import PacketDecoding

/// What the kernel says of itself: its settings and its counters.
struct KernelFacts: Sendable {
  var settings = KernelSettings()
  var counters = NetworkCounters()
  /// This host passes packets on.
  var forwards = false
  var listeners = Listeners()
}

extension KernelSettings {
  init(_ sysctl: Sysctl) {
    self.init()
    finTimeout = sysctl.tcpFINTimeout.map { Seconds(Int64($0)) }
    maximumTimeWaitBuckets = sysctl.tcpMaxTimeWaitBuckets
    timeWaitReuse = sysctl.tcpTimeWaitReuse
    rfc1337 = sysctl.tcpRFC1337
    ephemeralPorts = sysctl.localPortRange
    reservedPorts = ephemeralPorts.map { sysctl.reservedPorts(in: $0) } ?? 0
    keepAliveTime = sysctl.tcpKeepAliveTime.map { Seconds(Int64($0)) }
    keepAliveInterval = sysctl.tcpKeepAliveInterval.map { Seconds(Int64($0)) }
    keepAliveProbes = sysctl.tcpKeepAliveProbes
  }
}
