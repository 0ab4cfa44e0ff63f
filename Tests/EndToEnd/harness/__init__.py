"""What the scenarios stand on: namespaces, wires, the kernel's own view, the daemon, waiting, reporting."""
