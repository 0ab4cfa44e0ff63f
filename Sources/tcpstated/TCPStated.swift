import ArgumentParser

@main
struct TCPStated: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "tcpstated")
}
