//! What is not done, and what is only proposed.

use serde_json::json;

use super::entities::Subject;
use super::words::Words;
use crate::{Answer, AnswerKind, Part, Proposal, quote};

/// Words that are deeds wherever an order begins with them.
const DEEDS: [&str; 17] = [
    "delete",
    "remove",
    "erase",
    "wipe",
    "purge",
    "nuke",
    "destroy",
    "trash",
    "rm",
    "rename",
    "overwrite",
    "undelete",
    "revoke",
    "kill",
    "unlink",
    "ban",
    "grant",
];
/// Words that may be a deed, or the beginning of a question: `empty the bucket`, `empty objects?`, `upload latency`.
const MAYBE_DEEDS: [&str; 29] = [
    "drop", "clean", "clear", "empty", "move", "copy", "upload", "put", "write", "restore", "rotate",
    "block", "disable", "enable", "encrypt", "publish", "share", "abort", "cancel", "expire", "archive",
    "change", "set", "modify", "edit", "create", "replace", "execute", "download",
];
/// What a deed is done to.
const DONE_TO: [&str; 22] = [
    "the",
    "this",
    "that",
    "those",
    "these",
    "them",
    "it",
    "all",
    "everything",
    "every",
    "my",
    "our",
    "your",
    "a",
    "an",
    "bucket",
    "up",
    "out",
    "object",
    "file",
    "old",
    "any",
];
/// What may stand before an order.
const POLITE: [&str; 32] = [
    "please", "can", "could", "would", "will", "you", "now", "then", "just", "go", "ahead", "and", "ok",
    "okay", "so", "i", "want", "to", "need", "let's", "lets", "us", "let", "also", "kindly", "hey", "hi",
    "must", "should", "like", "me", "i'd",
];
const SECRET: [&str; 12] = [
    "secret",
    "secrets",
    "password",
    "passwords",
    "passwd",
    "credentials",
    "secretkey",
    "secret-key",
    "apikey",
    "api-key",
    "token",
    "tokens",
];
const REVEAL: [&str; 24] = [
    "print", "show", "give", "tell", "reveal", "what", "what's", "whats", "display", "echo", "output",
    "send", "dump", "repeat", "read", "expose", "leak", "share", "export", "list", "get", "know", "say",
    "write",
];

/// The answer where the question asks for what is not done.
pub(super) fn refused(words: &Words) -> Option<Answer> {
    if asks_for_secret(words) {
        return Some(told(
            "I can't: I never see your secret key. It goes to the store with each request and is neither shown to me nor kept. \
             If you lost it, make a new key at your provider.",
            &["What did a leaked key do?"],
        ));
    }
    if words.say(&["ignore", "disregard", "forget", "override"])
        && words.say(&["instructions", "instruction", "rules", "prompt", "previous"])
        && !is_question(words)
    {
        return Some(told(
            "I won't: I only answer questions about your buckets, and I can change nothing.",
            &["What can you do?"],
        ));
    }
    ordered(words).map(|deed| {
        let deed = quote::code(deed);
        told(
            &format!("I won't {deed}: I only read, and nothing I do changes a bucket, an object or a setting. A person does that with their own tools. I can tell what it would be about."),
            &["Which objects are the largest?", "How many bytes were not read for 90 days?", "How much is held by incomplete uploads?"],
        )
    })
}

fn told(text: &str, suggestions: &[&str]) -> Answer {
    let suggestions: Vec<String> = suggestions.iter().map(|text| (*text).to_owned()).collect();
    super::chat::answer(AnswerKind::Refused, text, &suggestions)
}

fn asks_for_secret(words: &Words) -> bool {
    let key = words.say_phrase("private key")
        || words.say_phrase("api key")
        || (words.say(&["my", "our", "your"]) && words.say_phrase("access key"));
    let secret = words.say(&SECRET) || key || words.say_phrase("system prompt");
    let of_log = words.say(&[
        "without",
        "anonymous",
        "leaked",
        "who",
        "which",
        "compromised",
        "stolen",
    ]);
    secret && words.say_alike(&REVEAL) && !of_log
}

fn is_question(words: &Words) -> bool {
    let asks = [
        "who", "what", "when", "which", "how", "did", "was", "were", "has", "have", "why", "where", "is",
        "are", "does", "whose", "whom",
    ];
    asks.contains(&words.at(0)) || asks.contains(&words.at(1))
}

/// The deed, where the question is an order to do one.
fn ordered(words: &Words) -> Option<&str> {
    let first = (0..words.tokens.len()).find(|&index| !POLITE.contains(&words.at(index)))?;
    let deed = words.at(first);
    // `delete requests per hour` and `delete markers` are no orders; `delete those files` is.
    let counts = words.say(&[
        "requests", "rate", "count", "events", "log", "logs", "history", "by", "marker", "markers",
    ]);
    let pointed = words.say(&["all", "those", "these", "them", "my", "the"]);
    let next = words.tokens.get(first + 1)?;
    if deed == "get" && next.text == "rid" {
        return Some("delete");
    }
    let is_name = next.quoted || next.text.contains(['/', '.', '-']);
    let maybe = MAYBE_DEEDS.contains(&deed) && (is_name || DONE_TO.contains(&next.text.as_str()));
    let orders = (DEEDS.contains(&deed) && (pointed || !counts)) || maybe;
    orders.then_some(deed)
}

/// What is proposed where the question asks for a deed that a person may confirm.
pub(super) fn proposed(words: &Words, subject: &Subject) -> Option<Answer> {
    let orders = [
        "take", "make", "create", "do", "run", "start", "begin", "trigger", "write", "scan", "refresh",
        "update", "store", "save",
    ];
    let first = (0..words.tokens.len()).find(|&index| !POLITE.contains(&words.at(index)))?;
    let ordered =
        orders.contains(&words.at(first)) || words.at(first) == "snapshot" || words.at(first) == "inventory";
    if !ordered || is_question(words) {
        return None;
    }
    let bucket = subject.bucket.as_deref();
    let (tool, args, text) = match (
        words.mean(&["snapshot"]),
        words.mean(&["inventory"]) || words.at(first) == "scan",
        bucket,
    ) {
        (true, _, Some(bucket)) => (
            "snapshot",
            json!({ "source_bucket": bucket }),
            format!(
                "write down what {} holds now into the metrics bucket",
                quote::code(bucket)
            ),
        ),
        (true, _, None) => (
            "snapshot-all",
            json!({}),
            "write down what every bucket holds now into the metrics bucket".to_owned(),
        ),
        (_, true, Some(bucket)) => return Some(inventory(bucket)),
        _ => return None,
    };
    Some(proposal(tool, args, &text))
}

/// Proposes to make an inventory.
pub(super) fn inventory(bucket: &str) -> Answer {
    let text = format!(
        "make an inventory of {}: list all of it once, which costs requests",
        quote::code(bucket)
    );
    proposal("inventory-run", json!({ "bucket": bucket }), &text)
}

fn proposal(tool: &str, args: serde_json::Value, text: &str) -> Answer {
    Answer {
        kind: AnswerKind::AsksBack,
        parts: vec![Part {
            text: format!("I would {text}. Nothing was done yet: it begins when you confirm it."),
            ..Part::default()
        }],
        proposal: Some(Proposal {
            tool: tool.to_owned(),
            args,
            description: text.to_owned(),
        }),
        ..Answer::default()
    }
}
