"""What is written for people who look things up: manual pages and completions."""

import json
import re
import shutil
import subprocess
from typing import Any

from harness.suite import Skip, scenario
from harness.world import REPOSITORY, World

_MANUALS = REPOSITORY / "docs" / "man"


def _commands(world: World) -> dict[str, set[str]]:
    """Each command with its long options, as the program knows them."""
    told = subprocess.run([world.binary, "--experimental-dump-help"], capture_output=True, check=True).stdout
    root = json.loads(told)["command"]
    return {command["commandName"]: _options(command) for command in root["subcommands"]}


def _options(command: dict[str, Any]) -> set[str]:
    names = [name for argument in command.get("arguments", []) for name in argument.get("names", [])]
    return {name["name"] for name in names if name["kind"] == "long"} - {"help", "version"}


@scenario()
def the_manual_names_every_command_option_and_key(world: World) -> None:
    manual = (_MANUALS / "tcpstated.1").read_text()
    for command, options in _commands(world).items():
        assert command == "help" or re.search(rf"^\.Cm .*\b{command}\b", manual, re.M), f"no {command} in tcpstated(1)"
        for option in options:
            assert re.search(rf"^\.It Fl -{option}\b", manual, re.M), f"no --{option} ({command}) in tcpstated(1)"
    keys = (_MANUALS / "tcpstated.yaml.5").read_text()
    section = ""
    for line in (REPOSITORY / "config" / "tcpstated.yaml").read_text().splitlines():
        match = re.match(r"(  )?(?:- )?([a-z_]+):(?: |$)", line)
        if not match or line.startswith("    "):
            continue
        if not match[1]:
            section = match[2]
        name = f"{section}.{match[2]}" if match[1] and section != "alerts" else match[2]
        assert re.search(rf"^\.It Cm {re.escape(name)}\b", keys, re.M) or re.search(
            rf"^\.It Cm {name}\.", keys, re.M
        ), f"no {name} in tcpstated.yaml(5)"


@scenario()
def the_synopsis_has_every_command_with_its_options(world: World) -> None:
    synopsis = (_MANUALS / "tcpstated.1").read_text().partition(".Sh SYNOPSIS\n")[2].partition(".Sh ")[0]
    uses = synopsis.split(".Nm\n")[1:]
    for command, options in _commands(world).items():
        of_command = [use for use in uses if re.match(rf"\.Cm .*\b{command}\b", use)]
        assert command == "help" or of_command, f"no {command} in the synopsis"
        told = {option for use in of_command for option in re.findall(r"Fl -([a-z-]+)", use)}
        assert options <= told, f"{command}: no {options - told} in the synopsis"
    # What is nested needs what is before it.
    nested = [line for line in synopsis.splitlines() if line.count("Op ") > 2]
    assert not nested, nested


@scenario()
def the_manual_has_no_mistake_of_form(world: World) -> None:
    if shutil.which("mandoc") is None:
        raise Skip("mandoc is not here (Debian has it in the package mandoc)")
    for page in sorted(_MANUALS.iterdir()):
        result = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True)
        assert result.returncode == 0 and not result.stdout, result.stdout


@scenario()
def each_shell_can_read_its_completions(world: World) -> None:
    shells = [shell for shell in ("bash", "zsh", "fish") if shutil.which(shell)]
    if not shells:
        raise Skip("no shell here that completes")
    for shell in shells:
        command = [world.binary, "--generate-completion-script", shell]
        script = world.write(f"tcpstated.{shell}", subprocess.run(command, capture_output=True, check=True).stdout)
        result = subprocess.run([shell, "-n", script], capture_output=True, text=True)
        assert result.returncode == 0, f"{shell}: {result.stderr}"
        assert "connections" in script.read_text(), shell
