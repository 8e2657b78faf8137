"""A real Prometheus scrapes a running demo; every expression of deploy/ is answered by it.

Started by scripts/prometheus-test. Listens on 127.0.0.1 only, ends what it started, and fails with what did not hold."""
import contextlib, json, pathlib, re, socket, subprocess, sys, tempfile, time, urllib.error, urllib.parse, urllib.request

ROOT = pathlib.Path(__file__).parents[2]
PATIENCE = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(url, headers=()):
    with urllib.request.urlopen(urllib.request.Request(url, headers=dict(headers)), timeout=20) as answer:
        return answer.headers["content-type"], answer.read().decode()


def until(what, holds):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if found := holds():
                return found
        time.sleep(0.2)
    sys.exit(f"waited in vain for {what}")


@contextlib.contextmanager
def running(command, log):
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def operators_key(log):
    log.seek(0)
    return re.search(r"^ *admin key *(\S+)", log.read(), re.M)[1]


def linted(url, key, form):
    """Prometheus's own linter has nothing to say against the page."""
    kind, page = get(url, {"Accept": form, "Authorization": f"Bearer {key}"})
    assert kind.startswith(form), kind
    if form == "text/plain":
        told = subprocess.run(["promtool", "check", "metrics"], input=page, text=True, capture_output=True)
        assert told.returncode == 0, told.stdout + told.stderr
    else:
        assert page.endswith("# EOF\n"), page[-200:]
    print(f"ok     {form}: {len(page.splitlines())} lines")


def expressions():
    """Where each expression stands, and what it asks."""
    dashboard = json.loads((ROOT / "deploy/grafana/dashboards/spacewatch.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield f"dashboard: {panel['title']}", target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        yield "rules: annotation", annotation["expr"]


def asked(prometheus, expression):
    expression = expression.replace("$__rate_interval", "1m").replace("$instance", ".*")
    query = urllib.parse.urlencode({"query": expression})
    return json.loads(get(f"{prometheus}/api/v1/query?{query}")[1])


def check(server, prometheus):
    until("the first scrape", lambda: asked(prometheus, 'spacewatch_build_info')["data"]["result"])
    for path in ("/tools/buckets", "/tools/storage-summary?bucket=x-y", "/nothing"):
        with contextlib.suppress(urllib.error.HTTPError):
            get(server + path)
    access = json.loads(get(server + "/demo/access")[1])
    tenant = access["tenants"][0]
    headers = {"X-Spaces-Key": tenant["access_key_id"], "X-Spaces-Secret": tenant["secret_access_key"]}
    for _ in range(5):
        get(server + "/tools/buckets", headers)
        time.sleep(1)
    rate = 'sum(rate(spacewatch_operations_total{layer="s3"}[1m])) > 0'
    until("rates", lambda: asked(prometheus, rate)["data"]["result"])
    names = set(json.loads(get(f"{prometheus}/api/v1/label/__name__/values")[1])["data"])
    for place, expression in expressions():
        answer = asked(prometheus, expression)
        assert answer["status"] == "success", (place, answer)
        unknown = {name for name in re.findall(r"\b(?:spacewatch|process)_\w+", expression) if name not in names}
        assert not unknown, f"{place}: no such metric: {unknown}"
        empty = not answer["data"]["result"]
        print(f"{'empty ' if empty else 'ok    '} {place}")
    rules = json.loads(get(f"{prometheus}/api/v1/rules")[1])["data"]["groups"]
    for rule in (rule for group in rules for rule in group["rules"]):
        assert rule["health"] == "ok", rule
        unknown = {name for name in re.findall(r"\bspacewatch_\w+", rule["query"]) if name not in names}
        assert not unknown, f"{rule['name']}: no such metric: {unknown}"
    print(f"ok     {sum(len(group['rules']) for group in rules)} rules")


def main():
    port, own = free_port(), free_port()
    server, prometheus = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{own}"
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        config = (ROOT / "deploy/prometheus/prometheus.yml").read_text().replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        config = config.replace("15s", "1s").replace("# authorization", "authorization").replace("#   credentials_file: /etc/prometheus/spacewatch.key", f"  credentials_file: {directory / 'key'}")
        (directory / "prometheus.yml").write_text(config)
        (directory / "rules.yml").write_text((ROOT / "deploy/prometheus/rules.yml").read_text())
        with open(directory / "log", "w+") as log, running([ROOT / "target/debug/spacewatch", "demo", "--port", str(port)], log):
            until("the demo", lambda: get(server + "/livez"))
            key = operators_key(log)
            (directory / "key").write_text(key)
            for form in ("text/plain", "application/openmetrics-text"):
                linted(server + "/metrics", key, form)
            command = ["prometheus", f"--config.file={directory / 'prometheus.yml'}", f"--storage.tsdb.path={directory / 'data'}", f"--web.listen-address=127.0.0.1:{own}"]
            with running(command, log):
                check(server, prometheus)


if __name__ == "__main__":
    main()
