import ArgumentParser
import Foundation
import Glibc

/// Standard input, output and error.
enum Console {
  static let input: Int32 = 0
  static let output: Int32 = 1
  static let error: Int32 = 2

  /// Writes to standard output. When nobody reads any more (`tcpstated connections | head`), the command is done, quietly.
  static func write(_ bytes: [UInt8]) throws {
    do {
      try Descriptor.write(bytes, to: output)
    } catch let failure where failure.code == EPIPE {
      throw ExitCode.success
    } catch {
      throw Failure("cannot write to standard output: \(error)")
    }
  }

  static func print(_ lines: [String]) throws {
    try write(Array((lines.joined(separator: "\n") + "\n").utf8))
  }

  /// A line beside the results: a warning, a hint. Whether it can be written decides nothing.
  static func note(_ line: String) {
    try? Descriptor.write(Array((line + "\n").utf8), to: error)
  }

  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Standard output is a terminal that can be written all over, and not one like an editor's (TERM=dumb, terminfo(5)).
  static var hasScreen: Bool { isTerminal(output) && ProcessInfo.processInfo.environment["TERM"] != "dumb" }

  /// Columns of the terminal on standard output; nil when it is none, and nothing has to be cut.
  static var width: Int? {
    guard isTerminal(output) else { return nil }
    var size = winsize()
    guard unsafe ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

/// Calls on file descriptors that go on after an interruption.
enum Descriptor {
  struct Failure: Error, CustomStringConvertible {
    let code: Int32
    var description: String { systemMessage(code) }
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32) throws(Failure) {
    let code = unsafe bytes.withUnsafeBytes { unsafe write($0, descriptor) }
    if code != 0 { throw Failure(code: code) }
  }

  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(Failure) {
    let code = unsafe write(bytes, descriptor)
    if code != 0 { throw Failure(code: code) }
  }

  /// The error, or 0.
  private static func write(_ bytes: UnsafeRawBufferPointer, _ descriptor: Int32) -> Int32 {
    var done = 0
    while done < bytes.count {
      let count = unsafe Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return errno }
      done += count
    }
    return 0
  }
}

/// What the system says of an error, with a small first letter so that it fits into a sentence.
func systemMessage(_ code: Int32) -> String {
  let message = unsafe String(cString: strerror(code))
  return message.prefix(1).lowercased() + message.dropFirst()
}
