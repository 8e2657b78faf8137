//! Whether logs are complete and buckets are set up well.

use serde_json::json;

use super::super::topic::{DAY, Next, Scene, Topic, call, once};
use super::super::write::{As, Column, Place, Writer};

/// What the summary tells of, as it is called.
const SETTINGS: [(&str, &str); 4] = [
    ("logging", "logging"),
    ("versioning", "versioning"),
    ("lifecycle", "lifecycle rules"),
    ("abort_rule", "a rule that aborts incomplete uploads"),
];

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "logs-complete",
        ways: &[
            "log complete +@period -bucket",
            "complete @period +log",
            "log old|last|not_found|without +when -bucket -setting",
        ],
        example: "Are yesterday's logs complete?",
        next: |scene, said| {
            once(said, || {
                Next::Calls(vec![
                    call("rejects", scene.during(DAY, json!({ "limit": 5 }))),
                    call("ingest-status", json!({})),
                ])
            })
        },
        write: write_complete,
        then: &["Which buckets have no logging?", "And last week?"],
        why: None,
        who: None,
    },
    Topic {
        name: "posture",
        ways: &[
            "setting without +bucket +incomplete",
            "setting lifecycle bucket +incomplete +log +without -@key -delete",
            "setting +bucket +@bucket +list -delete -complete -noncurrent",
            "setting +bucket -delete -complete -noncurrent -latency -without -happened",
            "anonymous bucket +setting -read -object -who -ip -traffic",
            "without log bucket",
            "without lifecycle bucket +setting",
        ],
        example: "Which buckets have no logging, versioning, lifecycle, abort rule?",
        next: |scene, said| {
            once(said, || {
                Next::Calls(vec![call("posture", json!({ "bucket": scene.subject.bucket }))])
            })
        },
        write: write_posture,
        then: &[
            "How much is held by incomplete uploads?",
            "Are yesterday's logs complete?",
        ],
        why: None,
        who: None,
    },
];

fn write_complete(_: &Scene<'_>, w: &mut Writer<'_>) {
    let complete = w.call(0).is_some_and(|told| told.is_true("/coverage/complete"));
    w.say(if complete {
        "**Yes**, the logs of that period are complete: "
    } else {
        "**Not for sure**: "
    });
    w.figure(0, "/coverage/lines_read", As::Count)
        .say(" lines out of ")
        .figure(0, "/coverage/objects_read", As::Count)
        .say(" log objects were read, ");
    w.figure(0, "/coverage/objects_pending", As::Count)
        .say(" objects are pending, ")
        .figure(0, "/coverage/objects_failed", As::Count)
        .say(" failed, ");
    w.figure(0, "/coverage/lines_rejected", As::Count)
        .say(" lines could not be read and ")
        .figure(0, "/coverage/lines_duplicate", As::Count)
        .say(" were delivered twice (and counted once). ");
    w.say("The newest record is of ")
        .figure(0, "/coverage/newest_record", As::Time)
        .say(".");
    if w.gave(1) {
        w.say(" The log bucket was listed last at ")
            .figure(1, "/listed_at", As::Time)
            .say(", with ")
            .figure(1, "/objects_pending", As::Count)
            .say(" objects not yet read.");
    }
}

fn write_posture(scene: &Scene<'_>, w: &mut Writer<'_>) {
    if scene.subject.bucket.is_some() {
        let rows = w.rows(0, "/buckets/0/settings");
        w.figure(0, "/buckets/0/bucket", As::Name)
            .say(": logging ")
            .figure(0, "/buckets/0/logging", As::Sentence)
            .say(", versioning ")
            .figure(0, "/buckets/0/versioning", As::Sentence);
        w.say(", lifecycle rules ")
            .figure(0, "/buckets/0/lifecycle", As::Sentence)
            .say(", rule that aborts incomplete uploads ")
            .figure(0, "/buckets/0/abort_rule", As::Sentence)
            .say(".");
        w.table(
            &rows,
            &[
                Column("setting", "/name", As::Name),
                Column("", "/state", As::Sentence),
                Column("", "/detail", As::Sentence),
            ],
        );
    } else {
        let asked: Vec<_> = SETTINGS
            .iter()
            .filter(|(name, _)| asks_for(scene, name))
            .collect();
        let shown = if asked.is_empty() {
            SETTINGS.iter().collect()
        } else {
            asked
        };
        for (name, title) in shown {
            without(w, name, title);
        }
    }
    let findings: Vec<Place> = w.rows(0, "/findings");
    if !findings.is_empty() {
        w.say("\n\nWhat stands out:").table(
            &findings,
            &[
                Column("severity", "/severity", As::Sentence),
                Column("what", "/title", As::Sentence),
                Column("what to do", "/advice", As::Sentence),
            ],
        );
    }
}

fn asks_for(scene: &Scene<'_>, name: &str) -> bool {
    let words = scene.words;
    match name {
        "logging" => words.say_alike(&["logging"]) || words.mean(&["log"]),
        "versioning" => words.say_alike(&["versioning", "versions", "versioned"]),
        "lifecycle" => words.say_alike(&["lifecycle", "expiration", "expiry", "life-cycle"]),
        _ => words.say_alike(&["abort", "aborts", "aborting", "multipart"]),
    }
}

fn without(w: &mut Writer<'_>, name: &str, title: &str) {
    let rows = w.rows(0, &format!("/summary/{name}/without"));
    w.say("\n- Without ").say(title).say(": ");
    if rows.is_empty() {
        w.say("none");
    }
    for (place, (call, row)) in rows.iter().enumerate() {
        w.say(if place == 0 { "" } else { ", " })
            .figure(*call, row, As::Name);
    }
    let unknown = w.rows(0, &format!("/summary/{name}/unknown"));
    for (place, (call, row)) in unknown.iter().enumerate() {
        w.say(if place == 0 { "; not known of " } else { ", " })
            .figure(*call, row, As::Name);
    }
    w.say(".");
}
