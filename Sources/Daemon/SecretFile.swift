internal import Foundation
internal import Glibc
internal import HTTPPosting
internal import Settings

/// What is sent to servers and never shown: from a file, or handed over by systemd (systemd.exec(5), LoadCredential=).
/// Messages name the file, and nothing of what is in it.
struct SecretFile {
  private let path: String
  private let bytes: [UInt8]

  private static let limit = 64 << 10

  /// - Throws: why it cannot be used. A file that everybody may read holds no secret.
  init(_ place: Settings.SecretPlace) throws(FileFailure) {
    switch place {
    case .file(let path): self.path = path
    case .credential(let name):
      guard let directory = unsafe getenv("CREDENTIALS_DIRECTORY").map({ unsafe String(cString: $0) }) else {
        throw FileFailure(
          "systemd handed over no credential \(name): LoadCredential=\(name):PATH is missing in the unit"
        )
      }
      path = "\(directory)/\(name)"
    }
    bytes = try Self.read(path)
  }

  private static func read(_ path: String) throws(FileFailure) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileFailure("cannot read \(path): \(FileFailure())") }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileFailure("cannot read \(path): \(FileFailure())") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileFailure("\(path) is no file") }
    guard status.st_mode & 0o007 == 0 else {
      throw FileFailure("\(path) holds a secret, and everybody may read it: chmod o= \(path)")
    }
    guard status.st_size <= limit else { throw FileFailure("\(path) is larger than 64 KiB: that is no secret") }
    var bytes = [UInt8](repeating: 0, count: limit)
    var count = 0
    while count < limit {
      let read = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), limit - count)
      }
      if read < 0, errno == EINTR { continue }
      guard read >= 0 else { throw FileFailure("cannot read \(path): \(FileFailure())") }
      if read == 0 { break }
      count += read
    }
    return Array(bytes[..<count])
  }

  /// Without the line break that editors add.
  private var trimmed: ArraySlice<UInt8> {
    var rest = bytes[...]
    while let last = rest.last, last == 0x0A || last == 0x0D { rest.removeLast() }
    return rest
  }

  /// A key: octets, or `whsec_` and base64.
  func key() throws(FileFailure) -> [UInt8] {
    guard !trimmed.isEmpty else { throw FileFailure("\(path) is empty") }
    let prefix = Array("whsec_".utf8)
    guard trimmed.starts(with: prefix) else { return Array(trimmed) }
    let text = String(decoding: trimmed.dropFirst(prefix.count), as: UTF8.self)
    guard let key = Data(base64Encoded: text), !key.isEmpty else {
      throw FileFailure("\(path): no base64 after whsec_")
    }
    return Array(key)
  }

  /// A token or a password.
  func line() throws(FileFailure) -> String {
    let isPrintable = trimmed.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    guard isPrintable, !trimmed.isEmpty, let line = String(validating: trimmed, as: UTF8.self) else {
      throw FileFailure("\(path): needs the secret as its only line")
    }
    return line
  }

  func address() throws(FileFailure) -> WebAddress {
    if let address = WebAddress(String(decoding: trimmed, as: UTF8.self)) { return address }
    throw FileFailure("\(path): needs a URL such as https://alerts.example/path on its only line")
  }

  /// `Name: value`, one a line; empty lines and those that begin with # are passed over.
  func fields() throws(FileFailure) -> [HeaderField] {
    var fields: [HeaderField] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let line = Self.stripped(line)
      guard let first = line.first, first != UInt8(ascii: "#") else { continue }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), Self.isName(line[..<colon]) else {
        throw FileFailure("\(path), line \(index + 1): needs \"Name: value\"")
      }
      let value = Self.stripped(line[colon...].dropFirst())
      guard value.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x09 }) else {
        throw FileFailure("\(path), line \(index + 1): the value has characters that no header may have")
      }
      let name = String(decoding: line[..<colon], as: UTF8.self)
      guard !Self.isFraming(name) else { throw FileFailure("\(path), line \(index + 1): \(name) is not to be chosen") }
      fields.append(HeaderField(name: name, value: String(decoding: value, as: UTF8.self)))
    }
    return fields
  }

  /// What says how long a request is.
  private static func isFraming(_ name: String) -> Bool {
    ["content-length", "transfer-encoding", "connection"].contains(name.lowercased())
  }

  private static func stripped(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
    var rest = text.drop(while: isSpace)
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return rest
  }

  /// A token of RFC 9110.
  private static func isName(_ text: ArraySlice<UInt8>) -> Bool {
    let signs = Array("!#$%&'*+-.^_`|~".utf8)
    return !text.isEmpty
      && text.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: signs.contains(byte)
        }
      }
  }
}
