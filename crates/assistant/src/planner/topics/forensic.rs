//! What happened to objects.

use serde_json::json;

use super::super::chat;
use super::super::outcome::Outcome;
use super::super::topic::{DAY, Next, Scene, Topic, WEEK, call, once};
use super::super::write::{As, Column, Place, Writer};
use crate::{AnswerKind, quote};

/// How far back an object's history is looked at.
const FAR: i64 = 90 * DAY;
/// Uploads, as they are logged: whole ones, finished multipart ones, copies.
const UPLOADS: &str =
    "REST.PUT.OBJECT,REST.POST.OBJECT,REST.POST.UPLOAD,REST.COPY.OBJECT,REST.COMPLETE.UPLOAD";
/// Records that a file's name is looked for in.
const SEARCHED: usize = 200;

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "last-upload",
        ways: &[
            "upload last +who +ip +requester +object +@prefix +prefix +@bucket -delete",
            "upload who|ip -most +@prefix +prefix +@key",
            "upload when @prefix|@key",
            "upload @prefix +last",
        ],
        example: "Which IP made the last upload under prefix `studio/`?",
        next: |scene, said| {
            once(said, || {
                let filters = json!({
                    "source_bucket": scene.source(),
                    "key_prefix": scene.subject.prefix,
                    "object_key": scene.subject.key.as_deref().filter(|key| key.contains('/')),
                    "contains": scene.subject.key.as_deref().filter(|key| !key.contains('/')),
                    "ip": scene.subject.ip,
                    "requester": scene.subject.requester,
                    "operation": UPLOADS,
                    "status": "2xx",
                    "limit_matches": scene.subject.rows.unwrap_or(5),
                });
                Next::Calls(vec![call("search-logs", scene.if_during(filters))])
            })
        },
        write: write_upload,
        then: &["Everything that happened to it", "Which prefixes grew?"],
        why: None,
        who: Some("last-upload"),
    },
    Topic {
        name: "audit",
        ways: &[
            "@key +happened +who +read +list +do",
            "happened object +@key",
            "@key who|read|download|upload",
            "@prefix happened|read|delete +who",
        ],
        example: "Everything that happened to `studio/final/x.mov`",
        next: |scene, said| next_audit(scene, said, methods(scene)),
        write: write_audit,
        then: &["Who deleted it?", "Which IP made the last upload?"],
        why: Some("delete-cause"),
        who: Some("audit"),
    },
    Topic {
        name: "agent-activity",
        ways: &["@agent +do +happened +who +client"],
        example: "What did the user agent `rclone` do today?",
        next: |scene, said| {
            once(said, || {
                let filters = json!({ "source_bucket": scene.source(), "user_agent": scene.subject.agent, "limit_matches": scene.subject.rows.unwrap_or(10) });
                let top = json!({ "source_bucket": scene.source(), "user_agent": scene.subject.agent, "by": "ip", "limit": 10 });
                Next::Calls(vec![
                    call("search-logs", scene.during(WEEK, filters)),
                    call("top", scene.during(WEEK, top)),
                ])
            })
        },
        write: write_agent,
        then: &["Which IPs got most 403s, and did any then succeed?"],
        why: None,
        who: Some("agent-activity"),
    },
];

