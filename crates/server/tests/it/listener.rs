//! Real connections: slow, silent, endless and encrypted ones, and the end.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use expect_test::expect;
use spacewatch_demo::{Fault, Operation};
use spacewatch_server::{Config, TlsFiles, bind};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::kit::{Kit, kit_configured};

/// A server that listens.
struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
    kit: Kit,
}

async fn start(configure: impl Fn(&mut Config)) -> Running {
    let kit = kit_configured(&configure).await;
    let mut config = Config {
        port: 0,
        ..Config::default()
    };
    configure(&mut config);
    let listening = bind(&config).await.expect("a free port");
    let address = listening.address();
    let stop = CancellationToken::new();
    #[expect(clippy::disallowed_methods, reason = "the test itself waits for the task")]
    let serving = tokio::spawn(listening.serve(kit.router.clone(), stop.clone()));
    Running {
        address,
        stop,
        serving,
        kit,
    }
}

/// Says something on a connection of its own and returns everything that comes back.
async fn exchange(address: SocketAddr, said: impl Into<Vec<u8>>) -> String {
    let said = said.into();
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).expect("a connection");
        // The server may have heard enough before everything was said.
        let _ = stream.write_all(&said);
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
        String::from_utf8_lossy(&heard).into_owned()
    })
    .await
    .expect("an exchange")
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

#[tokio::test]
async fn a_hundred_megabytes_are_refused_early() {
    let running = start(|_| {}).await;
    let head = "POST /validate-credentials HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                Content-Length: 104857600\r\n\r\n";
    // The answer comes although nothing of the body did.
    let heard = {
        let address = running.address;
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream.write_all(head.as_bytes()).expect("written");
            let mut start = [0; 12];
            stream.read_exact(&mut start).expect("an answer");
            String::from_utf8_lossy(&start).into_owned()
        })
    };
    assert_eq!(heard.await.expect("an exchange"), "HTTP/1.1 413");
    // And a client that sends everything first gets to read it too.
    let mut everything = head.as_bytes().to_vec();
    everything.resize(head.len() + 104_857_600, b'x');
    let heard = exchange(running.address, everything).await;
    assert!(heard.starts_with("HTTP/1.1 413"), "{heard}");
    assert!(
        heard.contains("x-request-id: req-") && heard.contains("PayloadTooLarge"),
        "{heard}"
    );
    assert!(
        exchange(running.address, get("/livez"))
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn silent_connections_give_way() {
    let running = start(|config| {
        config.bounds.connections = 8;
        config.bounds.connections_per_client = 8;
    })
    .await;
    let silent: Vec<_> = (0..64)
        .map(|_| TcpStream::connect(running.address).expect("a connection"))
        .collect();
    let half: Vec<_> = (0..16)
        .map(|_| {
            let mut stream = TcpStream::connect(running.address).expect("a connection");
            let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nHos");
            stream
        })
        .collect();
    assert!(
        exchange(running.address, get("/livez"))
            .await
            .starts_with("HTTP/1.1 200")
    );
    drop((silent, half));
}

#[tokio::test]
async fn slow_heads_are_cut_off() {
    let running = start(|config| config.bounds.header_read_timeout = Duration::from_millis(50)).await;
    // These return only because the server ends the connection.
    exchange(running.address, "").await;
    exchange(running.address, "GET /livez HTTP/1.1\r\nHost: loc").await;
    exchange(
        running.address,
        "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /li",
    )
    .await;
    assert!(
        exchange(running.address, get("/livez"))
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn resting_connections_give_way_and_busy_ones_stay() {
    let running = start(|config| {
        config.bounds.connections = 8;
        config.bounds.connections_per_client = 8;
    })
    .await;
    let latency = Fault::latency(Duration::from_millis(200)).on(Operation::ListBuckets);
    running.kit.store.faults().add(latency);
    let request = "GET /tools/buckets HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                   X-Spaces-Key: KEYA\r\nX-Spaces-Secret: secret-a\r\n\r\n";
    let asked = exchange(running.address, request);
    let mut asked = std::pin::pin!(asked);
    while running.kit.store.requests().total() == 0 {
        assert!(futures::poll!(&mut asked).is_pending());
        tokio::task::yield_now().await;
    }
    let address = running.address;
    let resting = tokio::task::spawn_blocking(move || {
        // Each of them sends a request, hears the answer's beginning and stays.
        let stay = |_| {
            let mut stream = TcpStream::connect(address).expect("a connection");
            let request = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
            stream.write_all(request.as_bytes()).expect("written");
            let mut start = [0; 12];
            stream.read_exact(&mut start).expect("an answer");
            assert_eq!(&start, b"HTTP/1.1 200");
            stream
        };
        (0..32).map(stay).collect::<Vec<_>>()
    });
    let resting = resting.await.expect("all are answered");
    let heard = asked.await;
    assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
    drop(resting);
}

#[tokio::test]
async fn clients_that_take_no_answer_are_cut_off() {
    let running = start(|config| config.bounds.send_timeout = Duration::from_millis(50)).await;
    let address = running.address;
    let cut_off = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).expect("a connection");
        let request = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
        // More than fits into the system's buffers, and nothing of it is read: this returns only because the
        // server ends the connection.
        while stream.write_all(request.as_bytes()).is_ok() {}
    });
    cut_off.await.expect("the end");
}

