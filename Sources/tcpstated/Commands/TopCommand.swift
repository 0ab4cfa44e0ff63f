import ArgumentParser
import Foundation

struct TopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "Shows the figures on the whole screen, as they change; a service opens into its connections.",
    discussion: "Keys: ? shows them, q leaves. Without a terminal it prints the figures once."
  )

  @OptionGroup var daemon: DaemonOption

  @Option(help: ArgumentHelp("Seconds from one reading to the next (0.2 to 3600).", valueName: "seconds"))
  var interval = 1.0

  func validate() throws {
    guard (0.2...3600).contains(interval) else { throw ValidationError("--interval is 0.2 to 3600, not \(interval)") }
  }

  func run() throws {
    let client = DaemonClient(url: daemon.url)
    guard Console.isTerminal(Console.input), Console.hasScreen else {
      var page = Page.forStandardOutput
      page.add(try client.get(StatusDocument.self, from: "/api/v1/status").document)
      return try Console.print(page.lines)
    }
    // Nobody there: one line, and the screen stays as it was.
    _ = try client.get("/healthz")
    try follow(TopFeed(client))
  }

  private func follow(_ feed: TopFeed) throws {
    var terminal = try TopTerminal()
    var model = TopModel()
    let palette = Palette.forStandardOutput
    var nextAsk = ContinuousClock.now
    var asked: TopFeed.Wanted?
    var version = -1
    var isChanged = true
    var size = TopTerminal.size
    while !model.wantsEnd {
      let wanted = model.place.screen.wanted
      if wanted != asked || ContinuousClock.now >= nextAsk {
        asked = feed.ask(wanted) ? wanted : nil
        nextAsk = ContinuousClock.now + .seconds(interval)
      }
      let latest = feed.latest
      if latest.version != version {
        (version, isChanged) = (latest.version, true)
        model.take(latest.data)
      }
      if size != TopTerminal.size { (size, isChanged) = (TopTerminal.size, true) }
      if isChanged {
        let lines = model.frame(width: size.width, height: size.height, palette: palette, clock: TopModel.clock(Date()))
        try terminal.show(lines, size)
      }
      guard let keys = terminal.keys() else { return }
      keys.forEach { model.handle($0) }
      isChanged = !keys.isEmpty
    }
  }
}
