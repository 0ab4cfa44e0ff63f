/// Leaves out of a configuration what nobody else may read. Comments go, too: they may say anything.
enum Secrets {
  static let replacement = "(left out)"

  /// Parts of keys whose values are secret.
  private static let words = [
    "secret", "token", "password", "passwd", "credential", "authorization", "key", "header", "hmac",
  ]

  static func leaveOut(of text: String) -> String {
    var depth: Int?
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line -> String? in
      let bare = withoutComment(line)
      let indent = bare.prefix { $0 == " " }.count
      // What is below a secret key is of its value.
      if let within = depth, indent > within || bare.allSatisfy({ $0 == " " }) { return nil }
      depth = nil
      guard let colon = bare.firstIndex(of: ":"), isSecret(bare[..<colon]) else {
        return bare.allSatisfy { $0 == " " } ? nil : withoutCredentials(bare)
      }
      depth = indent
      return "\(bare[...colon]) \(replacement)"
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func isSecret(_ key: Substring) -> Bool {
    let key = key.lowercased()
    return words.contains { key.contains($0) }
  }

  /// A `#` begins a comment at the start of a line or after a space, and not within quotes.
  private static func withoutComment(_ line: Substring) -> String {
    var quote: Character?
    var before: Character = " "
    for index in line.indices {
      let character = line[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "#", before == " " {
        return String(line[..<index].trimmingSuffix { $0 == " " })
      }
      before = character
    }
    return String(line)
  }

  /// `https://user:password@host/path?token=x` → `https://host/(left out)`: a path of a webhook is a secret, too.
  private static func withoutCredentials(_ line: String) -> String {
    guard let scheme = line.firstRange(of: "://") else { return line }
    let rest = line[scheme.upperBound...]
    let end = rest.firstIndex { " \"',]}".contains($0) } ?? rest.endIndex
    let url = rest[..<end]
    let authority = url.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? authority
    let path = authority.endIndex == url.endIndex ? "" : "/\(replacement)"
    return "\(line[..<scheme.upperBound])\(host)\(path)" + withoutCredentials(String(rest[end...]))
  }
}

extension Substring {
  fileprivate func trimmingSuffix(_ isWanted: (Character) -> Bool) -> Substring {
    self[..<(lastIndex { !isWanted($0) }.map(index(after:)) ?? startIndex)]
  }
}
