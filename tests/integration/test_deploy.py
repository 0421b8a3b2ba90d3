"""What stands in deploy/ fits this server: metrics exist, settings are known, files are there, and the real programs accept their configuration
(where they are installed; images are not pulled)."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import aiohttp
import kubernetes_validate
import yaml
import yarl

from server.config import Settings
from tests.haproxy import HaProxy
from tests.harness import free_port
from tests.nodes import nodes

DEPLOY = Path(__file__).parents[2] / "deploy"
METRIC = re.compile(r"\b(?:atelier|process)_[a-z_0-9]+\b")


def expressions() -> dict[str, str]:
    """Where → the PromQL there."""
    found: dict[str, str] = {}
    for panel in json.loads((DEPLOY / "grafana" / "atelier.json").read_text())["panels"]:
        for target in panel["targets"]:
            found[f"dashboard: {panel['title']} {target['refId']}"] = target["expr"]
    for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            found[f"alert: {rule['alert']}"] = rule["expr"]
    return found


async def test_the_dashboard_and_the_alerts_use_metrics_that_a_node_has(tmp_path: Path) -> None:
    async with nodes(tmp_path, "n1") as cluster, aiohttp.ClientSession() as http:
        node = cluster.all["n1"]
        await node.create_workshop(workshop_id="w")
        await cluster.roamer(node, "w", "learner", "ann")
        async with http.get(f"{node.base_url}/metrics") as answer:
            text = await answer.text()
    families = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    names = families | {f"{each}{end}" for each in families for end in ("_bucket", "_sum", "_count")}
    for where, expression in expressions().items():
        for used in METRIC.findall(expression):
            assert used in names, f"{where} uses {used}, which no node has"
    shown = {used for expression in expressions().values() for used in METRIC.findall(expression)}
    assert len(shown) > 30
    assert 'atelier_participants{role="learner"} 1.0' in text
    assert 'atelier_build_info{version="' in text
    for line in text.splitlines():
        if not line.startswith("#"):  # no label tells of a workshop or a person
            assert not re.search(r'"(w|ann)"', line), line


def documents() -> list[Path]:
    return sorted([*DEPLOY.rglob("*.yaml"), *DEPLOY.rglob("*.yml")])


def settings_in(environment: dict[str, Any]) -> None:
    """Each ATELIER_… variable names a setting."""
    for name in environment:
        if not name.startswith("ATELIER_"):
            continue
        first, *rest = name.removeprefix("ATELIER_").lower().split("__")
        field = Settings.model_fields[first]
        if rest:
            assert rest[0] in type(field.default).model_fields, name


def test_every_document_is_yaml_and_the_example_shows_every_setting() -> None:
    for path in documents():
        assert list(yaml.safe_load_all(path.read_text())), path
    text = (DEPLOY / "config.example.yaml").read_text()
    Settings.model_validate(yaml.safe_load(text))
    for name, field in Settings.model_fields.items():
        assert re.search(rf"^(# )?{name}:", text, re.MULTILINE), f"config.example.yaml lacks {name}"
        for inner in getattr(type(field.default), "model_fields", {}) if name in ("limits", "cluster", "redis") else ():
            assert re.search(rf"^  (# )?{inner}:", text, re.MULTILINE), f"config.example.yaml lacks {name}.{inner}"


def test_the_compose_file_names_files_and_settings_that_are_there() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        settings_in(service.get("environment", {}))
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("./") and not source.endswith("/certs"):
                assert (DEPLOY / source).exists(), f"{name}: {source}"
            elif not source.startswith("./"):
                assert source in compose["volumes"], f"{name}: {source}"
    for node in ("n1", "n2"):
        seconds = int(compose["services"][node]["stop_grace_period"].removesuffix("s"))
        assert seconds > Settings().cluster.drain_within_s


def test_the_dockerfile_copies_what_is_there_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (DEPLOY.parent / source).exists(), source
    stages = re.findall(r"^FROM \S+ AS (\w+)$", text, re.MULTILINE)
    assert set(re.findall(r"--from=(\w+)", text)) == set(stages)
    last = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER atelier$", last, re.MULTILINE)
    assert "npm" not in last
    assert "pip" not in last
    settings_in(dict.fromkeys(re.findall(r"\b(ATELIER_\w+)=", last)))


def test_the_kubernetes_manifests_fit_together() -> None:
    manifests = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "atelier.yaml").read_text()))
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in manifests}
    assert all({"apiVersion", "kind", "metadata"} <= set(each) for each in manifests)
    stateful = by_name["StatefulSet", "atelier"]["spec"]
    pod, (container,) = stateful["template"]["spec"], stateful["template"]["spec"]["containers"]
    config = yaml.safe_load(by_name["ConfigMap", "atelier"]["data"]["config.yaml"])
    settings_in({each["name"]: None for each in container["env"]})
    Settings.model_validate({**config, "token_secret": "s" * 32, "api_key": "k" * 32})
    assert pod["terminationGracePeriodSeconds"] > config["cluster"]["drain_within_s"]
    assert "lifecycle" not in container  # what comes before SIGTERM takes its time from the drain's
    paths = by_name["Ingress", "atelier"]["spec"]["rules"][0]["http"]["paths"]
    for each in paths:
        assert ("Service", each["backend"]["service"]["name"]) in by_name
    assert [each["path"] for each in paths][: stateful["replicas"]] == [
        f"/n/atelier-{n}/" for n in range(stateful["replicas"])
    ]
    hidden = next(each["backend"]["service"]["name"] for each in paths if each["path"] == "/metrics")
    assert by_name["Service", hidden]["spec"]["selector"] != stateful["template"]["metadata"]["labels"]
    mounted = {each["name"] for each in container["volumeMounts"]}
    claims = {each["metadata"]["name"] for each in stateful["volumeClaimTemplates"]}
    assert mounted == claims | {each["name"] for each in pod["volumes"]}


def test_kubernetes_knows_the_manifests() -> None:
    """Against the schemas of Kubernetes' API, which come with the package; a field that it does not know is refused."""
    for manifest in yaml.safe_load_all((DEPLOY / "kubernetes" / "atelier.yaml").read_text()):
        for release in ("1.34", "1.37"):
            kubernetes_validate.validate(manifest, release, strict=True)


