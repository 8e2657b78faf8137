//! A store that says exactly what a test wants it to say.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Answers each connection with the next text, and the last one from then on.
pub(crate) struct Scripted {
    address: std::net::SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    // Ends with the test.
    _work: JoinSet<()>,
}

impl Scripted {
    pub(crate) async fn answering(answers: &[String]) -> Self {
        Self::start(answers, None).await
    }

    /// Goes on behind the answer with one byte after each pause, for ever.
    pub(crate) async fn trickling(answer: String, pause: Duration) -> Self {
        Self::start(&[answer], Some(pause)).await
    }

    async fn start(answers: &[String], trickle: Option<Duration>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, answers) = (asked.clone(), answers.to_vec());
        let mut work = JoinSet::new();
        work.spawn(async move {
            loop {
                let (mut connection, _) = listener.accept().await.expect("a connection");
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(connection.read_u8().await.expect("a request"));
                }
                let request = String::from_utf8_lossy(&request);
                let number = {
                    let mut seen = seen.lock().expect("no panic");
                    seen.push(request.lines().next().unwrap_or_default().to_owned());
                    seen.len()
                };
                let answer = answers.get(number - 1).or(answers.last()).expect("an answer");
                // Whoever gave up doesn't listen.
                let _ = connection.write_all(answer.as_bytes()).await;
                if let Some(pause) = trickle {
                    while connection.write_all(b" ").await.is_ok() {
                        tokio::time::sleep(pause).await;
                    }
                }
            }
        });
        Self {
            address,
            asked,
            _work: work,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first lines of the requests that came.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

/// An answer with its length, after which the connection ends.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}
