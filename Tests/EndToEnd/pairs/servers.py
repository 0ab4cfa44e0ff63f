"""Servers in the server's namespace. They stop with the world."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.kernel import Endpoint
from harness.load import serve_http
from harness.namespaces import stop
from harness.suite import Skip
from harness.waiting import eventually
from harness.world import World

_NODE_SERVER = Path(__file__).resolve().parents[1] / "node" / "server.js"
_APACHE_MODULES = Path("/usr/lib/apache2/modules")
_TOMCAT = Path("/usr/share/tomcat10")
#: The Java machine takes its time on a loaded one.
_START_WITHIN = 40


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Skip(f"{name} is not here (make integration installs it)")
    return found


def start(
    world: World, command: Sequence[str | Path], *servers: Endpoint, gentle: signal.Signals = signal.SIGTERM
) -> subprocess.Popen[bytes]:
    """Returns when it listens."""
    process = subprocess.Popen(
        world.server.command(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    world.cleanup.callback(stop, process, gentle)
    assert process.stderr is not None
    world.cleanup.callback(process.stderr.close)

    def assert_listening(server: Endpoint) -> None:
        if process.poll() is not None:
            assert process.stderr is not None
            raise RuntimeError(f"{command[0]} ended: {process.stderr.read().decode()[-500:]}")
        listening = world.server.run("ss", "-Hltn", f"sport = :{server.port}").stdout
        assert listening.strip(), f"{command[0]} does not listen on {server}"

    for server in servers:
        eventually(lambda server=server: assert_listening(server), within=_START_WITHIN)
    return process


def endpoint(world: World, port: int = 8080) -> Endpoint:
    return Endpoint(world.address("server"), port)


def go(world: World, *options: str) -> Endpoint:
    return serve_http(world, *options)


_NGINX = """
daemon off; pid {scratch}/nginx.pid; error_log {scratch}/error.log; user root; worker_processes 1;
events {{ }}
http {{
  access_log {scratch}/access.log; client_body_temp_path {scratch}/b; proxy_temp_path {scratch}/p;
  fastcgi_temp_path {scratch}/f; uwsgi_temp_path {scratch}/u; scgi_temp_path {scratch}/s;
  server {{
    listen {server}{tls}; keepalive_requests 100; keepalive_timeout {keepalive_timeout}; client_max_body_size 1k;
    ssl_certificate {scratch}/certificate.pem; ssl_certificate_key {scratch}/key.pem;
    location / {{ return 200 "hello\\n"; }}
    location /drop {{ return 444; }}
    location /large {{ root {scratch}; }}
    location /upload {{ root {scratch}; }}
  }}
}}
"""


def nginx(world: World, tls: str = "", keepalive_timeout: str = "2s") -> Endpoint:
    """With keepalive_requests 100. /large has 4 MB, /drop answers nothing (444)."""
    server = endpoint(world)
    binary = program("nginx")
    make_certificate(world)
    world.write("large", bytes(4 << 20))
    text = _NGINX.format(scratch=world.scratch, server=server, tls=tls, keepalive_timeout=keepalive_timeout)
    start(world, [binary, "-c", world.write("nginx.conf", text), "-e", world.scratch / "error.log"], server)
    return server


def make_certificate(world: World) -> None:
    command = [program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(world.scratch / "key.pem"), "-out", str(world.scratch / "certificate.pem")]
    subprocess.run([*command, *files, "-days", "2", "-subj", "/CN=server"], check=True, capture_output=True)


def reload_nginx(world: World) -> None:
    os.kill(int((world.scratch / "nginx.pid").read_text()), signal.SIGHUP)


_APACHE = """
ServerRoot {scratch}
ServerName server
Listen {server}
PidFile {scratch}/apache.pid
ErrorLog {scratch}/error.log
Mutex file:{scratch}
{user}
{modules}
DocumentRoot {scratch}/site
<Directory {scratch}/site>
  Require all granted
</Directory>
KeepAlive On
KeepAliveTimeout 5
MaxKeepAliveRequests 100
"""


def apache(world: World) -> Endpoint:
    """With KeepAliveTimeout 5 and MaxKeepAliveRequests 100."""
    server = endpoint(world)
    binary = program("apache2")
    _publish(world)
    modules = ("mpm_event", "authz_core", "dir", "mime")
    text = _APACHE.format(
        scratch=world.scratch,
        server=server,
        user="User nobody\nGroup nogroup" if os.geteuid() == 0 else "",
        modules="\n".join(f"LoadModule {name}_module {_APACHE_MODULES}/mod_{name}.so" for name in modules)
        + "\nTypesConfig /etc/mime.types",
    )
    start(world, [binary, "-DFOREGROUND", "-f", world.write("apache.conf", text)], server)
    return server


def _publish(world: World) -> None:
    """A site of one page that servers may read which give up their rights."""
    site = world.scratch / "site"
    site.mkdir()
    (site / "index.html").write_text("hello\n")
    world.scratch.chmod(0o755)


def node(world: World) -> Endpoint:
    server = endpoint(world)
    start(world, [program("node"), _NODE_SERVER, server.address, str(server.port)], server)
    return server


_TOMCAT_SERVER = """<Server port="-1"><Service name="Catalina">
<Connector address="{server.address}" port="{server.port}" protocol="HTTP/1.1" connectionTimeout="20000"/>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps" autoDeploy="false">
<Context path="" docBase="ROOT"/></Host></Engine>
</Service></Server>
"""
_TOMCAT_APPLICATION = """<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0">
<servlet><servlet-name>default</servlet-name>
<servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class></servlet>
<servlet-mapping><servlet-name>default</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
</web-app>
"""


def tomcat(world: World) -> Endpoint:
    """As Debian ships it: connectionTimeout 20 s, 100 requests for a connection."""
    server = endpoint(world)
    java = program("java")
    if not _TOMCAT.exists():
        raise Skip("tomcat10 is not here (make integration installs it)")
    base = world.scratch / "tomcat"
    for name in ("conf", "logs", "temp", "work", "webapps/ROOT/WEB-INF"):
        (base / name).mkdir(parents=True)
    (base / "conf/server.xml").write_text(_TOMCAT_SERVER.format(server=server))
    (base / "webapps/ROOT/WEB-INF/web.xml").write_text(_TOMCAT_APPLICATION)
    (base / "webapps/ROOT/index.html").write_text("hello\n")
    libraries = f"{_TOMCAT}/bin/bootstrap.jar:{_TOMCAT}/bin/tomcat-juli.jar"
    options = [f"-Dcatalina.home={_TOMCAT}", f"-Dcatalina.base={base}", f"-Djava.io.tmpdir={base}/temp"]
    command = [java, "-Xmx128m", *options, "-cp", libraries, "org.apache.catalina.startup.Bootstrap", "start"]
    start(world, command, server)
    return server


_HAPROXY = """
global
  maxconn 500
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
{defaults}
frontend front
  bind {front}
  default_backend back
backend back
{backend}
  server only {back}{server}
"""


def haproxy(world: World, back: Endpoint, defaults: str = "", backend: str = "", server: str = "") -> Endpoint:
    """In front of another server, on a port of its own."""
    front = endpoint(world, 8081)
    text = _HAPROXY.format(front=front, back=back, defaults=defaults, backend=backend, server=server)
    start(world, [program("haproxy"), "-db", "-f", world.write("haproxy.cfg", text)], front)
    return front


#: By name, each with its limits.
SERVERS: dict[str, Callable[[World], Endpoint]] = {
    "Go": go,
    "nginx": nginx,
    "Apache": apache,
    "Node": node,
    "Tomcat": tomcat,
}
