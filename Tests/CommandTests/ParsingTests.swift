import ArgumentParser
import PacketDecoding
import Settings
import Testing

@testable import tcpstated

/// What a command line means, and that wrong usage is 64.
@Suite struct ParsingTests {
  @Test(arguments: [
    "nonsense", "--nonsense", "status --format yaml", "status --url 127.0.0.1", "status --url https://a",
    "status extra",
    "services extra", "connections --limit 0", "connections --limit 10001", "connections --limit x",
    "connections dst nowhere",
    "connections state", "connections dport 80 and", "check-config a b", "run --listen 11060",
    "run --interface=", "run extra",
    "run --config", "run --read a.pcap --interface eth0", "run --read - --read -", "run --fast", "run --deliver",
    "run --local 10.0.0.0/8", "run --read a.pcap --local 10.0.0.0/33", "run --read",
  ])
  func refusesWrongUsage(_ line: String) {
    let error = #expect(throws: (any Error).self) {
      _ = try TCPStated.parseAsRoot(line.split(separator: " ").map(String.init))
    }
    #expect(error.map { TCPStated.exitCode(for: $0).rawValue } == 64)
  }

  @Test(
    "What is given in no form that there is, is told which there are",
    arguments: [
      ("history --since nonsense", "'--since <time>': it is now, today, yesterday, 2h or 3d (ago), 14:30,"),
      ("history --until 25:00", "'--until <time>': it is now, today, yesterday"),
      ("history --step 400d", "'--step <duration>': it is 1s, or whole minutes, hours or days up to 7d"),
      ("history --service 10.0.0.1", "'--service <address:port>': it is ADDRESS:PORT such as"),
      ("history --destination ::1:80", "'--destination <address:port>': it is ADDRESS:PORT such as"),
      ("silence add --for 0s rule=a", "'--for <duration>': it is a time from 1s on such as 60s, 30m"),
      ("capture --last x -w -", "'--last <duration>': it is a time from 1s on such as"),
      ("status --url http://h:99999", "'--url <url>': it is http://HOST, http://HOST:PORT with a port from 1 to 65535"),
      ("top --url ftp://h", "'--url <url>': it is http://HOST"),
      ("silence list --url h", "or unix:/PATH"), ("silence expire --url h 1", "or unix:/PATH"),
      ("capture --url h -w -", "or unix:/PATH"), ("support-bundle --url h", "or unix:/PATH"),
      ("run --listen 127.0.0.1:80999", "'--listen <address:port>': it is ADDRESS:PORT such as 127.0.0.1:11060"),
      ("history --since now --until yesterday", "--since now is later than --until"),
      ("history --since 1h --until 2h", "--since 1h is later than --until 2h"),
    ] as [(String, String)]
  )
  func saysWhatThereIs(_ line: String, _ forms: String) throws {
    let error = #expect(throws: (any Error).self) {
      _ = try TCPStated.parseAsRoot(line.split(separator: " ").map(String.init))
    }
    let message = TCPStated.message(for: try #require(error))
    #expect(message.contains(forms), "\(message)")
    #expect(TCPStated.exitCode(for: try #require(error)).rawValue == 64)
  }

  @Test func takesAFilterWithoutQuotes() throws {
    let words = ["connections", "dst", "10.100.219.9:8081", "and", "not", "state", "time-wait", "--limit", "5"]
    let command = try #require(try TCPStated.parseAsRoot(words) as? ConnectionsCommand)
    #expect(command.words == ["dst", "10.100.219.9:8081", "and", "not", "state", "time-wait"])
    #expect(command.limit == 5 && command.options.daemon.url == .standard && command.options.format == .text)
  }

  @Test func takesTheOptionsOfTheDaemon() throws {
    let line = "run --config a.yaml --interface eth0 --interface lo --listen [::1]:8080"
    let command = try #require(try TCPStated.parseAsRoot(line.split(separator: " ").map(String.init)) as? RunCommand)
    #expect(command.config == "a.yaml" && command.interfaces == ["eth0", "lo"])
    #expect(command.listen?.description == "[::1]:8080")
  }

  @Test func takesAnAddressAsTheConfigurationHasIt() throws {
    let command = try #require(try TCPStated.parseAsRoot(["run", "--listen", "localhost:0"]) as? RunCommand)
    #expect(command.listen?.description == "127.0.0.1:0")
  }

  @Test func takesTheOptionsOfAReplay() throws {
    let line = "run --read a.pcap --read - --fast --deliver --local 10.0.0.0/8 --local fd00::/8"
    let command = try #require(try TCPStated.parseAsRoot(line.split(separator: " ").map(String.init)) as? RunCommand)
    #expect(command.files == ["a.pcap", "-"] && command.fast && command.deliver)
    #expect(command.local == [Network("10.0.0.0/8"), Network("fd00::/8")])
  }

  @Test func takesTheOptionsOfAnalyze() throws {
    let line =
      "analyze a.pcap - --format jsonl --output out --local 10.0.0.0/8 --local ::1 --checksums verify --bpf tcp"
    let words = line.split(separator: " ").map(String.init) + ["--filter", "dport 80 or dport 443"]
    let command = try #require(try TCPStated.parseAsRoot(words) as? AnalyzeCommand)
    #expect(command.files == ["a.pcap", "-"] && command.format == .jsonl && command.output == "out")
    #expect(command.local.map(\.description) == ["10.0.0.0/8", "::1/128"])
    #expect(command.checksums == .verify && command.bpf == "tcp" && command.filter == "dport 80 or dport 443")
  }

  @Test(arguments: [
    "--help", "run --help", "connections --help", "status --help", "--version", "--generate-completion-script bash",
  ])
  func helps(_ line: String) {
    let error = #expect(throws: (any Error).self) {
      // Help for a subcommand is a command of its own, which says it by throwing.
      var command = try TCPStated.parseAsRoot(line.split(separator: " ").map(String.init))
      try command.run()
    }
    #expect(error.map { TCPStated.exitCode(for: $0) } == .success)
  }
}
