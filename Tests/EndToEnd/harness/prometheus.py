"""Reading the Prometheus text format, strictly."""

import re

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{((?:{_LABEL},?)*)\}})? (\S+)( -?\d+)?")
_TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}

Labels = frozenset[tuple[str, str]]
Samples = dict[str, dict[Labels, float]]


def parse(text: str) -> Samples:
    """Samples by name and labels; AssertionError where a scraper would stumble."""
    assert text.endswith("\n"), "the last line does not end"
    types: dict[str, str] = {}
    samples: Samples = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in _TYPES and name not in types, line
            types[name] = kind
        elif line and not line.startswith("#"):
            match = _SAMPLE.fullmatch(line)
            assert match, f"no sample: {line!r}"
            name, labels, value = match[1], match[2] or "", match[3]
            family = name if name in types else re.sub(r"_(bucket|sum|count)$", "", name)
            assert family in types, f"no type before {line!r}"
            assert types[family] != "counter" or name.endswith("_total"), f"a counter's name ends in _total: {name}"
            key = frozenset(_labels(labels))
            assert key not in samples.setdefault(name, {}), f"twice: {line!r}"
            samples[name][key] = float(value)
    return samples


def _labels(text: str) -> list[tuple[str, str]]:
    pairs = (label.partition("=") for label in re.findall(_LABEL, text))
    return [(name, value[1:-1]) for name, _, value in pairs]


def value(samples: Samples, name: str, **labels: str) -> float:
    """The sum of the samples with these labels."""
    assert name in samples, f"no metric {name}"
    return sum(number for key, number in samples[name].items() if set(labels.items()) <= key)
