internal import Monitoring

extension JSONWriter {
  mutating func exports(_ exports: [ExportStatus]) {
    array("exports") { json in
      for export in exports {
        json.object { json in
          json.member("kind", export.kind)
          json.member("output", export.name)
          json.member("queued", export.waiting)
          json.member("sent", export.exported)
          json.member("dropped", export.dropped)
          json.member("failures", export.failed)
          json.member("last_error", export.lastError)
        }
      }
    }
  }
}
