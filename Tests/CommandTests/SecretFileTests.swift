import Foundation
import Settings
import Testing

@testable import Daemon

@Suite("Files with secrets")
struct SecretFileTests {
  @Test(arguments: [
    ("s3cret\n", "Bearer s3cret"), ("s3cret", "Bearer s3cret"), ("a b\r\n", "Bearer a b"),
    ("\n", "needs the secret as its only line"), ("one\ntwo\n", "needs the secret as its only line"),
    ("a\u{1B}[0m", "needs the secret as its only line"),
  ])
  func tokens(_ content: String, _ expected: String) throws {
    let scratch = try Scratch()
    let file = try Self.secret(content, in: scratch)
    var target = Settings.RemoteWrite(try #require(WebAddress("http://metrics.example/write")))
    #expect(try target.authorization == nil)
    target.bearerTokenFile = .file(file)
    #expect(Self.text { () throws(FileFailure) in try target.authorization }.hasSuffix(expected))
  }

  @Test func passwords() throws {
    let scratch = try Scratch()
    var target = Settings.RemoteWrite(try #require(WebAddress("http://metrics.example/write")))
    (target.username, target.passwordFile) = ("me", .file(try Self.secret("s3cret\n", in: scratch)))
    #expect(try target.authorization == "Basic bWU6czNjcmV0")
  }

  @Test("What everybody may read is no secret") func openToAll() throws {
    let scratch = try Scratch()
    let file = try Self.secret("s3cret", in: scratch, mode: 0o644)
    let said = Self.text { () throws(FileFailure) in try SecretFile(.file(file)).line() }
    #expect(said == "\(file) holds a secret, and everybody may read it: chmod o= \(file)")
    let missing = Self.text { () throws(FileFailure) in try SecretFile(.file("/no/file")).line() }
    #expect(missing == "cannot read /no/file: No such file or directory")
  }

  private static func secret(_ content: String, in scratch: Scratch, mode: Int = 0o600) throws -> String {
    let file = try scratch.write("secret", Array(content.utf8))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }

  private static func text(_ read: () throws(FileFailure) -> String?) -> String {
    do throws(FileFailure) { return try read() ?? "" } catch { return error.description }
  }
}
