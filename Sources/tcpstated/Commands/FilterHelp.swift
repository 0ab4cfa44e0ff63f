import ArgumentParser
import Monitoring

/// The filter language, for the commands that take it.
enum FilterHelp {
  static let text = """
    Terms of a filter, joined by and, or, not and parentheses (side by side means and):
      state STATE [side SIDE]     time-wait, established, …, connected, open, closed, all;
                                  SIDE: an end that is client, server, local, remote or transit
      src, dst ADDRESS[:PORT]     the client's and the server's end; a network too; also client, server
      sport, dport [OP] PORT      = != < <= > >= or eq ne lt le gt ge
      host, net, port             either end
      closed-first WHO            client, server, simultaneous, none
      kind HOW                    fin, rst, refused, expired, reused, none
      conn-state NAME             Zeek's: SF, S1, RSTO, …
      interface NAME
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
