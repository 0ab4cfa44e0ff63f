internal import NIOCore

/// Keeps what came in last, before the parser: it says of a method that it does not know no more than of noise.
///
/// It runs on the event loop of its connection alone.
final class LatestBytes: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var bytes = ByteBuffer()

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytes = unwrapInboundIn(data)
    context.fireChannelRead(data)
  }

  /// Whether a line in it is that of a request with a method other than GET and HEAD.
  var holdOtherMethod: Bool {
    bytes.readableBytesView.split(separator: UInt8(ascii: "\n")).contains { line in
      let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
      guard words.count == 3, words[2].starts(with: "HTTP/1.".utf8) else { return false }
      return words[0].allSatisfy(Self.isTokenByte) && !words[0].elementsEqual("GET".utf8)
        && !words[0].elementsEqual("HEAD".utf8)
    }
  }

  /// RFC 9110, 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
