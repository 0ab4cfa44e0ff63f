internal import Foundation

extension RemoteWriteTarget.Credentials {
  /// The value of the header field.
  var authorization: String {
    get throws(PostFailure) {
      switch self {
      case .bearer(let file): "Bearer \(try Self.secret(in: file))"
      case .basic(let user, let file):
        "Basic \(Data("\(user):\(try Self.secret(in: file))".utf8).base64EncodedString())"
      }
    }
  }

  /// The first line of a file.
  private static func secret(in file: String) throws(PostFailure) -> String {
    guard let data = FileManager.default.contents(atPath: file) else { throw PostFailure("cannot read \(file)") }
    let line = data.prefix { $0 != 0x0A && $0 != 0x0D }
    guard !line.isEmpty, line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), let secret = String(data: line, encoding: .utf8)
    else { throw PostFailure("no secret in the first line of \(file)") }
    return secret
  }
}