def checked(program: str, *arguments: str) -> str:
    """What the program says of its configuration."""
    path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    assert path is not None, f"{program} is missing; `make system-packages` installs it"
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_haproxy_accepts_its_configuration(tmp_path: Path) -> None:
    text = (DEPLOY / "haproxy" / "haproxy.cfg").read_text()
    certs = tmp_path / "certs"
    certs.mkdir()
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"),
            *("-keyout", "key", "-out", "crt"),
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    (certs / "site.pem").write_text((tmp_path / "crt").read_text() + (tmp_path / "key").read_text())
    config = tmp_path / "haproxy.cfg"
    config.write_text(text.replace("/etc/haproxy/certs/", f"{certs}/"))
    checked("haproxy", "-c", "-f", str(config))


async def test_haproxy_hides_the_metrics_however_they_are_asked_for(tmp_path: Path) -> None:
    """Nodes there are none here: what is passed on gets 503, what is denied 404."""
    text = (DEPLOY / "haproxy" / "haproxy.cfg").read_text()
    port, dead = free_port(), free_port()
    text = re.sub(r"^    bind :443.*\n|^    http-request redirect.*\n", "", text, flags=re.MULTILINE)
    text = text.replace("maxconn 50000", "maxconn 50").replace("bind :80", f"bind 127.0.0.1:{port}")
    text = re.sub(r" n(\d):8080", f" 127.0.0.1:{dead}", text)
    (tmp_path / "haproxy.cfg").write_text(text)
    program = HaProxy.program()
    assert program is not None
    process = await asyncio.create_subprocess_exec(
        program, "-f", str(tmp_path / "haproxy.cfg"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with aiohttp.ClientSession() as http:

            async def status(path: str) -> int:
                async with http.get(yarl.URL(f"http://127.0.0.1:{port}{path}", encoded=True)) as answer:
                    return answer.status

            async with asyncio.timeout(60):
                while True:
                    try:
                        assert await status("/") == 503
                        break
                    except aiohttp.ClientConnectionError:
                        await asyncio.sleep(0.05)
            for path in (
                "/metrics",
                "/%6detrics",
                "/metric%73",
                "//metrics",
                "/x/../metrics",
                "/n/n1/metrics",
                "/metrics?a",
            ):
                assert await status(path) == 404, path
            assert await status("/api/workshops/metrics-of-motion") == 503
    finally:
        process.kill()
        await process.wait()


def test_promtool_accepts_the_rules() -> None:
    checked("promtool", "check", "rules", str(DEPLOY / "prometheus" / "alerts.yml"))
    checked("promtool", "check", "config", str(DEPLOY / "prometheus" / "prometheus.yml"))


def test_coturn_knows_every_option_and_denies_private_networks() -> None:
    path = shutil.which("turnserver")
    assert path is not None, "turnserver is missing; `make system-packages` installs it"
    done = subprocess.run([path, "--help"], capture_output=True, text=True, check=False, timeout=30)
    known = set(re.findall(r"--([a-z][a-z0-9_-]+)", done.stdout + done.stderr))
    lines = (DEPLOY / "coturn" / "turnserver.conf").read_text().splitlines()
    options = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert options - known == set()
    assert sum(line.startswith("denied-peer-ip=") for line in lines) >= 10


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / "atelier.service").read_text()
    unit = tmp_path / "atelier.service"
    unit.write_text(text.replace("/opt/atelier/bin/atelier", shutil.which("true") or "/bin/true"))
    checked("systemd-analyze", "verify", str(unit))
