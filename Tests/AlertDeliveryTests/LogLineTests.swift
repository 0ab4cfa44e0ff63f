import Alerting
import Glibc
import Logging
import PacketDecoding
import Testing

@testable import AlertDelivery

struct Line: CustomTestStringConvertible, Sendable {
  let message: String
  var fields: [[String]] = []
  var format = LogFormat.text
  var isJournal = false
  let expected: String

  var testDescription: String { expected }
}

@Suite("A line of the log")
struct LogLineTests {
  @Test(arguments: [
    Line(message: "ready", expected: "2026-11-21T03:18:40.123Z warning: ready"),
    Line(message: "ready", isJournal: true, expected: "<4>ready"),
    Line(
      message: "up",
      fields: [["port", "80"], ["why", "a \"b\""], ["empty", ""]],
      isJournal: true,
      expected: #"<4>up port=80 why="a \"b\"" empty="""#
    ),
    Line(
      message: "a\n<0>forged\u{1B}[2J",
      fields: [["unit", "x\ny"]],
      isJournal: true,
      expected: #"<4>a\u{a}<0>forged\u{1b}[2J unit=x\u{a}y"#
    ),
    Line(
      message: "say \"hi\" \\",
      fields: [["time", "mine"], ["unit", "x\ny"]],
      format: .json,
      expected: #"{"time":"2026-11-21T03:18:40.123Z","level":"warning","message":"say \"hi\" \\","time_":"mine","#
        + #""unit":"x\\u{a}y"}"#
    ),
    Line(
      message: "m",
      format: .json,
      isJournal: true,
      expected: #"<4>{"time":"2026-11-21T03:18:40.123Z","level":"warning","message":"m"}"#
    ),
  ])
  func text(_ line: Line) {
    let built = LogLine(
      time: moment,
      level: .warning,
      message: line.message,
      fields: line.fields.map { (name: $0[0], value: $0[1]) }
    )
    #expect(built.text(format: line.format, isJournal: line.isJournal) == line.expected)
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (-1, "1969-12-31T23:59:59.999Z"),
    (1_735_689_599_000, "2024-12-31T23:59:59.000Z"),
  ])
  func time(_ milliseconds: Int64, _ expected: String) {
    #expect(TimeText.text(Timestamp(nanoseconds: milliseconds * 1_000_000)) == expected)
  }

  @Test("Levels are systemd's")
  func priorities() {
    #expect(Logger.Level.allCases.map(\.priority) == [7, 7, 6, 5, 4, 3, 2])
  }
}

@Suite("The log handler")
struct StreamLogHandlerTests {
  private func logger(_ channel: Channel, isJournal: Bool = true, level: Logger.Level = .info) -> Logger {
    let stream = LogStream(descriptor: channel.writer, isJournal: isJournal)
    let handler = StreamLogHandler(
      stream: stream,
      writer: LineWriter(descriptor: channel.writer),
      level: level,
      now: { moment }
    )
    return Logger(label: "test") { _ in handler }
  }

  @Test("Metadata of the logger and of the line, sorted; the line's wins")
  func metadata() {
    let channel = Channel.pipe()
    var logger = logger(channel)
    logger[metadataKey: "z"] = "1"
    logger[metadataKey: "a"] = "1"
    logger.error("bad", metadata: ["a": "2"])
    #expect(channel.read() == "<3>bad a=2 z=1\n")
  }

  @Test("A level below the handler's writes nothing, and a copy has its own")
  func levels() {
    let channel = Channel.pipe()
    let logger = logger(channel, isJournal: false)
    var copy = logger
    copy.logLevel = .debug
    logger.debug("no")
    copy.debug("yes")
    #expect(channel.read() == "2026-11-21T03:18:40.123Z debug: yes\n")
  }

  @Test("An alert is one line, and one when it clears")
  func alert() {
    let channel = Channel.pipe()
    let delivery = LogDelivery(logger: logger(channel))
    delivery.deliver(.fired(.firing))
    #expect(
      channel.read()
        == "<4>time-wait: 312 TIME_WAIT on this host (threshold 300) alert=time-wait alert_id=00c0ffee0001 clear=240 "
        + "metric=time_wait peak=312 peer=10.0.0.7 raise=300 service=10.0.0.1:8081 severity=warning "
        + "since=2026-11-21T03:18:40.123Z site=fra1 state=firing value=312\n"
    )
    delivery.deliver(.cleared(.resolved))
    #expect(channel.read().hasPrefix("<5>time-wait cleared: TIME_WAIT on this host is back to 239 alert=time-wait "))
    #expect(channel.read().isEmpty)
  }

  @Test("The journal is told by device and inode")
  func journalStream() {
    let channel = Channel.pipe()
    var status = stat()
    #expect(unsafe fstat(channel.writer, &status) == 0)
    let name = "\(status.st_dev):\(status.st_ino)"
    #expect(LogStream(descriptor: channel.writer, journalStream: name).isJournal)
    #expect(!LogStream(descriptor: channel.writer, journalStream: "\(status.st_dev):1").isJournal)
    #expect(!LogStream(descriptor: channel.writer, journalStream: nil).isJournal)
    #expect(!LogStream(descriptor: -1, journalStream: name).isJournal)
  }
}
