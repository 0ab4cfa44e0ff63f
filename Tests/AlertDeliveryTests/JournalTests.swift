import Alerting
import Logging
import Testing

@testable import AlertDelivery

@Suite("Entries of the journal")
struct JournalTests {
  private func text(_ fill: (inout JournalDatagram) -> Void) -> String {
    var datagram = JournalDatagram()
    fill(&datagram)
    return String(decoding: datagram.bytes, as: UTF8.self)
  }

  @Test("A value without a line break is a line")
  func plain() {
    #expect(text { $0.add("MESSAGE", "a=b") } == "MESSAGE=a=b\n")
    #expect(text { $0.add("EMPTY", "") } == "EMPTY=\n")
  }

  @Test("A value with line breaks has its length before it, little-endian")
  func binary() {
    var datagram = JournalDatagram()
    datagram.add("NOTE", "a\nb")
    #expect(datagram.bytes == Array("NOTE\n".utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array("a\nb\n".utf8))
  }

  @Test("Names are upper case, and those the journal would refuse are left out")
  func names() {
    #expect(text { $0.add("tcpstated_site", "x") } == "TCPSTATED_SITE=x\n")
    for name in ["", "_PID", "1ST", "A-B", "ÄB", "A\nB", String(repeating: "A", count: 65)] {
      #expect(text { $0.add(name, "x") }.isEmpty)
    }
  }

  @Test("A long value is cut between characters, an endless entry at its limit")
  func limits() {
    #expect(text { $0.add("A", String(repeating: "é", count: 4000)) } == "A=\(String(repeating: "é", count: 2048))\n")
    #expect(text { $0.add("A", "x" + String(repeating: "é", count: 4000)) }.utf8.count == 2 + 4095 + 1)
    let many = text { datagram in
      for _ in 0..<1000 { datagram.add("A", String(repeating: "x", count: 1000)) }
    }
    #expect((60_000...65_536).contains(many.utf8.count))
  }

  @Test("An alert arrives with its fields")
  func alert() throws {
    let journal = FakeJournal()
    let log = Recorder()
    let delivery = try JournalDelivery(socket: #require(JournalSocket(path: journal.path)), otherwise: log)
    delivery.deliver(.fired(.firing))
    #expect(
      String(decoding: journal.receive(), as: UTF8.self) == """
        MESSAGE=time-wait: 312 TIME_WAIT on this host (threshold 300)
        PRIORITY=4
        SYSLOG_IDENTIFIER=tcpstated
        TCPSTATED_ALERT=time-wait
        TCPSTATED_ALERT_ID=00c0ffee0001
        TCPSTATED_STATE=firing
        TCPSTATED_SEVERITY=warning
        TCPSTATED_VALUE=312
        TCPSTATED_RAISE=300
        TCPSTATED_CLEAR=240
        TCPSTATED_PEAK=312
        TCPSTATED_SERVICE=10.0.0.1:8081
        TCPSTATED_PEER=10.0.0.7
        TCPSTATED_SINCE=2026-11-21T03:18:40.123Z
        TCPSTATED_SITE=fra1
        TCPSTATED_METRIC=time_wait

        """
    )
    delivery.deliver(.cleared(.resolved))
    let cleared = String(decoding: journal.receive(), as: UTF8.self)
    #expect(cleared.hasPrefix("MESSAGE=time-wait cleared: TIME_WAIT on this host is back to 239\nPRIORITY=5\n"))
    #expect(cleared.contains("\nTCPSTATED_STATE=resolved\n"))
    #expect(log.count == 0)
    #expect(delivery.refused == 0)
  }

  @Test("What others chose cannot add a field")
  func forged() {
    var status = AlertStatus.firing
    status.summary = "x\nPRIORITY=0"
    let datagram = String(decoding: JournalDelivery.datagram(.fired(status)).bytes, as: UTF8.self)
    #expect(datagram.hasPrefix("MESSAGE=time-wait: x\\u{a}PRIORITY=0\nPRIORITY=4\n"))
  }

  @Test("Without a journal, or with one that is stuck, the log gets it")
  func fallback() throws {
    let log = Recorder()
    let absent = try JournalDelivery(socket: #require(JournalSocket(path: "/nonexistent/socket")), otherwise: log)
    absent.deliver(.fired(.firing))
    #expect(absent.refused == 1)
    let journal = FakeJournal()
    let stuck = try JournalDelivery(socket: #require(JournalSocket(path: journal.path)), otherwise: log)
    for _ in 0..<5000 { stuck.deliver(.fired(.firing)) }
    #expect(stuck.refused > 0)
    #expect(log.count == 1 + stuck.refused)
  }

  @Test("Only a stream that is the journal's goes past the log")
  func choice() {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    #expect(LocalAlerts.channel(logger: logger, stream: LogStream(descriptor: 2, isJournal: true)) is JournalDelivery)
    #expect(LocalAlerts.channel(logger: logger, stream: LogStream(descriptor: 2, isJournal: false)) is LogDelivery)
  }
}
