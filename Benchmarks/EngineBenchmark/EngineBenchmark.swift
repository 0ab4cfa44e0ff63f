import ConnectionTracking
import Glibc
import Monitoring
import PacketCapture
import PacketDecoding

/// Makes traces with known totals, and runs the engine over them up to a stage. What it costs is for others to count.
@main
enum EngineBenchmark {
  static let usage = """
    usage: EngineBenchmark generate short|mixed|elephants|synflood|many PACKETS FILE
           EngineBenchmark read|decode|track|record|watch|control FILE
           EngineBenchmark track FILE SHARES
    generate writes the trace to FILE, and to FILE.totals what must be found in it; track prints what it found, on one
    core or with so many shares of the connections.

    """

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      if arguments.count == 4, arguments[0] == "generate", let scenario = Scenario(rawValue: arguments[1]),
        let packets = Int(arguments[2])
      {
        let totals = try scenario.write(packets: packets, to: arguments[3])
        try totals.text.write(to: arguments[3] + ".totals")
      } else if arguments.count == 2, let stage = Stage(rawValue: arguments[0]) {
        print(try stage.run(arguments[1]), terminator: "")
      } else if arguments.count == 3, arguments[0] == "track", let shares = Int(arguments[2]), (1...64).contains(shares)
      {
        print(try SharedTracking.run(arguments[1], shares: shares), terminator: "")
      } else {
        fail(usage, code: 64)
      }
    } catch let error as CaptureError {
      fail("\(error)\n", code: 1)
    } catch {
      fail("\(error)\n", code: 1)
    }
  }

  private static func fail(_ message: String, code: Int32) -> Never {
    unsafe message.withCString { _ = unsafe write(STDERR_FILENO, $0, strlen($0)) }
    exit(code)
  }
}

extension String {
  func write(to path: String) throws(TraceFile.Failure) {
    var file = try TraceFile(path)
    for octet in utf8 { file.append(octet) }
    try file.finish()
  }
}
