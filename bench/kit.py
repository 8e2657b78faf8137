"""What every benchmark here stands on: servers that end with it, whole processes measured, contestants in turn."""
import contextlib, os, pathlib, platform, re, signal, socket, statistics, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "target/release/spacewatch"
LINES = []


def say(text=""):
    print(text, flush=True)
    LINES.append(text)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def clean_environment(**more):
    """Nothing of the caller's configuration may reach the programs that are compared."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, **more}


@contextlib.contextmanager
def running(command, **more):
    with tempfile.TemporaryDirectory() as folder:
        log = open(pathlib.Path(folder) / "log", "w+")
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder, env=clean_environment(**more))
        try:
            yield process, log
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for_port(port, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.005)
    sys.exit(f"nothing listens on port {port}")


def measure(command, env):
    """Wall seconds, processor seconds and peak memory of one run of a whole process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, cwd="/")
    output = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{output[-2000:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


def compare(contestants, runs):
    """Runs them in turn, A B C A B C …, so that a machine that drifts drifts for all of them."""
    found = {name: [] for name in contestants}
    for run in range(runs + 1):
        for name, (command, env) in contestants.items():
            result = measure(command, env)
            if run > 0:  # the first round warms up
                found[name].append(result)
    say(f"    {'':<24} {'wall s (min median max)':>26} {'cpu s':>8} {'peak MiB':>9}")
    medians = {}
    for name, results in found.items():
        walls = [wall for wall, *_ in results]
        medians[name] = statistics.median(walls)
        cpu = statistics.median(cpu for _, cpu, *_ in results)
        peak = max(memory for _, _, memory, _ in results)
        say(f"    {name:<24} {min(walls):8.3f} {medians[name]:8.3f} {max(walls):8.3f} {cpu:8.2f} {peak:9.0f}")
    return medians


def resident(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def machine():
    return f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release().split('-')[0]}"


def build():
    subprocess.run(["cargo", "build", "--release", "-p", "spacewatch"], cwd=ROOT, check=True)


def keep(name):
    """Writes what was said to `bench/results/NAME`."""
    (ROOT / "bench/results" / name).write_text("\n".join(LINES).rstrip() + "\n")
