import Foundation
import HTTPPosting
import PacketDecoding
import Testing

@testable import AlertDelivery

@Suite("How a webhook is signed")
struct SignatureTests {
  /// The first is the example of Standard Webhooks.
  @Test(
    arguments: [
      (
        Data(base64Encoded: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").map(Array.init),
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330,
        #"{"test": 2432232314}"#, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
      ),
      (Array(repeating: 0x61, count: 131), "x.1", 1_795_231_120, "", "v1,+7B98I3rMJPAmx8LUZH1NZ+OWmkqYmF5cmX1wUSlh9s="),
      (Array("k".utf8), "00c0ffee0001.1", 1_795_231_120, "{}", "v1,pcdhW8zdPMwAP5tLKNRh3kyFtn1VI0hxm0qesgMwVqw="),
    ] as [([UInt8]?, String, Int64, String, String)]
  )
  func vectors(_ key: [UInt8]?, _ id: String, _ seconds: Int64, _ body: String, _ signature: String) throws {
    let time = Timestamp(nanoseconds: seconds * 1_000_000_000 + 999_999_999)
    let fields = Signature(key: try #require(key)).fields(of: id, Array(body.utf8), at: time)
    #expect(
      fields == [
        HeaderField(name: "webhook-timestamp", value: "\(seconds)"),
        HeaderField(name: "webhook-signature", value: signature),
      ]
    )
  }
}
