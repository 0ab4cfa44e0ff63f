internal import Dispatch
internal import Glibc
internal import NIOCore

/// The addresses of a name, as the system finds them.
enum Resolver {
  /// Asking the system waits: for as long as its resolver does, on a thread that nobody else needs.
  private static let queue = DispatchQueue(label: "resolver", attributes: .concurrent)

  static func addresses(of host: String, port: UInt16) async throws(PostFailure) -> [SocketAddress] {
    let port = Int(port)
    if let literal = try? SocketAddress(ipAddress: host, port: port) { return [literal] }
    let found = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: lookUp(host)) }
    }
    switch found {
    case .success(let texts): return texts.compactMap { try? SocketAddress(ipAddress: $0, port: port) }
    case .failure(let failure): throw failure
    }
  }

  private static func lookUp(_ host: String) -> Result<[String], PostFailure> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(host, nil, &hints, &list)
    defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
    guard code == 0 else {
      return .failure(
        PostFailure("its name is not known: \(unsafe String(cString: gai_strerror(code)))")
      )
    }
    var texts: [String] = []
    var next = unsafe list
    while let entry = unsafe next {
      if let text = unsafe text(of: entry.pointee) { texts.append(text) }
      unsafe next = entry.pointee.ai_next
    }
    return .success(texts)
  }

  @unsafe private static func text(of entry: addrinfo) -> String? {
    var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let code = unsafe getnameinfo(
      entry.ai_addr,
      entry.ai_addrlen,
      &name,
      socklen_t(name.count),
      nil,
      0,
      NI_NUMERICHOST
    )
    guard code == 0 else { return nil }
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(validating: bytes, as: UTF8.self)
  }
}
