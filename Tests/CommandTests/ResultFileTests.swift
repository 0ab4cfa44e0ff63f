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

  @Test func keepsModeAndLinkOfWhatItReplaces() throws {
    let scratch = try Scratch()
    let place = try scratch.write("report.json", Array("old".utf8))
    #expect(unsafe chmod(place, 0o640) == 0 && symlink(place, scratch.path + "/link") == 0)
    var file = try ResultFile(path: scratch.path + "/link")
    try file.write("new")
    try file.finish()
    #expect(try scratch.read("report.json") == "new")
    #expect(scratch.names.sorted() == ["link", "report.json"])
    var status = stat()
    #expect(unsafe lstat(place, &status) == 0 && status.st_mode & 0o7777 == 0o640)
    #expect(unsafe lstat(scratch.path + "/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
  }

  @Test func hasNoNameUntilItIsComplete() throws {
    let scratch = try Scratch()
    var file = try ResultFile(path: scratch.path + "/report.json")
    try file.write(String(repeating: "x", count: 100_000))
    #expect(scratch.names == [])
    try file.finish()
    #expect(scratch.names == ["report.json"])
  }

  @Test func doesNotReplaceWhatIsRead() throws {
    let scratch = try Scratch()
    let capture = try scratch.write("day.pcap", [1, 2, 3])
    #expect(unsafe symlink(capture, scratch.path + "/link") == 0)
    let message = "cannot write \(scratch.path)/link: it is the capture that is read; choose another name"
    #expect(throws: Failure(message)) {
      _ = try ResultFile(path: scratch.path + "/link", inputs: ["-", capture])
    }
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
