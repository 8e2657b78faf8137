//! With a language model: what it says is checked, and the planner stands in for it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{sandbox, store};

/// An endpoint that gives these replies one after the other, and then nothing but failures. It ends with the test's process.
struct Model {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Model {
    fn start(messages: Vec<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1/chat/completions", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        std::thread::spawn(move || {
            let mut messages = messages.into_iter();
            for connection in listener.incoming() {
                answer(connection.unwrap(), messages.next(), &seen);
            }
        });
        Self { url, asked }
    }
}

fn answer(mut connection: TcpStream, message: Option<Value>, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(said) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = said.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    seen.lock().unwrap().push(String::from_utf8(body).unwrap());
    let (status, body) = match message {
        Some(message) => ("200 OK", json!({ "choices": [{ "message": message }] })),
        None => (
            "400 Bad Request",
            json!({ "error": { "message": "the model is asleep" } }),
        ),
    };
    let body = body.to_string();
    write!(
        connection,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
}

fn call(tool: &str, args: &Value) -> Value {
    json!({ "content": null, "tool_calls": [{ "id": "a", "type": "function", "function": { "name": tool, "arguments": args.to_string() } }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_that_no_tool_gave_are_named() {
    let store = store().await;
    let model = Model::start(vec![
        call("storage_summary", &json!({ "bucket": "photos" })),
        json!({ "content": "`photos` holds 2 objects, 4.00 MiB, and 99 kittens." }),
    ]);
    let sandbox = sandbox(&store)
        .with_variable("DO_AGENT_URL", &model.url)
        .with_variable("DO_AGENT_MODEL", "tiny");
    let ran = sandbox.run(&["ask", "how much is in photos? My secret is test-secret."]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "`photos` holds 2 objects, 4.00 MiB, and 99 kittens.\n"
    );
    assert_eq!(
        ran.stderr,
        "· storage-summary {\"bucket\":\"photos\"}\nno tool gave these figures: 99\n"
    );
    let asked = model.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 2);
    assert!(
        asked
            .iter()
            .all(|asked| asked.contains("My secret is [secret]") && !asked.contains("test-secret"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_planner_answers_when_the_model_fails_or_is_left_out() {
    let store = store().await;
    let model = Model::start(Vec::new());
    let sandbox = sandbox(&store).with_variable("DO_AGENT_URL", &model.url);
    let question = ["ask", "how much is stored in photos?"];
    let failed = sandbox.run(&question);
    assert_eq!(failed.code, Some(0), "{}", failed.stderr);
    assert!(
        failed.stdout.starts_with("`photos` holds **2** objects"),
        "{}",
        failed.stdout
    );
    assert!(
        failed.stderr.contains(
            "the built-in planner answered: the model's endpoint answered 400: the model is asleep"
        ),
        "{}",
        failed.stderr
    );
    let asked = model.asked.lock().unwrap().len();
    let without = sandbox.run(&[question[0], "--no-model", question[1]]);
    assert_eq!(without.code, Some(0), "{}", without.stderr);
    assert!(
        without.stdout.starts_with("`photos` holds **2** objects"),
        "{}",
        without.stdout
    );
    assert_eq!(model.asked.lock().unwrap().len(), asked);
}
