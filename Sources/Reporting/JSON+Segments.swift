internal import ConnectionTracking
internal import Monitoring
internal import PacketDecoding

extension JSONWriter {
  /// The segments that opened, moved and closed a connection, as far as they are remembered.
  mutating func sequence(_ record: ConnectionRecord) {
    guard let sequence = record.sequence else {
      null("segments")
      return null("segments_complete")
    }
    array("segments") { json in
      for segment in sequence.segments { json.segment(segment) }
    }
    member("segments_complete", sequence.isComplete)
  }

  private mutating func segment(_ segment: LoggedSegment) {
    object { json in
      json.member("time", segment.captured.description)
      json.member("sender", segment.sender.name)
      json.array("flags") { json in
        for name in segment.flags.names { json.member(nil, name) }
      }
      json.member("payload_bytes", segment.payloadLength)
      json.member("retransmission", segment.isRetransmission)
      json.member("client_state_before", segment.phaseBefore(.client).name)
      json.member("server_state_before", segment.phaseBefore(.server).name)
      json.member("client_state", segment.phaseAfter(.client).name)
      json.member("server_state", segment.phaseAfter(.server).name)
    }
  }
}

extension TCPFlags {
  /// In the order in which a handshake and a close have them.
  fileprivate var names: [String] {
    [(isSYN, "SYN"), (isFIN, "FIN"), (isRST, "RST"), (isPSH, "PSH"), (isACK, "ACK"), (isURG, "URG")]
      .compactMap { $0.0 ? $0.1 : nil }
  }
}