/// One HTTP/2 frame.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a short one");
    let mut frame = vec![0, 0, length, kind, flags, 0, 0, 0, stream];
    frame.extend_from_slice(payload);
    frame
}

/// The beginning of an HTTP/2 connection whose client makes so much room for answers, and one request.
fn http2_get(path: &str, window: u8) -> Vec<u8> {
    let mut said = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    said.extend(frame(4, 0, 0, &[0, 4, 0, 0, 0, window]));
    // `:method: GET` and `:scheme: http` stand in the static table; the rest is spelled out.
    let mut head = vec![0x82, 0x86];
    for (name, value) in [(":path", path), (":authority", "localhost")] {
        head.push(0);
        for text in [name, value] {
            head.push(u8::try_from(text.len()).expect("a short one"));
            head.extend_from_slice(text.as_bytes());
        }
    }
    said.extend(frame(1, 5, 1, &head));
    said
}

#[tokio::test]
async fn http2_clients_that_make_no_room_are_cut_off() {
    let running = start(|config| config.bounds.send_timeout = Duration::from_millis(50)).await;
    let address = running.address;
    for window in [0, 1] {
        let cut_off = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).expect("a connection");
            let mut heard = stream.try_clone().expect("a clone");
            let listening = std::thread::spawn(move || std::io::copy(&mut heard, &mut std::io::sink()));
            stream
                .write_all(&http2_get("/openapi.json", window))
                .expect("written");
            // It pings and listens, so nothing but the untaken answer can end this.
            while stream.write_all(&frame(6, 0, 0, &[0; 8])).is_ok() {}
            let _ = listening.join();
        });
        cut_off.await.expect("the end");
    }
}

#[tokio::test]
async fn http2_answers_arrive_whole() {
    let running = start(|_| {}).await;
    let plain = exchange(running.address, get("/openapi.json")).await;
    let (_, plain) = plain.split_once("\r\n\r\n").expect("a body");
    let (address, length) = (running.address, plain.len());
    assert!(length > 16_384, "more than one piece");
    let body = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).expect("a connection");
        let mut said = http2_get("/openapi.json", 0);
        // Room for all of it, for the answer and for the connection.
        said.extend(frame(8, 0, 1, &[0x10, 0, 0, 0]));
        said.extend(frame(8, 0, 0, &[0x10, 0, 0, 0]));
        stream.write_all(&said).expect("written");
        let mut body = Vec::new();
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).expect("a frame");
            let mut payload = vec![0; usize::from(u16::from_be_bytes([head[1], head[2]]))];
            stream.read_exact(&mut payload).expect("its content");
            if head[3] == 0 {
                body.extend(payload);
                if head[4] & 1 == 1 {
                    break body;
                }
            }
        }
    });
    assert_eq!(String::from_utf8_lossy(&body.await.expect("a body")), plain);
}

