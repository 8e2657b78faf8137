//! How models are spoken to.

use serde_json::{Value, json};

use super::endpoint::{Endpoint, Reply};
use super::toolbox::Tools;
use super::{ask, assistant, calls, config, native, says, told};

const ANSWER: &str = "Most requests came from 203.0.113.7: 1,234.";

fn object(object: &Value) -> Reply {
    says(&object.to_string())
}

#[tokio::test]
async fn an_endpoint_that_knows_tools_is_given_them() {
    let tools = Tools::new();
    let script = vec![
        calls(&[
            native("a", "buckets", &json!({})),
            native("b", "top", &json!({ "by": "ip" })),
        ]),
        says(ANSWER),
    ];
    let (told, requests) = told(script, "Who asks most?", &tools).await;
    assert_eq!(
        (told.text(), told.made.by.as_str(), told.made.steps),
        (ANSWER.to_owned(), "tiny", 2)
    );
    assert_eq!(told.streamed(), ANSWER);
    assert_eq!(
        tools.asked(),
        [
            ("buckets".to_owned(), json!({})),
            ("top".to_owned(), json!({ "by": "ip" }))
        ]
    );
    assert_eq!(told.made.model_requests, 2);
    let offered: Vec<&str> = requests[0]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(offered, ["buckets", "top", "list-all", "snapshot"]);
    let results: Vec<(&str, Value)> = requests[1]["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["role"] == "tool")
        .map(|message| {
            (
                message["tool_call_id"].as_str().unwrap(),
                serde_json::from_str(message["content"].as_str().unwrap()).unwrap(),
            )
        })
        .collect();
    assert_eq!((results[0].0, results[1].0), ("a", "b"));
    assert_eq!(results[1].1["data"]["bytes_in_words"], "1.21 GiB");
}

#[tokio::test]
async fn an_endpoint_that_refuses_tools_is_asked_for_json_objects_from_then_on() {
    let tools = Tools::new();
    let endpoint = Endpoint::start(vec![
        Reply::json(
            400,
            &json!({ "error": { "message": "tiny does not support tools" } }),
        ),
        object(&json!({ "type": "tool_call", "tool": "top", "args": { "by": "ip" } })),
        object(&json!({ "type": "final", "answer": ANSWER })),
        object(&json!({ "type": "final", "answer": "Again." })),
    ])
    .await;
    let assistant = assistant(config(&endpoint));
    assert_eq!(ask(&assistant, "Who asks most?", &tools).await.text(), ANSWER);
    assert_eq!(ask(&assistant, "And again?", &tools).await.text(), "Again.");
    let requests = endpoint.requests();
    assert!(requests[1..].iter().all(|request| request.get("tools").is_none()));
    let system = requests[1]["messages"][0]["content"].as_str().unwrap();
    assert!(
        system.contains("- top(by: ip|key, bucket?: string): The tool top."),
        "{system}"
    );
    let result: Value =
        serde_json::from_str(requests[2]["messages"][3]["content"].as_str().unwrap()).unwrap();
    assert_eq!(result["tool_result"]["tool"], "top");
    assert_eq!(
        result["tool_result"]["result"]["data"]["rows"][0]["requests"],
        1_234
    );
    // The second question knows of the first.
    assert_eq!(requests[3]["messages"][1]["content"], "Who asks most?");
    assert_eq!(requests[3]["messages"][2]["content"], ANSWER);
}

#[tokio::test]
async fn an_endpoint_that_ignores_tools_is_found_out() {
    let tools = Tools::new();
    let script = vec![
        says("I can't look into buckets, but it may be 12 GiB."),
        object(&json!({ "type": "tool_call", "tool": "top", "args": { "by": "ip" } })),
        object(&json!({ "type": "final", "answer": ANSWER })),
    ];
    let (told, _) = told(script, "Who asks most?", &tools).await;
    assert_eq!((told.text(), told.streamed()), (ANSWER.to_owned(), String::new()));
}

#[tokio::test]
async fn small_talk_needs_no_tool() {
    let (told, requests) = told(
        vec![says("Hello!"), says("Hello again, no JSON.")],
        "Hi",
        &Tools::new(),
    )
    .await;
    assert_eq!((told.text().as_str(), requests.len()), ("Hello!", 2));
}

#[tokio::test]
async fn objects_in_words_fences_and_several_are_understood_or_corrected() {
    let tools = Tools::new();
    let script = vec![
        Reply::json(422, &json!({ "detail": "tools: extra fields not permitted" })),
        says(
            "Sure! ```json\n{\"type\":\"tool_call\",\"tool\":\"list_objects\",\"args\":{\"bucket\":\"x\"}}\n```",
        ),
        says("{\"type\":\"tool_call\",\"tool\":\"a\"} {\"type\":\"final\",\"answer\":\"b\"}"),
        says("{\"type\":\"final\",\"answer\":\"There is no such bucket.\"}"),
    ];
    let (told, requests) = told(script, "What is in x?", &tools).await;
    assert_eq!(told.text(), "There is no such bucket.");
    assert_eq!(tools.asked(), [("list-all".to_owned(), json!({ "bucket": "x" }))]);
    let messages = requests[3]["messages"].as_array().unwrap();
    let result = messages[3]["content"].as_str().unwrap();
    assert!(
        result.contains("there is no such bucket (`buckets` lists them)"),
        "{result}"
    );
    assert!(
        messages.last().unwrap()["content"]
            .as_str()
            .unwrap()
            .contains("several JSON objects")
    );
}

#[tokio::test]
async fn replies_that_are_not_streamed_are_read() {
    let tools = Tools::new();
    let whole = |message: Value| {
        Reply::json(
            200,
            &json!({ "choices": [{ "message": message }], "usage": { "total_tokens": 9 } }),
        )
    };
    let script = vec![
        whole(
            json!({ "content": null, "tool_calls": [{ "function": { "name": "top", "arguments": { "by": "ip" } } }] }),
        ),
        whole(json!({ "content": "<think>\nhm, 99\n</think>\n\nMost came from 203.0.113.7: 1,234." })),
    ];
    let (told, _) = told(script, "Who asks most?", &tools).await;
    assert_eq!(told.text(), ANSWER.replace("requests ", ""));
    assert_eq!(tools.asked().len(), 1);
}

#[tokio::test]
async fn what_an_endpoint_wants_to_be_called_otherwise_is_called_so() {
    let script = vec![
        Reply::json(
            400,
            &json!({ "error": { "message": "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead." } }),
        ),
        Reply::json(
            400,
            &json!({ "error": { "message": "Unsupported value: 'temperature' does not support 0." } }),
        ),
        calls(&[native("a", "top", &json!({ "by": "ip" }))]),
        says(ANSWER),
    ];
    let (told, requests) = told(script, "Who asks most?", &Tools::new()).await;
    assert_eq!(told.text(), ANSWER);
    let last = requests.last().unwrap();
    assert!(last.get("max_tokens").is_none() && last.get("temperature").is_none());
    assert!(last["max_completion_tokens"].is_u64() && last["tools"].is_array());
}

#[tokio::test]
async fn the_same_is_not_asked_twice_and_steps_end() {
    let tools = Tools::new();
    let again = || calls(&[native("a", "top", &json!({ "by": "ip" }))]);
    let (told, requests) = told(
        vec![again(), again(), again(), again(), says(ANSWER)],
        "Who asks most?",
        &tools,
    )
    .await;
    assert_eq!((told.text(), tools.asked().len()), (ANSWER.to_owned(), 1));
    // The last request asks for the end, without tools.
    assert!(requests[4].get("tools").is_none());
    assert!(requests[3].get("tools").is_some());
}

#[tokio::test]
async fn figures_are_bound_to_what_tools_said() {
    let text = "203.0.113.7 made 1,234 requests and 198.51.100.2 made 89; 1.21 GiB were sent.";
    let script = vec![calls(&[native("a", "top", &json!({ "by": "ip" }))]), says(text)];
    let (told, _) = told(script, "Who asks most?", &Tools::new()).await;
    let answer = &told.made.answer;
    assert_eq!(answer.text(), text);
    let unbacked: Vec<&str> = answer
        .parts
        .iter()
        .filter(|part| part.unbacked)
        .map(|part| part.text.as_str())
        .collect();
    assert_eq!(unbacked, ["89"]);
    let paths: Vec<&str> = answer
        .citations
        .iter()
        .map(|citation| citation.path.as_str())
        .collect();
    assert_eq!(
        paths,
        ["/rows/0/value", "/rows/0/requests", "/rows/1/value", "/bytes"]
    );
}

#[tokio::test]
async fn a_log_that_is_not_complete_is_told_of() {
    let tools = Tools::with_top(
        json!({ "rows": [], "coverage": { "complete": false, "note": "3 hours are missing" } }),
    );
    let script = vec![
        calls(&[native("a", "top", &json!({ "by": "ip" }))]),
        says("Nobody asked."),
    ];
    let (told, _) = told(script, "Who asks most?", &tools).await;
    assert!(told.text().contains("not complete"), "{}", told.text());
}