/// What of an object's history is asked about.
fn methods(scene: &Scene<'_>) -> Option<&'static str> {
    let meant = |meaning: &str| scene.means(&[meaning]);
    match (
        meant("happened"),
        meant("read") || meant("download"),
        meant("upload"),
        meant("delete"),
    ) {
        (false, true, false, false) => Some("GET"),
        (false, false, true, false) => Some("PUT,POST,COPY"),
        (false, false, false, true) => Some("DELETE,EXPIRE"),
        _ => None,
    }
}

fn is_part(key: &str) -> bool {
    !key.contains('/')
}

/// The history of an object; of a file whose folder isn't said, it is looked for first.
pub(super) fn next_audit(scene: &Scene<'_>, said: &[Outcome], methods: Option<&str>) -> Next {
    let Some(key) = scene.subject.key.as_deref() else {
        return Next::Say(Box::new(chat::answer(
            AnswerKind::AsksBack,
            "Which object? Give me its key, best in back-ticks: `folder/file.pdf`.",
            &["What was deleted in the last 24 hours?".to_owned()],
        )));
    };
    let audit = |key: &str| {
        let limit = scene.subject.rows.unwrap_or(50);
        call("object-audit", scene.during(FAR, json!({ "source_bucket": scene.source(), "object_key": key, "methods": methods, "limit": limit })))
    };
    let search = json!({ "source_bucket": scene.source(), "contains": key, "limit_matches": SEARCHED });
    let looked = || call("search-logs", scene.during(FAR, search.clone()));
    match said {
        [] if is_part(key) => Next::Calls(vec![audit(key), looked()]),
        [] => Next::Calls(vec![audit(key)]),
        [found] if found.len("/events") == 0 && found.result.is_ok() => Next::Calls(vec![looked()]),
        [first, found] if first.len("/events") == 0 => match candidates(key, found).as_slice() {
            [] => Next::Write,
            [only] => Next::Calls(vec![audit(only)]),
            several => Next::Say(Box::new(which(several))),
        },
        _ => Next::Write,
    }
}

/// Keys of the log that are what was asked for in some folder; else those that end so.
fn candidates(asked: &str, found: &Outcome) -> Vec<String> {
    let rows = found.rows("/matches");
    let mut keys: Vec<&str> = rows
        .iter()
        .filter_map(|row| found.text(&format!("{row}/key")))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    let in_folder = |key: &&&str| key.ends_with(&format!("/{asked}")) || key.eq_ignore_ascii_case(asked);
    let fitting: Vec<&&str> = keys.iter().filter(in_folder).collect();
    if fitting.is_empty() {
        let ending = |key: &&&str| key.to_lowercase().ends_with(&asked.to_lowercase());
        return keys.iter().filter(ending).map(|key| (*key).to_owned()).collect();
    }
    fitting.into_iter().map(|key| (*key).to_owned()).collect()
}

fn which(keys: &[String]) -> crate::Answer {
    let choices: Vec<String> = keys
        .iter()
        .take(8)
        .map(|key| format!("Everything that happened to {}", quote::code(key)))
        .collect();
    chat::answer(
        AnswerKind::AsksBack,
        "Several objects have that name. Which of them?",
        &choices,
    )
}

/// The last audit among the calls: the one of the key that was found.
fn audit_of(w: &Writer<'_>) -> Option<usize> {
    let audits = w
        .calls()
        .iter()
        .enumerate()
        .filter(|(_, told)| told.call.tool == "object-audit");
    audits
        .filter(|(_, told)| told.result.is_ok())
        .map(|(call, _)| call)
        .next_back()
}

pub(super) fn events(w: &Writer<'_>) -> Option<(usize, Vec<Place>)> {
    let call = audit_of(w)?;
    Some((call, w.rows(call, "/events")))
}

pub(super) fn nothing(scene: &Scene<'_>, w: &mut Writer<'_>, of_what: &str) {
    w.say("The log has no ")
        .say(of_what)
        .say(" of ")
        .name(scene.subject.key.as_deref().unwrap_or_default())
        .say(" in that period.");
    if let Some(call) = audit_of(w) {
        w.say(" Records found: ")
            .figure(call, "/count", As::Count)
            .say(".");
    }
    w.is(AnswerKind::CannotSay);
}

fn write_upload(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let rows = w.rows(0, "/matches");
    let Some((call, row)) = rows.first().cloned() else {
        w.say("The log has no successful upload there in that period: ")
            .figure(0, "/count", As::Count)
            .say(" were found.")
            .is(AnswerKind::CannotSay);
        return;
    };
    let at = |name: &str| format!("{row}/{name}");
    w.say("The last upload");
    if let Some(prefix) = &scene.subject.prefix {
        w.say(" under ").name(prefix);
    }
    w.say(" was **")
        .figure(call, &at("key"), As::Name)
        .say("** in ")
        .figure(call, &at("bucket"), As::Name)
        .say(" at ")
        .figure(call, &at("ts"), As::Time);
    w.say(", from **")
        .figure(call, &at("ip"), As::Name)
        .say("**, by ")
        .figure(call, &at("requester"), As::Name)
        .say(" with ")
        .figure(call, &at("user_agent"), As::Name);
    w.say(", ")
        .figure(call, &at("object_size"), As::Bytes)
        .say(" (request ")
        .figure(call, &at("request_id"), As::Name)
        .say(").");
    if rows.len() > 1 {
        w.say("\n\nThe last ones:");
        record_table(w, &rows);
    }
}

fn write_audit(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let Some((call, events)) = events(w).filter(|(_, events)| !events.is_empty()) else {
        return nothing(scene, w, "record");
    };
    w.say("**")
        .figure(call, "/count", As::Count)
        .say("** events of ")
        .figure(call, "/object_key", As::Name);
    if w.call(call).is_some_and(|told| told.is_true("/truncated")) {
        w.say(" (the newest; there are more)");
    }
    w.say(", newest first:");
    record_table(w, &events);
}

fn write_agent(scene: &Scene<'_>, w: &mut Writer<'_>) {
    w.say("User agents that hold ")
        .name(scene.subject.agent.as_deref().unwrap_or_default())
        .say(" made **")
        .figure(1, "/requests", As::Count)
        .say("** requests from ");
    w.figure(1, "/distinct", As::Count)
        .say(" addresses and got ")
        .figure(1, "/bytes_sent", As::Bytes)
        .say(".");
    records(w, 0, "/matches");
}

/// Log records as a table.
pub(super) fn records(w: &mut Writer<'_>, call: usize, path: &str) {
    let rows = w.rows(call, path);
    record_table(w, &rows);
}

pub(super) fn record_table(w: &mut Writer<'_>, rows: &[Place]) {
    let columns = [
        Column("time", "/ts", As::Time),
        Column("what", "/operation", As::Name),
        Column("object", "/key", As::Name),
        Column("status", "/status", As::Name),
        Column("bytes", "/bytes_sent", As::Bytes),
        Column("address", "/ip", As::Name),
        Column("requester", "/requester", As::Name),
        Column("agent", "/user_agent", As::Name),
        Column("request", "/request_id", As::Name),
    ];
    w.table(rows, &columns);
}
