package import PacketDecoding

/// Ends in TIME_WAIT over time, by role: bounded, by making the steps longer as time goes on. Each step keeps its peak.
package struct TimeWaitSeries: Sendable, Equatable {
  package struct Sample: Sendable, Equatable {
    package var at: Instant
    package var client: Int
    package var server: Int

    package init(at moment: Instant, client: Int, server: Int) {
      at = moment
      self.client = client
      self.server = server
    }
  }

  package private(set) var samples: [Sample] = []
  private var step = Seconds(1)
  private let limit: Int

  package init(limit: Int = 1024) {
    self.limit = max(limit, 2)
  }

  package mutating func add(_ sample: Sample) {
    if let last = samples.last, bin(last.at) == bin(sample.at) {
      merge(sample, into: samples.count - 1)
    } else {
      samples.append(sample)
      while samples.count > limit { coarsen() }
    }
  }

  private func bin(_ moment: Instant) -> Int64 {
    (moment.nanoseconds &- (samples.first?.at ?? moment).nanoseconds) / step.nanoseconds
  }

  private mutating func merge(_ sample: Sample, into index: Int) {
    samples[index].client = max(samples[index].client, sample.client)
    samples[index].server = max(samples[index].server, sample.server)
  }

  private mutating func coarsen() {
    step = Seconds(nanoseconds: min(step.nanoseconds, .max / 4) * 2)
    let finer = samples
    samples = []
    for sample in finer {
      if let last = samples.last, bin(last.at) == bin(sample.at) {
        merge(sample, into: samples.count - 1)
      } else {
        samples.append(sample)
      }
    }
  }
}
