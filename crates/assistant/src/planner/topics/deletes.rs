//! Who deleted what.

use serde_json::{Value, json};

use super::super::outcome::Outcome;
use super::super::topic::{Next, Scene, Topic, WEEK, call, once};
use super::super::write::{As, Column, Place, Writer};
use super::forensic::{events, next_audit, nothing, record_table, records};

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "delete-cause",
        ways: &["delete lifecycle +client +@key +object", "@key lifecycle +delete"],
        example: "Was the delete of `tmp/x.part` a client's or a lifecycle rule's?",
        next: |scene, said| next_audit(scene, said, Some("DELETE,EXPIRE")),
        write: write_cause,
        then: &["Who deleted it?", "Everything that happened to it"],
        why: Some("delete-cause"),
        who: Some("who-deleted"),
    },
    Topic {
        name: "who-deleted",
        ways: &[
            "delete @key +who +when +ip +client",
            "delete lifecycle list object -client -@key",
            "delete who +object +when +@prefix",
            "delete +object +@period +@prefix +last +when -cost",
        ],
        example: "Who deleted `path/x.pdf`, when, from which IP, with what tool?",
        next: |scene, said| {
            if scene.subject.key.is_some() {
                next_audit(scene, said, Some("DELETE,EXPIRE"))
            } else {
                next_deletions(scene, said)
            }
        },
        write: write_deleted,
        then: &[
            "Was this delete a client's or a lifecycle rule's?",
            "Everything that happened to it",
        ],
        why: Some("delete-cause"),
        who: Some("who-deleted"),
    },
];

fn next_deletions(scene: &Scene<'_>, said: &[Outcome]) -> Next {
    let by_rule = "S3.EXPIRE.OBJECT,S3.CREATE.DELETEMARKER";
    let by_all = "REST.DELETE.OBJECT,BATCH.DELETE.OBJECT,S3.EXPIRE.OBJECT,S3.CREATE.DELETEMARKER";
    let operations = if scene.means(&["lifecycle"]) {
        by_rule
    } else {
        by_all
    };
    once(said, || {
        let filters = |more: Value| {
            let mut args = json!({ "source_bucket": scene.source(), "operation": operations, "key_prefix": scene.subject.prefix, "status": (!scene.means(&["lifecycle"])).then_some("2xx"), "ip": scene.subject.ip });
            if let (Value::Object(args), Value::Object(more)) = (&mut args, more) {
                args.extend(more);
            }
            scene.during(WEEK, args)
        };
        Next::Calls(vec![
            call(
                "search-logs",
                filters(json!({ "limit_matches": scene.subject.rows.unwrap_or(10) })),
            ),
            call("top", filters(json!({ "by": "requester", "limit": 10 }))),
            call("top", filters(json!({ "by": "ip", "limit": 10 }))),
        ])
    })
}

fn write_deleted(scene: &Scene<'_>, w: &mut Writer<'_>) {
    if scene.subject.key.is_none() {
        return write_deletions(w);
    }
    let Some((_, events)) = events(w).filter(|(_, events)| !events.is_empty()) else {
        return nothing(scene, w, "delete");
    };
    match done(w, &events) {
        Some(event) => deed(w, &event),
        None => {
            w.say("Every delete of it was refused or failed.");
        }
    }
    if events.len() > 1 {
        w.say("\n\nAll deletes that are known:");
        record_table(w, &events);
    }
}

/// Who did it, in a sentence.
fn deed(w: &mut Writer<'_>, (call, row): &Place) {
    let told = |name: &str| {
        w.call(*call)
            .and_then(|told| told.text(&format!("{row}/{name}")))
            .map(str::to_owned)
    };
    let at = |name: &str| format!("{row}/{name}");
    let by_rule = told("method").as_deref() == Some("EXPIRE")
        || told("operation").is_some_and(|operation| {
            operation.starts_with("S3.EXPIRE") || operation.starts_with("S3.CREATE")
        });
    let has_requester = told("requester").is_some();
    w.figure(*call, &at("key"), As::Name)
        .say(" in ")
        .figure(*call, &at("bucket"), As::Name)
        .say(" was deleted ")
        .figure(*call, &at("ts"), As::Time);
    if by_rule {
        w.say(" by a **lifecycle rule** (operation ")
            .figure(*call, &at("operation"), As::Name)
            .say(", request ")
            .figure(*call, &at("request_id"), As::Name)
            .say("), not by a client.");
        return;
    }
    w.say(" by **");
    if has_requester {
        w.figure(*call, &at("requester"), As::Name);
    } else {
        w.say("somebody without credentials");
    }
    w.say("**, a client, from ")
        .figure(*call, &at("ip"), As::Name)
        .say(" with ")
        .figure(*call, &at("user_agent"), As::Name);
    w.say(" (operation ")
        .figure(*call, &at("operation"), As::Name)
        .say(", status ")
        .figure(*call, &at("status"), As::Name)
        .say(", request ");
    w.figure(*call, &at("request_id"), As::Name).say(").");
}

fn write_cause(scene: &Scene<'_>, w: &mut Writer<'_>) {
    match events(w).and_then(|(_, events)| done(w, &events)) {
        Some(event) => deed(w, &event),
        None => nothing(scene, w, "successful delete"),
    }
}

fn write_deletions(w: &mut Writer<'_>) {
    w.say("**")
        .figure(1, "/requests", As::Count)
        .say("** deletes are known.");
    if w.rows(0, "/matches").is_empty() {
        return;
    }
    for (call, heading) in [(1, "requester"), (2, "address")] {
        let rows = w.rows(call, "/rows");
        w.table(
            &rows,
            &[
                Column(heading, "/value", As::Name),
                Column("deletes", "/requests", As::Count),
                Column("last", "/last_seen", As::Time),
            ],
        );
    }
    w.say("The last ones:");
    records(w, 0, "/matches");
}

/// Successful deeds first: a refused delete deleted nothing.
fn done(w: &Writer<'_>, events: &[Place]) -> Option<Place> {
    let succeeded = |(call, row): &&Place| {
        w.call(*call)
            .and_then(|told| told.number(&format!("{row}/status")))
            .is_none_or(|status| status < 300.0)
    };
    events.iter().find(succeeded).cloned()
}
