/// One number of `/metrics`, as a value. Names and values of labels are escaped as there.
package struct MetricSample: Sendable {
  package var name: String
  package var labels: [(name: String, value: String)]
  package var value: Double

  init(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
    self.name = name
    self.labels = labels
    self.value = value
  }
}
