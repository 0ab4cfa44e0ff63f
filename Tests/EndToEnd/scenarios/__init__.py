"""The tests. Each function is one story; harness.suite runs it in a world of its own."""
