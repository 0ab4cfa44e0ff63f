package import Logging
package import PacketDecoding

/// The log on standard error.
package struct StreamLogHandler: LogHandler {
  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?
  private let isJournal: Bool
  private let format: LogFormat
  private let writer: LineWriter
  private let now: @Sendable () -> Timestamp

  /// Handlers of one stream share a writer, so that lines never mix.
  package init(
    stream: LogStream,
    writer: LineWriter,
    level: Logger.Level = .info,
    format: LogFormat = .text,
    now: @escaping @Sendable () -> Timestamp = { currentTime() }
  ) {
    self.logLevel = level
    self.isJournal = stream.isJournal
    self.format = format
    self.writer = writer
    self.now = now
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let provided = metadataProvider?.get() ?? [:]
    var all = metadata.merging(provided) { $1 }.merging(event.metadata ?? [:]) { $1 }
    if let error = event.error { all["error"] = "\(error)" }
    let line = LogLine(
      time: now(),
      level: event.level,
      message: "\(event.message)",
      fields: all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
    )
    writer.write(line.text(format: format, isJournal: isJournal))
  }
}

/// A default argument cannot be an internal function.
package func currentTime() -> Timestamp { TimeText.now() }
