package import Monitoring
internal import PacketDecoding

extension JSONWriter {
  /// TIME_WAIT over time.
  ///
  /// - Parameter step: seconds from one sample to the next.
  package mutating func history(step: Int, _ samples: [FigureSample]) {
    member("step_seconds", step)
    array("samples") { json in
      for sample in samples {
        json.object { json in
          json.member("time", sample.time.description)
          json.object("time_wait") { json in
            json.member("local", sample.local)
            json.member("remote", sample.remote)
            json.member("transit", sample.transit)
            json.member("client", sample.client)
            json.member("server", sample.server)
          }
          json.member("open", sample.open)
          json.member("connections", sample.connections)
        }
      }
    }
  }
}