#[tokio::test]
async fn nonsense_hurts_nobody() {
    let running = start(|_| {}).await;
    for nonsense in [
        &b"\x00\x01\x02\x03\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n",
        b"POST /validate-credentials HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ] {
        let heard = exchange(running.address, nonsense).await;
        assert!(
            !heard.contains(" 500 ") && !heard.contains(" 200 "),
            "{nonsense:?}: {heard}"
        );
    }
    assert!(
        exchange(running.address, get("/livez"))
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn even_what_is_no_request_gets_a_problem_document() {
    let running = start(|_| {}).await;
    let head = |filler: &str| format!("GET /livez HTTP/1.1\r\nHost: localhost\r\n{filler}\r\n");
    let many: String = (0..2000).map(|n| format!("x-{n}: 1\r\n")).collect();
    for (said, status) in [
        (
            "GET /livez HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n".to_owned(),
            "400",
        ),
        (head(&many), "431"),
        (head(&format!("x: {}\r\n", "y".repeat(1 << 20))), "431"),
        (
            format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "y".repeat(70_000)),
            "414",
        ),
    ] {
        let heard = exchange(running.address, said).await;
        assert!(
            heard.starts_with(&format!("HTTP/1.1 {status} ")),
            "{status}: {heard}"
        );
        for header in [
            "x-request-id: req-",
            "x-request-duration-ms: ",
            "x-operation-type: UNKNOWN",
            "nosniff",
        ] {
            assert!(heard.contains(header), "{status}: {header}: {heard}");
        }
        let (_, body) = heard.split_once("\r\n\r\n").expect("a body");
        let problem: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(problem["status"].to_string(), status);
    }
}

#[tokio::test]
async fn shutdown_finishes_what_runs() {
    let running = start(|_| {}).await;
    running
        .kit
        .store
        .faults()
        .add(Fault::latency(Duration::from_millis(200)).on(Operation::ListBuckets));
    let request = "GET /tools/buckets HTTP/1.1\r\nHost: localhost\r\nX-Spaces-Key: KEYA\r\n\
                   X-Spaces-Secret: secret-a\r\n\r\n";
    let idle = TcpStream::connect(running.address).expect("a connection");
    let asked = exchange(running.address, request);
    let mut asked = std::pin::pin!(asked);
    while running.kit.store.requests().total() == 0 {
        assert!(futures::poll!(&mut asked).is_pending());
        tokio::task::yield_now().await;
    }
    running.stop.cancel();
    let heard = asked.await;
    assert!(
        heard.starts_with("HTTP/1.1 200") && heard.contains("photos"),
        "{heard}"
    );
    running.serving.await.expect("the task").expect("an orderly end");
    assert!(
        TcpStream::connect(running.address).is_err(),
        "nobody listens any more"
    );
    drop(idle);
}

#[tokio::test]
async fn shutdown_is_bounded_in_time() {
    let running = start(|config| config.bounds.shutdown_grace = Duration::from_millis(50)).await;
    running
        .kit
        .store
        .faults()
        .add(Fault::new(spacewatch_demo::Effect::Hang));
    let request = "GET /tools/buckets HTTP/1.1\r\nHost: localhost\r\nX-Spaces-Key: KEYA\r\n\
                   X-Spaces-Secret: secret-a\r\n\r\n";
    let asked = exchange(running.address, request);
    let mut asked = std::pin::pin!(asked);
    while running.kit.store.requests().total() == 0 {
        assert!(futures::poll!(&mut asked).is_pending());
        tokio::task::yield_now().await;
    }
    running.stop.cancel();
    running.serving.await.expect("the task").expect("an orderly end");
    assert_eq!(asked.await, "");
}

struct Certificate {
    folder: tempfile::TempDir,
    files: TlsFiles,
    der: rustls::pki_types::CertificateDer<'static>,
}

fn certificate() -> Certificate {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let files = TlsFiles {
        cert: folder.path().join("cert.pem"),
        key: folder.path().join("key.pem"),
    };
    std::fs::write(&files.cert, made.cert.pem()).expect("written");
    std::fs::write(&files.key, made.signing_key.serialize_pem()).expect("written");
    Certificate {
        folder,
        files,
        der: made.cert.der().clone(),
    }
}

#[tokio::test]
async fn tls_is_built_in() {
    let certificate = certificate();
    let files = certificate.files.clone();
    let running = start(move |config| config.tls = Some(files.clone())).await;
    for (offered, chosen) in [(&b"h2"[..], &b"h2"[..]), (b"http/1.1", b"http/1.1")] {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate.der.clone()).expect("a root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        client.alpn_protocols = vec![offered.to_vec()];
        let address = running.address;
        let (protocol, heard) = tokio::task::spawn_blocking(move || {
            let name = "localhost".try_into().expect("a name");
            let connection = rustls::ClientConnection::new(Arc::new(client), name).expect("a client");
            let stream = TcpStream::connect(address).expect("a connection");
            let mut stream = rustls::StreamOwned::new(connection, stream);
            stream.flush().expect("a handshake");
            let protocol = stream.conn.alpn_protocol().map(<[u8]>::to_vec);
            let mut heard = Vec::new();
            if protocol.as_deref() == Some(b"http/1.1") {
                stream.write_all(get("/health").as_bytes()).expect("written");
                let _ = stream.read_to_end(&mut heard);
            }
            (protocol, String::from_utf8_lossy(&heard).into_owned())
        })
        .await
        .expect("an exchange");
        assert_eq!(protocol.as_deref(), Some(chosen));
        assert!(
            offered == b"h2" || heard.contains("strict-transport-security: max-age="),
            "{heard}"
        );
    }
    // Plain HTTP on the TLS port is no way in, and hurts nobody.
    assert!(
        !exchange(running.address, get("/health"))
            .await
            .contains("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn silent_handshakes_are_cut_off() {
    let certificate = certificate();
    let files = certificate.files.clone();
    let running = start(move |config| {
        config.tls = Some(files.clone());
        config.bounds.handshake_timeout = Duration::from_millis(50);
    })
    .await;
    exchange(running.address, "").await;
    exchange(running.address, &b"\x16\x03\x01"[..]).await;
}

#[tokio::test]
async fn what_is_wrong_with_the_address_or_the_files_is_said() {
    let certificate = certificate();
    let good = &certificate.files;
    let folder = certificate.folder.path();
    let other = rcgen::KeyPair::generate().expect("a key");
    std::fs::write(folder.join("other.pem"), other.serialize_pem()).expect("written");
    std::fs::write(folder.join("empty.pem"), "").expect("written");
    let error = async |cert: &std::path::Path, key: &std::path::Path| {
        let tls = Some(TlsFiles {
            cert: cert.to_owned(),
            key: key.to_owned(),
        });
        let error = bind(&Config {
            port: 0,
            tls,
            ..Config::default()
        })
        .await
        .expect_err("refused");
        assert!(error.hint().is_some());
        error.to_string().replace(&folder.display().to_string(), "FOLDER")
    };
    expect!["can't read `FOLDER/missing.pem`"]
        .assert_eq(&error(&folder.join("missing.pem"), &good.key).await);
    expect!["`FOLDER/empty.pem` holds no PEM certificate"]
        .assert_eq(&error(&folder.join("empty.pem"), &good.key).await);
    expect!["`FOLDER/cert.pem` holds no PEM private key"].assert_eq(&error(&good.cert, &good.cert).await);
    expect!["the key in `FOLDER/other.pem` doesn't go with the certificate in `FOLDER/cert.pem`"]
        .assert_eq(&error(&good.cert, &folder.join("other.pem")).await);

    let taken = bind(&Config {
        port: 0,
        ..Config::default()
    })
    .await
    .expect("a free port");
    let port = taken.address().port();
    let error = bind(&Config {
        port,
        ..Config::default()
    })
    .await
    .expect_err("taken");
    assert_eq!(error.to_string(), format!("can't listen on `127.0.0.1:{port}`"));
    assert!(error.hint().expect("a hint").contains("PORT"));
}
