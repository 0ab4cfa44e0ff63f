import Glibc
import Testing
@testable import tcpstated


@Suite struct ResultFileTests {
  @Test func isThereOnlyWhenComplete() throws {
    let scratch = try Scratch()
    _ = try scratch.write("report.json", Array("old".utf8))
    var file = try ResultFile(path: scratch.path + "/report.json")
    try file.write(String(repeating: "x", count: 100_000))
    #expect(try scratch.read("report.json") == "old")
    try file.finish()
    #expect(try scratch.read("report.json") == String(repeating: "x", count: 100_000))
    #expect(scratch.names == ["report.json"])
  }

  @Test func leavesNothingWhenItFails() throws {
    let scratch = try Scratch()
    do {
      var file = try ResultFile(path: scratch.path + "/report.json")
      try file.write("half")
    }
    #expect(scratch.names == [])
  }

  @Test func writesToADeviceDirectly() throws {
    var file = try ResultFile(path: "/dev/null")
    try file.write("x")
    try file.finish()
    #expect(unsafe access("/dev/null", W_OK) == 0)
  }

  @Test func namesThePathThatCannotBeWritten() {
    #expect(throws: Failure("cannot write /nowhere/report.json: no such file or directory")) {
      _ = try ResultFile(path: "/nowhere/report.json")
    }
    #expect(throws: Failure("cannot write /dev/full: no space left on device")) {
      var file = try ResultFile(path: "/dev/full")
      try file.write("x")
      try file.finish()
    }
  }
}
