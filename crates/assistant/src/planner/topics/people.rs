//! What addresses, requesters and keys did.

use serde_json::{Value, json};

use super::super::chat;
use super::super::outcome::Outcome;
use super::super::topic::{Next, Scene, Topic, WEEK, call, once};
use super::super::write::{As, Column, Writer};
use crate::AnswerKind;

/// Requesters that a short name is looked for among.
const REQUESTERS: usize = 200;

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "leaked",
        ways: &[
            "leak +requester +do +read +delete +when +@requester +@access_key +@period -cost",
            "@access_key +do +read +who",
            "@requester do|happened|read|delete +when +@period",
        ],
        example: "If the key of transcoder leaked on 2026-11-20, what did it read, write and delete?",
        next: next_leaked,
        write: write_leaked,
        then: &[
            "Which requester appeared for the first time this week?",
            "Any mass download in the last 24 hours?",
        ],
        why: None,
        who: None,
    },
    Topic {
        name: "ip-activity",
        ways: &[
            "@ip +do +happened +list +@period +traffic",
            "@ip do|happened +@period",
            "@ip read|delete|upload|download|egress|cost",
        ],
        example: "What did 203.0.113.99 do between 14:00 and 15:00 yesterday?",
        next: |scene, said| {
            once(said, || {
                let of = |args: Value| scene.during(WEEK, args);
                let ip = &scene.subject.ip;
                let method = method(scene);
                let top = |by: &str| {
                    call(
                        "top",
                        of(
                            json!({ "source_bucket": scene.source(), "ip": ip, "by": by, "method": method, "limit": 10 }),
                        ),
                    )
                };
                let records = json!({ "source_bucket": scene.source(), "ip": ip, "method": method, "limit_matches": scene.subject.rows.unwrap_or(10) });
                Next::Calls(vec![
                    top("operation"),
                    top("key"),
                    call("search-logs", of(records)),
                ])
            })
        },
        write: write_ip,
        then: &[
            "Which IPs got most 403s, and did any then succeed?",
            "And last week?",
        ],
        why: None,
        who: None,
    },
];

