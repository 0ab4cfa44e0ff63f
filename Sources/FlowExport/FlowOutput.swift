package import Monitoring
package import PacketDecoding

/// A place that closed connections go to.
package struct FlowOutput: Sendable {
  let kind: String
  let name: String
  let filter: ConnectionFilter
  /// Connections that may wait.
  let queue: Int
  let makeSink: @Sendable () -> any FlowSink

  /// Lines of JSON in a file, which goes on in another at `maximumSize` octets (0: never).
  package static func file(
    _ path: String,
    maximumSize: Int,
    kept: Int,
    filter: ConnectionFilter,
    queue: Int
  ) -> FlowOutput {
    FlowOutput(kind: "json", name: path, filter: filter, queue: queue) {
      LineFile(path: path, maximumSize: maximumSize, kept: kept)
    }
  }

  package static func standardOutput(filter: ConnectionFilter, queue: Int) -> FlowOutput {
    FlowOutput(kind: "json", name: "stdout", filter: filter, queue: queue) { LinePipe(descriptor: 1) }
  }

  /// A Unix socket: a stream of lines, or a datagram for each connection.
  package static func socket(_ path: String, isDatagram: Bool, filter: ConnectionFilter, queue: Int) -> FlowOutput {
    FlowOutput(kind: "json", name: path, filter: filter, queue: queue) {
      if isDatagram { LineDatagrams(path: path) } else { LineStream(path: path) }
    }
  }

  package static func collector(
    _ endpoint: Endpoint,
    overTCP: Bool,
    _ options: IPFIXEncoder.Options,
    templateInterval: Seconds,
    ownTraffic: OwnTraffic,
    filter: ConnectionFilter,
    queue: Int
  ) -> FlowOutput {
    FlowOutput(kind: "ipfix", name: "\(endpoint)/\(overTCP ? "tcp" : "udp")", filter: filter, queue: queue) {
      if overTCP {
        TCPCollector(endpoint, options, ownTraffic)
      } else {
        UDPCollector(endpoint, options, templateInterval: templateInterval)
      }
    }
  }
}
