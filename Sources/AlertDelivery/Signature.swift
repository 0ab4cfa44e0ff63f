internal import Crypto
internal import Foundation
internal import HTTPPosting
internal import PacketDecoding

/// How a webhook is told that a notification is from here, and when it was sent, in the way of Standard Webhooks:
/// HMAC-SHA256 over id, time and body.
struct Signature {
  private let key: SymmetricKey

  /// - Parameter key: as it stands in the file: octets, or `whsec_` and base64.
  init(key: [UInt8]) {
    self.key = SymmetricKey(data: key)
  }

  func fields(of id: String, _ body: [UInt8], at time: Timestamp) -> [HeaderField] {
    let seconds = String(time.nanoseconds / 1_000_000_000)
    let code = HMAC<SHA256>.authenticationCode(for: Array("\(id).\(seconds).".utf8) + body, using: key)
    return [
      HeaderField(name: "webhook-timestamp", value: seconds),
      HeaderField(name: "webhook-signature", value: "v1,\(Data(code).base64EncodedString())"),
    ]
  }
}