/// The methods of the deeds that were asked about.
pub(super) fn method(scene: &Scene<'_>) -> Option<&'static str> {
    let meant = |meaning: &str| scene.means(&[meaning]);
    match (
        meant("delete"),
        meant("upload"),
        meant("download"),
        meant("happened"),
    ) {
        (true, false, false, false) => Some("DELETE"),
        (false, true, false, false) => Some("PUT,POST"),
        (false, false, true, false) => Some("GET"),
        _ => None,
    }
}

/// A requester is looked up by its short name first; then what it did.
fn next_leaked(scene: &Scene<'_>, said: &[Outcome]) -> Next {
    let subject = scene.subject;
    if subject.requester.is_none() && subject.access_key.is_none() {
        return Next::Say(Box::new(chat::answer(
            AnswerKind::AsksBack,
            "Which key or requester? Name it as the log does (`arn:…`, a user name, or an access key id), and since when it may have leaked.",
            &["Who are the requesters of the last 7 days?".to_owned()],
        )));
    }
    let leaked = |args: Value| {
        let mut args = scene.during(WEEK, args);
        if let Value::Object(args) = &mut args {
            args.entry("from").or_insert_with(|| json!("-90d"));
            // What leaked on a day goes on after it.
            args.remove("to");
        }
        Next::Calls(vec![call("leaked-key", args)])
    };
    let whole = |name: &str| name.starts_with("arn:");
    match (said, &subject.requester) {
        ([], Some(name)) if !whole(name) => Next::Calls(vec![call(
            "top",
            json!({ "source_bucket": scene.source(), "by": "requester", "limit": REQUESTERS }),
        )]),
        ([], Some(name)) => {
            leaked(json!({ "source_bucket": scene.source(), "requester": name, "limit": 10 }))
        }
        ([], None) => {
            leaked(json!({ "source_bucket": scene.source(), "access_key": subject.access_key, "limit": 10 }))
        }
        ([top], Some(name)) if top.call.tool == "top" => match resolve(name, top) {
            Ok(requester) => {
                leaked(json!({ "source_bucket": scene.source(), "requester": requester, "limit": 10 }))
            }
            Err(answer) => Next::Say(answer),
        },
        _ => Next::Write,
    }
}

/// The requester of the log that a short name stands for.
fn resolve(name: &str, top: &Outcome) -> Result<String, Box<crate::Answer>> {
    let rows = top.rows("/rows");
    let known: Vec<&str> = rows
        .iter()
        .filter_map(|row| top.text(&format!("{row}/value")))
        .collect();
    let named = |known: &&&str| {
        known.eq_ignore_ascii_case(name)
            || known
                .to_lowercase()
                .ends_with(&format!("/{}", name.to_lowercase()))
    };
    let found: Vec<&&str> = known.iter().filter(named).collect();
    match found.as_slice() {
        [only] => Ok((**only).to_owned()),
        [] => {
            let choices: Vec<String> = known
                .iter()
                .filter(|known| **known != "-")
                .take(6)
                .map(|known| format!("What did requester `{known}` do in the last 7 days?"))
                .collect();
            let text = format!(
                "The log knows no requester {}. These ask most:",
                crate::quote::code(name)
            );
            Err(Box::new(chat::answer(AnswerKind::AsksBack, &text, &choices)))
        }
        several => {
            let choices: Vec<String> = several
                .iter()
                .take(6)
                .map(|known| format!("What did requester `{known}` do?"))
                .collect();
            Err(Box::new(chat::answer(
                AnswerKind::AsksBack,
                "Which of these requesters?",
                &choices,
            )))
        }
    }
}

fn write_leaked(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let call = w.calls().len().saturating_sub(1);
    let name = scene
        .subject
        .access_key
        .as_deref()
        .or(scene.subject.requester.as_deref())
        .unwrap_or_default();
    if w.call(call).and_then(|told| told.number("/totals/records")) == Some(0.0) {
        w.say("The log has ")
            .figure(call, "/totals/records", As::Count)
            .say(" records of ")
            .name(name)
            .say(" since then.");
        notes(w, call);
        return;
    }
    w.name(name)
        .say(" made **")
        .figure(call, "/totals/requests", As::Count)
        .say("** requests, ")
        .figure(call, "/totals/refused", As::Count);
    w.say(" of them refused, from ")
        .figure(call, "/totals/addresses", As::Count)
        .say(" addresses (")
        .figure(call, "/totals/new_addresses", As::Count)
        .say(" never seen before), first ");
    w.figure(call, "/first_seen_since", As::Time)
        .say(", last ")
        .figure(call, "/last_seen", As::Time)
        .say(".\n");
    for (deed, path) in [("Read", "read"), ("Wrote", "wrote"), ("Deleted", "deleted")] {
        w.say("\n- ")
            .say(deed)
            .say(" ")
            .figure(call, &format!("/totals/{path}/objects"), As::Count)
            .say(" objects in ");
        w.figure(call, &format!("/totals/{path}/times"), As::Count)
            .say(" requests, ")
            .figure(call, &format!("/totals/{path}/bytes"), As::Bytes);
    }
    deeds(w, call);
    notes(w, call);
}

/// The objects it read, wrote and deleted, and from where.
fn deeds(w: &mut Writer<'_>, call: usize) {
    let columns = [
        Column("bucket", "/bucket", As::Name),
        Column("object", "/key", As::Name),
        Column("times", "/times", As::Count),
        Column("bytes", "/bytes", As::Bytes),
        Column("last", "/last_seen", As::Time),
    ];
    for (heading, path) in [("Read", "/read"), ("Wrote", "/wrote"), ("Deleted", "/deleted")] {
        let rows = w.rows(call, path);
        if !rows.is_empty() {
            w.say("\n\n").say(heading).say(":").table(&rows, &columns);
        }
    }
    let addresses = w.rows(call, "/addresses");
    let columns = [
        Column("address", "/value", As::Name),
        Column("records", "/records", As::Count),
        Column("bytes sent", "/bytes_sent", As::Bytes),
        Column("first", "/first_seen", As::Time),
    ];
    w.say("\nAddresses:").table(&addresses, &columns);
}

pub(super) fn notes(w: &mut Writer<'_>, call: usize) {
    for (call, place) in w.rows(call, "/notes").into_iter().take(2) {
        w.say("\n\nNote: ").figure(call, &place, As::Sentence).say(".");
    }
}

fn write_ip(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let ip = scene.subject.ip.as_deref().unwrap_or_default();
    if w.call(0).and_then(|told| told.number("/requests")) == Some(0.0) {
        w.say("The log has ")
            .figure(0, "/requests", As::Count)
            .say(" requests of ")
            .name(ip)
            .say(" in that period.");
        return;
    }
    w.name(ip)
        .say(" made **")
        .figure(0, "/requests", As::Count)
        .say("** requests, got ")
        .figure(0, "/bytes_sent", As::Bytes)
        .say(" and ");
    w.figure(0, "/errors", As::Count)
        .say(" errors, on ")
        .figure(1, "/distinct", As::Count)
        .say(" keys.");
    let operations = w.rows(0, "/rows");
    w.table(
        &operations,
        &[
            Column("operation", "/value", As::Name),
            Column("requests", "/requests", As::Count),
            Column("bytes sent", "/bytes_sent", As::Bytes),
            Column("errors", "/errors", As::Count),
        ],
    );
    w.say("Its keys:");
    let keys = w.rows(1, "/rows");
    w.table(
        &keys,
        &[
            Column("object", "/value", As::Name),
            Column("requests", "/requests", As::Count),
            Column("bytes sent", "/bytes_sent", As::Bytes),
        ],
    );
    w.say("Its last requests:");
    super::forensic::records(w, 2, "/matches");
}
