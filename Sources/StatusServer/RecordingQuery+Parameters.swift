internal import Monitoring
internal import PacketDecoding

extension RecordingQuery {
  static let parameterNames = ["last", "filter"]

  init(_ parameters: Parameters) throws(Parameters.Fault) {
    let seconds = try parameters.integer("last", in: 1...3600, default: 60)
    self.init(last: Seconds(Int64(seconds)))
    guard let text = parameters["filter"] else { return }
    do {
      filter.expression = try ConnectionFilter(parsing: text)
    } catch {
      throw Parameters.Fault("parameter 'filter': \(error)")
    }
  }
}
