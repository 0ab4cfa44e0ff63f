package import PacketDecoding

/// Whose connections closed for one cause at one service: the clients with most of them, about, and a newest one.
package struct CauseEvidence: Sendable, BitwiseCopyable {
  package let cause: CloseCause
  package private(set) var newest: Endpoint
  private var shares: InlineArray<4, PeerShare>
  private var shareCount = 1

  package struct PeerShare: Sendable, BitwiseCopyable {
    package var address: IPAddress
    package var count: Int

    /// In the order in which addresses are likely to differ.
    @inline(__always)
    fileprivate func isOf(_ address: IPAddress) -> Bool {
      self.address.low == address.low && self.address.high == address.high
    }
  }

  init(_ cause: CloseCause, _ client: Endpoint) {
    self.cause = cause
    newest = client
    shares = InlineArray(repeating: PeerShare(address: client.address, count: 1))
  }

  /// One who is new takes the place of the least and goes on from its count, so that whoever has many is among them
  /// (Metwally's Space-Saving).
  mutating func add(_ client: Endpoint) {
    newest = client
    var least = 0
    for index in 0..<shareCount {
      if shares[index].isOf(client.address) {
        shares[index].count += 1
        return
      }
      if shares[index].count < shares[least].count { least = index }
    }
    if shareCount < shares.count {
      shares[shareCount] = PeerShare(address: client.address, count: 1)
      shareCount += 1
    } else {
      shares[least] = PeerShare(address: client.address, count: shares[least].count + 1)
    }
  }

  /// Most first.
  package var peers: [PeerShare] {
    (0..<shareCount).map { shares[$0] }.sorted { a, b in
      a.count != b.count ? a.count > b.count : (a.address.high, a.address.low) < (b.address.high, b.address.low)
    }
  }
}
