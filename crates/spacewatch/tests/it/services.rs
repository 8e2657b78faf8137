//! `serve` and `demo`: they start, answer and end in order.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use expect_test::expect;

use crate::sandbox::Sandbox;

/// A service that is ended when the test is.
struct Service {
    child: Child,
    address: SocketAddr,
    stderr: mpsc::Receiver<String>,
    stdout: mpsc::Receiver<String>,
}

/// Reads lines beside the test, so that the service never waits for it.
fn lines(from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

impl Service {
    /// Starts a service and waits until it says where it listens.
    fn start(sandbox: &Sandbox, args: &[&str]) -> Self {
        let mut command = sandbox.command(args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = lines(child.stderr.take().unwrap());
        let stdout = lines(child.stdout.take().unwrap());
        let said = if args[0] == "serve" { &stderr } else { &stdout };
        let address = said
            .iter()
            .find_map(|line| address_in(&line))
            .expect("it ended before it listened");
        Self {
            child,
            address,
            stderr,
            stdout,
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let host = self.address;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for the end; gives the exit code and what was said since the start.
    fn end(mut self) -> (Option<i32>, String, String) {
        let code = self.child.wait().unwrap().code();
        let join = |lines: &mpsc::Receiver<String>| lines.iter().map(|line| line + "\n").collect();
        (code, join(&self.stdout), join(&self.stderr))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let behind = line.split_once("http://")?.1;
    let end = behind
        .find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':')
        .unwrap_or(behind.len());
    behind.get(..end)?.parse().ok()
}

#[test]
fn serve_answers_and_ends_in_order() {
    let sandbox = Sandbox::new().with_file(".env", "MAX_LOG_FILES_SCAN=5\n");
    let service = Service::start(&sandbox, &["serve", "--port", "0"]);
    assert!(
        service.get("/livez").starts_with("HTTP/1.1 200"),
        "{}",
        service.get("/livez")
    );
    let health = service.get("/health");
    assert!(
        health.contains("\"spaces_region\":\"sgp1\"") && health.contains("\"max_steps\":8"),
        "{health}"
    );
    service.signal("-TERM");
    let (code, _, stderr) = service.end();
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("[INFO] stopping"), "{stderr}");
    assert!(stderr.contains("[INFO] stopped"), "{stderr}");
}

#[test]
fn serve_logs_as_json() {
    let sandbox = Sandbox::new()
        .with_variable("LOG_FORMAT", "json")
        .with_file(".env", "MAX_LOG_FILES_SCAN=5\n");
    let service = Service::start(&sandbox, &["serve", "--port", "0", "-v"]);
    service.signal("-INT");
    let (code, _, stderr) = service.end();
    assert_eq!(code, Some(0), "{stderr}");
    for line in stderr.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(
            line["message"].is_string() && line["timestamp"].is_string() && line["level"].is_string(),
            "{line}"
        );
    }
}

#[test]
fn a_taken_port_is_an_error_with_a_hint() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let sandbox = Sandbox::new().hiding(&port, "PORT");
    sandbox.check(
        &["serve", "--port", &port, "--log-level", "off"],
        expect![[r#"
        --- stderr
        error: can't listen on `127.0.0.1:PORT`
          because Address already in use (os error 98)
        hint: another program listens there; choose another `PORT`
        --- exit 1
    "#]],
    );
    sandbox.check(
        &["demo", "--port", &port],
        expect![[r#"
        --- stderr
        error: can't listen on `127.0.0.1:PORT`
          because Address already in use (os error 98)
        hint: another program listens there; choose another `PORT`
        --- exit 1
    "#]],
    );
    sandbox.check(
        &["demo", "--store-only", "--port", &port],
        expect![[r#"
        --- stderr
        error: can't listen on `127.0.0.1:PORT`
          because Address already in use (os error 98)
        hint: choose another `--port`, or `--port 0` for any free one
        --- exit 1
    "#]],
    );
}

#[test]
fn the_demo_starts_answers_and_ends() {
    let service = Service::start(&Sandbox::new(), &["demo", "--port", "0"]);
    assert!(service.get("/livez").starts_with("HTTP/1.1 200"));
    assert!(service.get("/health").contains("\"ok\":true"));
    service.signal("-INT");
    let (code, stdout, stderr) = service.end();
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.contains("Three things to try") && stdout.contains("nothing is left behind"),
        "{stdout}"
    );
}

#[test]
fn the_store_alone_answers_and_ends() {
    let service = Service::start(
        &Sandbox::new(),
        &[
            "demo",
            "--store-only",
            "--port",
            "0",
            "--synthetic",
            "flat:1000000",
        ],
    );
    assert!(service.get("/").contains("AccessDenied"));
    service.signal("-TERM");
    let (code, stdout, stderr) = service.end();
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("synthetic"), "{stdout}");
}

#[test]
fn the_store_serves_files() {
    let sandbox = Sandbox::new();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("2026-01-31-12-34-56-0123456789ABCDEF"),
        "a line\n",
    )
    .unwrap();
    let path = directory.path().to_str().unwrap();
    let service = Service::start(
        &sandbox,
        &["demo", "--store-only", "--port", "0", "--logs-from", path],
    );
    service.signal("-TERM");
    let (code, stdout, stderr) = service.end();
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("files-from-disk"), "{stdout}");
}

#[test]
fn the_demo_keeps_the_operators_own_key_to_itself() {
    let sandbox = Sandbox::new().with_variable("APP_API_KEY", "the-operators-own-key");
    let service = Service::start(&sandbox, &["demo", "--port", "0", "--no-visitor"]);
    service.signal("-INT");
    let (code, stdout, stderr) = service.end();
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.contains("from APP_API_KEY") && !stdout.contains("the-operators-own-key"),
        "{stdout}"
    );
}

#[test]
fn no_secret_is_logged_however_much_is_asked_for() {
    let sandbox = Sandbox::new()
        .with_variable("LOG_LEVEL", "trace")
        .with_variable("APP_API_KEY", "the-operators-own-key");
    let store = Service::start(&sandbox, &["demo", "--store-only", "--port", "0"]);
    let endpoint = format!("http://{}", store.address);
    let service = Service::start(
        &sandbox,
        &["serve", "--port", "0", "--endpoint", &endpoint, "-vv"],
    );
    for path in ["/tools/buckets", "/tools/list-all?bucket=backups", "/stats"] {
        let mut stream = TcpStream::connect(service.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Spaces-Key: SOMEBODY\r\n\
             X-Spaces-Secret: the-tenants-secret\r\nX-API-Key: the-tenants-guess\r\n\r\n"
        )
        .unwrap();
        stream.read_to_string(&mut String::new()).unwrap();
    }
    service.signal("-TERM");
    let (_, stdout, stderr) = service.end();
    assert!(stderr.contains("STORAGE_OP"), "{stderr}");
    for secret in [
        "the-tenants-secret",
        "the-tenants-guess",
        "the-operators-own-key",
        "AWS4-HMAC",
    ] {
        assert!(
            !stderr.contains(secret) && !stdout.contains(secret),
            "{secret}: {stderr}"
        );
    }
}
