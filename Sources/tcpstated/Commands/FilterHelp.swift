import ArgumentParser
import Monitoring

/// The filter language, for the commands that take it.
enum FilterHelp {
  static let text = """
    Terms of a filter, joined by and, or, not and parentheses:
      state STATE [side SIDE]   time-wait, established, ..., connected, open,
                                closed, all; SIDE is the end that is in it:
                                client, server, local, remote, transit
      src, dst ADDRESS[:PORT]   the client's, the server's end; a network, too;
                                the same: client, server
      sport, dport [OP] PORT    = != < <= > >= or eq ne lt le gt ge
      host, net, port           either end
      closed-first WHO          client, server, simultaneous, none
      kind HOW                  fin, rst, refused, expired, reused, none
      cause NAME                why it closed: no_pool, server_idle, ...
                                (tcpstated explain lists them), none
      conn-state NAME           Zeek's: SF, S1, RSTO, ...
      interface NAME
      owner NAME                a systemd unit or a container; none for nobody known
    """

  /// A wrong filter is wrong usage.
  static func filter(_ words: [String]) throws -> ConnectionFilter {
    do throws(FilterError) {
      return try ConnectionFilter(parsing: words.joined(separator: " "))
    } catch {
      throw ValidationError(error.description)
    }
  }
}
