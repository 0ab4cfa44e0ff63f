"""Prometheus beside the daemon: it scrapes, the rules are true of what it has, the dashboard's queries answer."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

from harness.daemon import Daemon
from harness.load import request_http, serve_http
from harness.namespaces import stop
from harness.suite import Skip, scenario
from harness.waiting import eventually
from harness.world import REPOSITORY, World

_PROMETHEUS = ("127.0.0.1", 9090)
_CONFIGURATION = REPOSITORY / "config"
_RULES = _CONFIGURATION / "prometheus" / "rules.yml"
_OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
#: Nothing is known of these where no port runs out, and no request crosses a close.
_MAY_BE_EMPTY = (
    "tcpstated_ephemeral_",
    "tcpstated_capture_drops_total",
    "tcpstated_not_reused",
    "_seconds_bucket",
    "tcpstated_handshake_failures_total",
    "tcpstated_alert_state{instance=~\".*\"} == 2",
)


def _need(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise Skip(f"{program} is not here (Debian has it in the package prometheus)")
    return path


@scenario()
def the_rules_fire_when_they_should(world: World) -> None:
    promtool = _need("promtool")
    for command in (["check", "rules", _RULES], ["test", "rules", _RULES.with_name("rules_test.yml")]):
        result = subprocess.run([promtool, *command], capture_output=True, text=True, timeout=60)
        assert result.returncode == 0, result.stdout + result.stderr


@scenario()
def prometheus_scrapes_and_every_query_of_the_dashboard_answers(world: World) -> None:
    prometheus = _need("prometheus")
    outputs = f"export: {{json: [{{file: {world.scratch}/closed.jsonl}}]}}\n"
    outputs += "deliver:\n  webhooks: [{name: pager, url: 'http://127.0.0.1:9/'}]\n"
    world.join().watch("server", configuration=outputs)
    daemon = world.daemons["server"]
    server = serve_http(world)
    _start_prometheus(world, prometheus)
    eventually(lambda: _assert(_query(daemon, "up{job='tcpstated'} == 1")), within=30)
    # Two scrapes and more with something between them: rates need that.
    request_http(world, server, 20, "disabled", server_first=True)
    eventually(lambda: _assert(_query(daemon, "tcpstated_connections{state='time_wait',side='local'} >= 20")), within=20)
    request_http(world, server, 20, "disabled", server_first=True)
    eventually(lambda: _assert(_query(daemon, "sum(rate(tcpstated_connections_closed_total[1m])) > 0")), within=20)
    for expression in _expressions():
        eventually(partial(_assert_answers, daemon, expression), within=20)
    for metric, label in _variables():
        answer = _ask(daemon, f"/api/v1/label/{label}/values?match[]={quote(metric)}")
        assert answer, f"nothing to choose from for {metric}, {label}"
    eventually(partial(_assert_rules_are_well, daemon), within=30)


def _start_prometheus(world: World, program: str) -> None:
    configuration = world.write(
        "prometheus.yml",
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
        f"rule_files: ['{_RULES}']\n"
        "scrape_configs: [{job_name: tcpstated, static_configs: [{targets: ['127.0.0.1:11060']}]}]\n",
    )
    options = [f"--config.file={configuration}", f"--storage.tsdb.path={world.scratch / 'tsdb'}"]
    address = "%s:%d" % _PROMETHEUS
    with (world.scratch / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            world.server.command([program, *options, f"--web.listen-address={address}"]), stdout=log, stderr=log
        )
    world.cleanup.callback(stop, process)


def _ask(daemon: Daemon, path: str) -> Any:
    try:
        answer = daemon.request("GET", path, address=_PROMETHEUS)
    except OSError as error:
        raise AssertionError(f"Prometheus: {error}") from error
    assert answer.status == 200, f"{path}: {answer.status} {answer.body}"
    return answer.json()["data"]


def _query(daemon: Daemon, expression: str) -> list[Any]:
    return _ask(daemon, f"/api/v1/query?query={quote(expression)}")["result"]


def _dashboard() -> dict[str, Any]:
    return json.loads((_CONFIGURATION / "grafana" / "tcpstated.json").read_text())


def _in_place(expression: str) -> str:
    return expression.replace("$__rate_interval", "1m").replace("$instance", ".*").replace("$service", ".*")


def _expressions() -> Iterator[str]:
    """What Grafana would ask for panels and annotations, its variables in place."""
    dashboard = _dashboard()
    targets = [target for panel in dashboard["panels"] for target in panel["targets"]]
    for source in targets + dashboard["annotations"]["list"]:
        yield _in_place(source["expr"])


def _variables() -> Iterator[tuple[str, str]]:
    """What it would ask to know the values of a variable."""
    for variable in _dashboard()["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]).groups()
            yield _in_place(metric), label


def _assert_answers(daemon: Daemon, expression: str) -> None:
    found = _query(daemon, expression)
    assert found or any(name in expression for name in _MAY_BE_EMPTY), f"nothing for {expression}"


def _assert_rules_are_well(daemon: Daemon) -> None:
    rules = [rule for group in _ask(daemon, "/api/v1/rules")["groups"] for rule in group["rules"]]
    bad = {rule["name"]: (rule["health"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"}
    assert rules and not bad, bad


@scenario()
def open_metrics_are_there_for_who_likes_them_better(world: World) -> None:
    prometheus = _need("prometheus")
    world.join().watch("server")
    daemon = world.daemons["server"]
    answer = daemon.get("/metrics", headers={"Accept": _OPEN_METRICS})
    assert answer.headers["content-type"].startswith(_OPEN_METRICS), answer.headers
    assert answer.body.endswith("\n# EOF\n") and "# TYPE tcpstated_capture_packets counter\n" in answer.body
    # Prometheus asks for it by itself, and is strict in reading it.
    _start_prometheus(world, prometheus)
    eventually(lambda: _assert(_query(daemon, "up{job='tcpstated'} == 1")), within=30)
    [target] = _ask(daemon, "/api/v1/targets")["activeTargets"]
    assert not target["lastError"], target


def _assert(condition: object) -> None:
    assert condition
