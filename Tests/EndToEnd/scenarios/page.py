"""The page, in a real browser."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from harness import savefile
from harness.browser import Browser
from harness.daemon import LISTEN, Daemon
from harness.load import request_http, serve_http
from harness.program import tcpstated
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import World

_PAGE = "http://%s:%d/" % LISTEN
_ESCAPE = 27
_ROWS = "#connections-table tbody tr:not(.space)"
_SEGMENTS = "[...document.querySelectorAll('#detail .ladder tr:is(.to-server, .to-client)')]"
_ARROWS = f"{_SEGMENTS}.length"


def _browse(world: World) -> Browser:
    browser = Browser(world.server, world.scratch / "profile")
    world.cleanup.callback(browser.close)
    browser.open(_PAGE)
    browser.until("document.getElementById('link').innerText.startsWith('live')", within=20)
    return browser


def _picture(browser: Browser, name: str) -> None:
    """Where E2E_PICTURES says; for people to look at."""
    directory = os.environ.get("E2E_PICTURES")
    if directory:
        browser.screenshot(Path(directory) / f"{name}.png", whole=not name.startswith("connection"))


def _assert_well_behaved(browser: Browser) -> None:
    assert not browser.complaints, browser.complaints
    places = {urlsplit(url).netloc for url in browser.requests if not url.startswith("data:")}
    assert places == {"%s:%d" % LISTEN}, f"the page asked {places}"


def _busy_server(world: World) -> Daemon:
    world.join().watch("server")
    server = serve_http(world)
    request_http(world, server, 400, "disabled", server_first=True)
    return world.daemons["server"]


@scenario()
def the_page_shows_what_happens_as_it_happens(world: World) -> None:
    world.join().watch("server")
    browser = _browse(world)
    assert browser.text("#tiles .value") == "0"
    # The address does not change: nothing is loaded anew.
    request_http(world, serve_http(world), 400, "disabled", server_first=True)
    browser.until("Number(document.querySelector('#tiles .value').innerText) >= 300")
    browser.until("document.getElementById('firing').innerText.includes('time-wait')", within=20)
    assert "TIME_WAIT" in browser.text("#states"), browser.text("#states")
    assert "server" in browser.text("#closers"), browser.text("#closers")
    browser.until("document.querySelectorAll('#chart path.series').length >= 2")
    assert "fires at 300" in browser.evaluate("document.getElementById('chart').textContent")
    # From a service to its connections, from one of those to its segments.
    browser.click("#services-table tbody button")
    browser.until("document.getElementById('filter').value === 'dst 10.77.0.2:8080'")
    browser.until(f"document.querySelectorAll('{_ROWS}').length > 5")
    browser.click(f"{_ROWS} button")
    browser.until("document.getElementById('detail').open")
    # At first as the history tells it; then with times.
    browser.until(f"{_SEGMENTS}.filter((row) => row.cells[0].textContent).length >= 7")
    _assert_drawn(browser)
    _picture(browser, "connection")
    browser.press("Escape", code=_ESCAPE)
    browser.until("!document.getElementById('detail').open")
    _assert_well_behaved(browser)
    for scheme in ("light", "dark"):
        browser.prefer(scheme)
        _picture(browser, scheme)
    browser.resize(360, 740)
    _picture(browser, "narrow")


def _assert_drawn(browser: Browser) -> None:
    """Who sent what, when, and both states after it: for eyes without colour, and for a screen reader."""
    rows = browser.evaluate(f"{_SEGMENTS}.map((row) => [...row.cells].map((cell) => cell.textContent.trim()))")
    bare = [(client.split(",")[0], what, server.split(",")[0]) for _, client, what, server in rows]
    assert bare[:3] == [
        ("SYN_SENT", "client sends SYN▶", "LISTEN"),
        ("ESTABLISHED", "◀server sends SYN-ACK", "SYN_RECEIVED"),
        ("ESTABLISHED", "client sends ACK▶", "ESTABLISHED"),
    ], rows
    assert bare[3][1].startswith("client sends data of ") and bare[3][1].endswith(" bytes▶"), rows
    assert ("CLOSE_WAIT", "◀server sends FIN", "FIN_WAIT_1") in bare, rows
    assert bare[-1] == ("CLOSED", "◀server sends ACK", "TIME_WAIT"), rows
    assert rows[1][1] == "ESTABLISHED, was SYN_SENT", rows
    units = {"µs": 1, "ms": 1000, "s": 1_000_000}
    times = [float(time.split()[0]) * units[time.split()[1]] for time, *_ in rows]
    assert times[0] == 0 and times == sorted(times) and times[-1] > 0, rows
    changed = browser.evaluate("getComputedStyle(document.querySelector('#detail .ladder .changed')).fontWeight")
    assert int(changed) >= 600, "a change of state is not seen without colour"


@scenario()
def the_page_follows_the_connection_that_is_open(world: World) -> None:
    world.join().watch("server")
    pair = world.connect()
    browser = _browse(world)
    browser.until(f"document.querySelectorAll('{_ROWS}').length === 1")
    browser.click(f"{_ROWS} button")
    browser.until(f"{_ARROWS} === 3")
    # Where the reader is, it stays.
    browser.evaluate("document.querySelector('#detail .scroll').focus()")
    pair.reset("server")
    browser.until(f"{_ARROWS} === 4")
    last = browser.evaluate(f"{_SEGMENTS}.at(-1).textContent")
    assert "server sends RST" in last, last
    assert browser.evaluate("document.activeElement === document.querySelector('#detail .scroll')")
    for width in (320, 768, 1280):
        browser.resize(width, 800)
        browser.until(f"document.documentElement.scrollWidth <= {width}")
    for scheme in ("light", "dark"):
        browser.prefer(scheme)
        eventually(lambda: _assert_none(browser.evaluate(_FAINT)))
        _picture(browser, f"connection-{scheme}")
    browser.resize(360, 740)
    browser.evaluate("document.querySelector('#detail .ladder').scrollIntoView({behavior: 'instant'})")
    _picture(browser, "connection-narrow")
    _assert_well_behaved(browser)


@scenario()
def the_page_says_what_is_wrong_with_a_filter(world: World) -> None:
    _busy_server(world)
    browser = _browse(world)
    # From then on nothing moves under the mouse.
    browser.until("document.getElementById('firing').innerText.includes('time-wait')", within=20)
    browser.press("/", "/")
    browser.until("document.activeElement.id === 'filter'")
    browser.write("colour = red")
    browser.press("Enter", "\r", 13)
    browser.until("document.getElementById('filter-problem').innerText.includes('colour')")
    assert browser.evaluate("document.getElementById('filter').getAttribute('aria-invalid')") == "true"
    browser.evaluate("document.getElementById('filter').select()")
    browser.write("state time-wait")
    browser.press("Enter", "\r", 13)
    browser.until("document.getElementById('filter-problem').innerText === ''")
    browser.until(f"document.querySelectorAll('{_ROWS}').length > 5")
    browser.click("#connections-table thead th:nth-child(1) button")
    browser.until("document.querySelector('#connections-table th').getAttribute('aria-sort') === 'ascending'")
    # From one row to the next with the keyboard, and into it.
    browser.evaluate(f"document.querySelector('{_ROWS} button').focus()")
    browser.press("ArrowDown", code=40)
    browser.until("document.activeElement.closest('tr').getAttribute('aria-rowindex') === '3'")
    browser.press("Enter", "\r", 13)
    browser.until("document.getElementById('detail').open")
    # The browser logs each answer of 400.
    browser.complaints = [complaint for complaint in browser.complaints if "colour" not in complaint]
    _assert_well_behaved(browser)


@scenario()
def the_page_shows_silences_and_how_deliveries_go(world: World) -> None:
    socket = world.scratch / "http.sock"
    hook = "deliver:\n  webhooks: [{name: pager, url: 'http://127.0.0.1:9/secret'}]\n"
    rule = "alerts: [{name: open, metric: established, raise: 1, for: 0s}]\n"
    world.join().watch("server", configuration=f"http:\n  socket: {socket}\n{hook}{rule}")
    browser = _browse(world)
    world.connect()
    browser.until("document.getElementById('deliveries').innerText.includes('refused')", within=20)
    assert "webhook pager: 0 delivered, 1 waiting" in browser.text("#deliveries"), browser.text("#deliveries")
    options = ("--url", f"unix:{socket}", "--for", "1h", "--comment", "<b>mine</b>")
    assert tcpstated(world, "silence", "add", *options, "rule=open").returncode == 0
    browser.until("document.getElementById('silences').innerText.includes('<b>mine</b>); holds 1 now')", within=20)
    browser.until("document.querySelector('#alerts-list .badge').innerText.toLowerCase() === 'firing, silenced'")
    assert "secret" not in browser.text("body")
    _assert_well_behaved(browser)


@scenario()
def the_page_stands_still_when_it_is_frozen(world: World) -> None:
    world.join().watch("server")
    browser = _browse(world)
    browser.until("document.querySelector('#tiles .value') !== null")
    browser.press("f", "f")
    browser.until("document.getElementById('link').innerText === 'frozen'")
    request_http(world, serve_http(world), 50, "disabled", server_first=True)
    browser.until("view.pending.status.local_time_wait.host >= 50")
    assert browser.text("#tiles .value") == "0"
    browser.click("#freeze")
    browser.until("Number(document.querySelector('#tiles .value').innerText) >= 50")


@scenario()
def the_page_goes_on_when_the_daemon_starts_anew(world: World) -> None:
    daemon = _busy_server(world)
    browser = _browse(world)
    browser.until("chart.samples.length > 2")
    daemon.terminate()
    browser.until("document.getElementById('link').innerText.includes('trying again')", within=20)
    daemon.start()
    browser.until("document.getElementById('link').innerText === 'live (the daemon was restarted)'", within=30)
    # What its kernel still holds is there again; what the page saw before is not forgotten.
    browser.until("Number(document.querySelector('#tiles .value').innerText) >= 300")
    browser.until("chart.samples.length > 3")


@scenario()
def the_page_lists_ten_thousand_connections(world: World) -> None:
    capture = savefile.write(world.scratch / "many.pcap", 12_000)
    # Packet time goes on from the last packet: what is asked for stays while the test looks at it.
    world.watch("server", arguments=["--read", capture, "--local", "10.77.0.2/32", "--fast"])
    browser = _browse(world)
    browser.evaluate("(byId('limit').value = '10000', byId('limit').dispatchEvent(new Event('change')))")
    browser.until("document.getElementById('connections-count').innerText.startsWith('10,000 connections and more')")
    assert browser.evaluate(f"document.querySelectorAll('{_ROWS}').length") < 100, "all rows are drawn"
    assert browser.evaluate("document.querySelector('#connections-table table').getAttribute('aria-rowcount')") == "10001"
    browser.evaluate("(document.querySelector('.window').scrollTop = 1e9)")
    browser.until(f"[...document.querySelectorAll('{_ROWS}')].some(row => row.getAttribute('aria-rowindex') === '10001')")
    spent = browser.evaluate(
        "(() => { const begun = performance.now(); connections.sort = {index: 0, descending: true}; connections.order();"
        " return performance.now() - begun; })()"
    )
    assert spent < 3000, f"sorting took {spent:.0f} ms"
    _assert_well_behaved(browser)


@scenario()
def nothing_that_others_chose_becomes_part_of_the_page(world: World) -> None:
    world.join().watch("server")
    world.connect()
    browser = _browse(world)
    names = ["<img src=x onerror=alert(1)>", "\u001b[2J", "a\nb", "\u202egpj.exe", "=1+1", "{{nonce}}"]
    hostile = json.dumps(" ".join(names))
    browser.evaluate(
        f"(() => {{ const status = structuredClone(view.pending.status); const name = {hostile}; view.frozen = true;"
        " status.host = name; status.owners = [{unit: name, connections: 1, open: 1, time_wait: 1, states: {}}];"
        " status.services.forEach((service) => { service.owner = name; });"
        " status.findings = [{id: name, severity: 'warning', summary: name, advice: name, evidence: {[name]: name}}];"
        " status.alerts = [{id: 'x', name, state: 'firing', severity: 'warning', value: 1, raise: 1, clear: 1,"
        " since: status.time, summary: name, evidence: {owners: [{unit: name, count: 1}]}, capture: name}];"
        " view.pending.status = status; view.draw(); })()"
    )
    for place in ("#host", "#owners-table", "#services-table", "#findings-list", "#alerts-list", "#firing"):
        text = browser.text(place)
        assert "<img src=x onerror=alert(1)>" in text and "\\u{1b}[2J" in text and "\\u{202e}gpj.exe" in text, text
        assert browser.evaluate(f"document.querySelector('{place}').querySelectorAll('img').length") == 0
    # Even a script that found its way in does not run.
    browser.evaluate(
        "(() => { const script = document.createElement('script'); const text = document.createTextNode('slipped = 1');"
        " try { script.append(text); document.body.append(script); } catch {} })()"
    )
    assert browser.evaluate("typeof slipped") == "undefined"


# What axe and its like look at.

_NAMELESS = """[...document.querySelectorAll('button, a[href], input, select, table, section, svg[role=img], [role=region]')]
  .filter((node) => node.checkVisibility() && !(node.getAttribute('aria-label') || node.labels?.length
    || document.getElementById(node.getAttribute('aria-labelledby') ?? '')?.innerText
    || node.querySelector?.('caption')?.innerText || (/^(BUTTON|A)$/.test(node.tagName) && node.innerText.trim())))
  .map((node) => node.outerHTML.slice(0, 120))"""

_HEADINGS = "[...document.querySelectorAll('h1, h2, h3')].filter((h) => h.checkVisibility()).map((h) => Number(h.tagName[1]))"

_FAINT = """(() => {
  const channels = (color) => {
    const parts = color.match(/[\\d.]+/g).map(Number);
    const scale = color.startsWith('color(') ? 255 : 1;
    return [...parts.slice(0, 3).map((part) => part * scale), parts[3] ?? 1];
  };
  const light = (color) => color.slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((total, part, index) => total + part * [0.2126, 0.7152, 0.0722][index], 0);
  const over = (top, ground) => top.slice(0, 3).map((part, index) => part * top[3] + ground[index] * (1 - top[3])).concat(1);
  const ground = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(channels(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1]);
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility() || /SCRIPT|STYLE|OPTION|NOSCRIPT/.test(node.tagName)) continue;
    const style = getComputedStyle(node);
    const color = node.namespaceURI.endsWith('svg') ? style.fill : style.color;
    const bar = node.parentElement?.classList.contains('bar') ? getComputedStyle(node.parentElement, '::before').backgroundColor : null;
    for (const under of [ground(node), ...(bar && bar !== 'rgba(0, 0, 0, 0)' ? [channels(bar)] : [])]) {
      const [high, low] = [light(over(channels(color), under)), light(under)].sort((a, b) => b - a);
      const ratio = (high + 0.05) / (low + 0.05);
      if (ratio < 4.5) faint.push(`${ratio.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)} ${color}`);
    }
  }
  return [...new Set(faint)];
})()"""

_TWICE = """(() => { const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
  return ids.filter((id, index) => ids.indexOf(id) !== index); })()"""


@scenario()
def the_page_can_be_read_in_every_light_and_width_and_without_a_mouse(world: World) -> None:
    _busy_server(world)
    browser = _browse(world)
    browser.until("document.querySelectorAll('#alerts-list article.firing').length === 1", within=20)
    browser.until(f"document.querySelectorAll('{_ROWS}').length > 5")
    assert browser.evaluate(_TWICE) == []
    for scheme in ("light", "dark"):
        browser.prefer(scheme)
        eventually(lambda: _assert_none(browser.evaluate(_FAINT)))
    for width in (320, 768, 1280):
        browser.resize(width, 800)
        browser.until(f"document.documentElement.scrollWidth <= {width}")
    assert browser.evaluate(_NAMELESS) == []
    levels = browser.evaluate(_HEADINGS)
    assert levels[0] == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:])), levels
    # The first tab stop skips to the figures.
    browser.press("Tab", code=9)
    assert browser.evaluate("document.activeElement.className") == "skip"
    browser.evaluate("document.getElementById('connections').querySelector('summary, td button').focus()")
    browser.press("Enter", "\r", 13)
    browser.until("document.getElementById('detail').open")
    assert browser.evaluate(_NAMELESS) == []
    for scheme in ("light", "dark"):
        browser.prefer(scheme)
        eventually(lambda: _assert_none(browser.evaluate(_FAINT)))


def _assert_none(found: list[str]) -> None:
    assert not found, found
