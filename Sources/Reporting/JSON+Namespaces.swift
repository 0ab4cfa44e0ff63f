internal import ConnectionTracking
internal import Monitoring
internal import StateAccounting

extension JSONWriter {
  /// Each network namespace beside the daemon's own, with the figures of its local ends.
  mutating func namespaces(_ live: LiveStatus, _ snapshot: Snapshot) {
    array("namespaces") { json in
      for namespace in live.namespaces {
        let local = snapshot.accounts.local(in: namespace.number)
        json.object { json in
          json.member("name", namespace.name)
          json.object("local_time_wait") { json in
            json.member("host", local[.timeWait])
            json.member("overdue", snapshot.overdue(in: namespace.number))
            if let kernel = namespace.kernel { json.member("kernel", kernel.timeWait) } else { json.null("kernel") }
          }
          json.phases("local", local)
          if let kernel = namespace.kernel { json.kernel(kernel) }
        }
      }
    }
  }
}

extension Accounts {
  func local(in namespace: UInt8) -> PhaseCounts {
    Int(namespace) < localByNamespace.count ? localByNamespace[Int(namespace)] : PhaseCounts()
  }
}

extension Snapshot {
  fileprivate func overdue(in namespace: UInt8) -> Int {
    Int(namespace) < overdueTimeWaits.count ? overdueTimeWaits[Int(namespace)] : 0
  }
}

extension LiveStatus {
  /// Of all namespaces together; nil when the kernel of one of them did not answer.
  var kernelTimeWait: Int? { kernelOfAll?.timeWait }

  /// The TIME_WAITs and the drift of all namespaces together, and the rest of the daemon's own.
  var kernelOfAll: KernelStatus? {
    guard var sum = kernel else { return nil }
    for namespace in namespaces {
      guard let kernel = namespace.kernel else { return nil }
      sum.timeWait += kernel.timeWait
      sum.drift += kernel.drift
    }
    return sum
  }
}
