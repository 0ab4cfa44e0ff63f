extension Settings {
  /// Every key with its default: parses to `Settings()`.
  package static let defaultDocument = """
    interfaces: []
    netns: []
    capture:
      tier: full
      fall_back: true
      buffer: 16MiB
      snap_length: 256
      promiscuous: false
      workers: 1
      decapsulate: true
    local: []
    http:
      listen: 127.0.0.1:11060
      allowed_hosts: []
      socket: null
      metrics_listen: null
    memory_limit: 256MiB
    closed_retention:
      for: 5min
      count: 50000
    state_directory: null
    kernel:
      interval: 10s
      processes: false
    recorder:
      size: 16MiB
      for: 2m
      payload: 0
      before: 30s
      after: 5s
      file_size: 16MiB
      files: 20
      files_size: 128MiB
    history:
      for: 30d
      size: 256MiB
    deliver:
      external_url: null
      alertmanager:
        urls: []
        interval: 1m
        headers_file: null
        ca_file: null
      webhooks: []
    export:
      json: []
      ipfix: []
      remote_write: []
    log:
      level: info
      format: text
    labels: {}
    include: []
    alerts:
      - name: time-wait
        metric: time_wait
        side: local
        by: host
        raise: 300
        clear: 240
        for: 5s
        keep_firing_for: 30s
        severity: warning

    """
}
