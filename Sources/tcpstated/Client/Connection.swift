import Glibc

/// A blocking stream socket that gives up after a time.
struct Connection: ~Copyable {
  struct Fault: Error {
    let code: Int32
    /// Instead of a message of the system, when the name of a host could not be resolved.
    var message: String

    init(_ code: Int32) {
      self.code = code
      message = code == EAGAIN || code == EINPROGRESS ? "no answer within \(timeout) s" : systemMessage(code)
    }

    init(message: String) {
      code = 0
      self.message = message
    }
  }

  /// For the connection to stand, and for each byte to come or go.
  static let timeout = 5

  private let descriptor: Int32

  private init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  static func open(_ place: DaemonURL.Place) throws(Fault) -> Connection {
    switch place {
    case .unix(let path): try open(path: path)
    case .tcp(let host, let port): try open(host: host, port: port)
    }
  }

  /// The addresses of the host in turn; what the last of them said is the error.
  private static func open(host: String, port: UInt16) throws(Fault) -> Connection {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(host, String(port), &hints, &list)
    guard status == 0 else { throw Fault(message: unsafe String(cString: gai_strerror(status)).lowercased()) }
    defer { unsafe freeaddrinfo(list) }
    var fault = Fault(ENOENT)
    var next = unsafe list
    while let info = unsafe next {
      do {
        let family = unsafe info.pointee.ai_family
        return try unsafe connect(family: family, info.pointee.ai_addr, info.pointee.ai_addrlen)
      } catch {
        fault = error
      }
      unsafe next = info.pointee.ai_next
    }
    throw fault
  }

  private static func open(path: String) throws(Fault) -> Connection {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    let bytes = Array(path.utf8)
    guard bytes.count < room else { throw Fault(ENAMETOOLONG) }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result: Result<Int32, Fault> = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        Result { () throws(Fault) in try unsafe socket(family: AF_UNIX, address, size) }
      }
    }
    return Connection(descriptor: try result.get())
  }

  private static func connect(
    family: Int32,
    _ address: UnsafePointer<sockaddr>?,
    _ size: socklen_t
  ) throws(Fault) -> Connection {
    Connection(descriptor: try unsafe socket(family: family, address, size))
  }

  /// A connected socket. On Linux the time-out of sending holds for connecting too.
  private static func socket(
    family: Int32,
    _ address: UnsafePointer<sockaddr>?,
    _ size: socklen_t
  ) throws(Fault) -> Int32 {
    let descriptor = Glibc.socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Fault(errno) }
    var limit = timeval(tv_sec: timeout, tv_usec: 0)
    let length = socklen_t(MemoryLayout<timeval>.size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, length)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, length)
    guard unsafe Glibc.connect(descriptor, address, size) == 0 else {
      let code = errno
      close(descriptor)
      throw Fault(code)
    }
    return descriptor
  }

  func send(_ bytes: [UInt8]) throws(Fault) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Fault(errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// What has come; nothing at the end.
  func receive(into buffer: inout [UInt8]) throws(Fault) -> ArraySlice<UInt8> {
    while true {
      let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Fault(errno) }
      return buffer[..<count]
    }
  }
}
