//! What causes egress.

use serde_json::json;

use super::super::topic::{Next, Scene, Topic, WEEK, call, once};
use super::super::write::{As, Column, Writer};

pub(super) const TOPICS: &[Topic] = &[Topic {
    name: "egress",
    ways: &[
        "egress +most +object +cost +who +explain +ip +requester +client +@type -allowance",
        "download most +object +ip +requester",
        "download cost +most +object -subscription",
        "cost object +most -incomplete -cold -noncurrent",
        "cost ip|requester|client|referer +most",
    ],
    example: "Which 10 objects caused most egress in the last 7 days?",
    next: |scene, said| {
        once(said, || {
            let args = json!({
                "source_bucket": scene.source(),
                "by": dimension(scene),
                "key_suffix": suffix(scene),
                "limit": scene.subject.rows.unwrap_or(10),
            });
            Next::Calls(vec![call("cost-egress", scene.during(WEEK, args))])
        })
    },
    write,
    then: &[
        "And by IP?",
        "What will this month's bill be?",
        "When do we pass the included egress?",
    ],
    why: Some("egress"),
    who: Some("egress"),
}];

fn dimension(scene: &Scene<'_>) -> &'static str {
    let choices = [
        ("ip", "ip"),
        ("prefix", "prefix"),
        ("requester", "requester"),
        ("referer", "referer"),
        ("client", "user_agent"),
        ("object", "key"),
        ("bucket", "bucket"),
    ];
    let bare_who = scene.words.at(0) == "who";
    let words = scene.words;
    // What this question says goes before what the one before said.
    let now = choices
        .iter()
        .find(|(_, by)| words.say_phrase(&format!("by {by}")));
    let meant = choices.iter().find(|(meaning, _)| scene.means(&[meaning]));
    if bare_who {
        "requester"
    } else {
        now.or(meant).map_or("key", |(_, by)| by)
    }
}

/// How the keys end that are meant.
fn suffix(scene: &Scene<'_>) -> Option<String> {
    let extension = scene.subject.extension.as_deref()?;
    Some(format!(".{extension}"))
}

fn write(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let suffix = suffix(scene);
    let rows = w.rows(0, "/rows");
    if rows.is_empty() {
        w.say("No egress is known");
        if let Some(suffix) = &suffix {
            w.say(" of ").name(suffix).say(" objects");
        }
        w.say(": ").figure(0, "/bytes_sent", As::Bytes).say(" were sent.");
        return;
    }
    w.say("In all ").figure(0, "/bytes_sent", As::Bytes);
    if let Some(suffix) = &suffix {
        w.say(" of ").name(suffix).say(" objects");
    }
    w.say(" were sent, ").figure(0, "/list_price", As::Money);
    w.say(" at list price (")
        .figure(0, "/arithmetic", As::Sentence)
        .say("; less where the plan includes it). Most of it:");
    let columns = [
        Column(heading(dimension(scene)), "/value", As::Name),
        Column("bytes sent", "/bytes_sent", As::Bytes),
        Column("list price", "/list_price", As::Money),
        Column("share", "/share_percent", As::Percent),
        Column("requests", "/requests", As::Count),
    ];
    w.table(&rows, &columns);
    if w.call(0).is_some_and(|told| told.is_true("/truncated")) {
        w.say("Looked at are the first ")
            .figure(0, "/limit", As::Count)
            .say(" of ")
            .figure(0, "/distinct", As::Count)
            .say(".");
    }
}

/// What a dimension's values are called.
pub(super) fn heading(by: &str) -> &'static str {
    match by {
        "ip" => "address",
        "prefix" => "prefix",
        "requester" => "requester",
        "referer" => "referer",
        "user_agent" => "user agent",
        "bucket" => "bucket",
        "operation" => "operation",
        "status" => "status",
        "error_code" => "error",
        "method" => "method",
        _ => "object",
    }
}
