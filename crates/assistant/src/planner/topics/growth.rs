//! How it grows, and when it is full.

use serde_json::json;

use super::super::topic::{Next, Scene, Topic, call, once};
use super::super::write::{As, Column, Place, Writer};

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "reach",
        ways: &[
            "reach @size +when +@bucket +grow -egress",
            "when @size +grow +@bucket -egress",
            "when reach +store +bucket +future -egress -allowance -delete",
            "future large|store|grow +@bucket +when -cost",
        ],
        example: "When does prod-uploads reach 1 TB, with what interval?",
        next: |scene, said| {
            once(said, || {
                let reach = scene.size().map(|size| size.replace(' ', ""));
                let days = scene.when.days.filter(|_| scene.means(&["future"]));
                Next::Calls(vec![call(
                    "growth",
                    json!({ "bucket": scene.subject.bucket, "reach": reach, "days": days.unwrap_or(if reach.is_some() { 365 } else { 30 }) }),
                )])
            })
        },
        write: write_reach,
        then: &[
            "Which prefix explains the growth?",
            "How many bytes were not read for 90 days?",
        ],
        why: Some("growth-why"),
        who: Some("growth-why"),
    },
    Topic {
        name: "growth-why",
        ways: &[
            "grow explain|prefix +@bucket +most",
            "grow who|client|requester +most",
            "diff +@bucket +@period",
        ],
        example: "Which prefix explains the growth?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("growth", |bucket| json!({ "bucket": bucket, "depth": 1 }))
            })
        },
        write: write_why,
        then: &["When does it reach 1 TB?", "Which IP made the last upload?"],
        why: Some("growth-why"),
        who: Some("growth-why"),
    },
    Topic {
        name: "diff",
        ways: &["diff @bucket +@period", "diff bucket +@period -traffic -error"],
        example: "What changed in prod-uploads?",
        next: |scene, said| {
            once(said, || {
                let ask = |bucket: &str| {
                    scene.if_during(json!({ "bucket": bucket, "prefix": scene.subject.prefix, "limit": 10 }))
                };
                scene.each_call("diff", ask)
            })
        },
        write: write_diff,
        then: &[
            "Which prefix explains the growth?",
            "What was deleted in the last 24 hours?",
        ],
        why: Some("growth-why"),
        who: Some("who-deleted"),
    },
    Topic {
        name: "growth",
        ways: &["grow +many +bucket +@bucket +@period +most -server_error"],
        example: "How much did each bucket grow in 7 and 30 days?",
        next: |scene, said| {
            once(said, || {
                Next::Calls(vec![call("growth", json!({ "bucket": scene.subject.bucket }))])
            })
        },
        write: write_growth,
        then: &["Which prefix explains it?", "When does it reach 1 TB?"],
        why: Some("growth-why"),
        who: Some("growth-why"),
    },
];

/// The interval of a day on which something is reached.
pub(super) fn interval(w: &mut Writer<'_>, call: usize, place: &str) {
    let has = |name: &str| {
        w.call(call)
            .is_some_and(|told| told.value(&format!("{place}/{name}")).is_some())
    };
    let (earliest, latest) = (has("earliest"), has("latest"));
    if !earliest {
        return;
    }
    w.say(" With ")
        .figure(call, "/forecast/confidence_percent", As::Count)
        .say(" % confidence it is between ")
        .figure(call, &format!("{place}/earliest"), As::Day)
        .say(" and ");
    if latest {
        w.figure(call, &format!("{place}/latest"), As::Day);
    } else {
        w.say("some day after ")
            .figure(call, &format!("{place}/looked_until"), As::Day);
    }
    w.say(".");
}

/// The size as it was asked about, and in the units that sizes are shown in.
fn size(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let written = scene.size().unwrap_or_default();
    w.say(" ")
        .say(&written)
        .say(" (")
        .figure(0, "/reaches/value", As::Bytes)
        .say(")");
}

fn subject<'s>(scene: &'s Scene<'_>) -> &'s str {
    scene.subject.bucket.as_deref().unwrap_or("all buckets together")
}

fn now(w: &Writer<'_>) -> Option<Place> {
    w.rows(0, "/buckets").into_iter().next()
}

fn write_reach(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let Some(growth) = w.call(0).filter(|growth| growth.value("/reaches").is_some()) else {
        return write_forecast(scene, w);
    };
    w.name(subject(scene));
    let outcome = growth.text("/reaches/outcome");
    w.say(match outcome {
        Some("reached") => " already holds",
        Some("expected") => " will likely reach",
        Some("possible") => " may reach",
        _ => " will likely not reach",
    });
    size(scene, w);
    match outcome {
        Some("reached") => {
            w.say(" or more");
            if growth.text("/reaches/since").is_some() {
                w.say(", since **").figure(0, "/reaches/since", As::Day).say("**");
            }
            w.say(".")
        }
        Some("expected") => w.say(" on **").figure(0, "/reaches/likely", As::Day).say("**."),
        Some("possible") => {
            w.say(", at the earliest on **")
                .figure(0, "/reaches/earliest", As::Day);
            w.say("**, but likely not before ")
                .figure(0, "/reaches/looked_until", As::Day)
                .say(".")
        }
        _ => w
            .say(" before **")
            .figure(0, "/reaches/looked_until", As::Day)
            .say("**: that is as far as its past lets me look."),
    };
    interval(w, 0, "/reaches");
    if let Some((call, row)) = now(w).filter(|_| scene.subject.bucket.is_some()) {
        w.say(" It holds ")
            .figure(call, &format!("{row}/now"), As::Bytes)
            .say(" now.");
    }
    super::people::notes(w, 0);
}

fn write_forecast(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let points = w.rows(0, "/forecast/points");
    let Some((call, last)) = points.last().cloned() else {
        w.say("Too little is known of ")
            .name(subject(scene))
            .say(" to tell how it goes on.");
        return super::people::notes(w, 0);
    };
    w.name(subject(scene))
        .say(" will likely hold **")
        .figure(call, &format!("{last}/value"), As::Bytes)
        .say("** on ")
        .figure(call, &format!("{last}/ts"), As::Day);
    w.say(", with ")
        .figure(call, "/forecast/confidence_percent", As::Count)
        .say(" % confidence between ")
        .figure(call, &format!("{last}/lower"), As::Bytes)
        .say(" and ")
        .figure(call, &format!("{last}/upper"), As::Bytes)
        .say(".");
    super::people::notes(w, 0);
}

fn write_growth(scene: &Scene<'_>, w: &mut Writer<'_>) {
    w.say("Growth of ").name(subject(scene)).say(":");
    let rows = w.rows(0, "/buckets");
    let columns = [
        Column("bucket", "/bucket", As::Name),
        Column("now", "/now", As::Bytes),
        Column("in 1 day", "/grown/0/change", As::Change),
        Column("in 7 days", "/grown/1/change", As::Change),
        Column("", "/grown/1/change_percent", As::Percent),
        Column("in 30 days", "/grown/2/change", As::Change),
        Column("", "/grown/2/change_percent", As::Percent),
    ];
    w.table(&rows, &columns);
    super::people::notes(w, 0);
}

fn write_why(_: &Scene<'_>, w: &mut Writer<'_>) {
    let rows = w.ranked("/prefixes/prefixes", "/bytes_change");
    if let Some((call, row)) = rows.first().cloned() {
        w.figure(call, &format!("{row}/prefix"), As::Name)
            .say(" in ")
            .bucket(call)
            .say(" grew most: **")
            .figure(call, &format!("{row}/bytes_change"), As::Change);
        w.say("** and ")
            .figure(call, &format!("{row}/objects_change"), As::Count)
            .say(" objects, ")
            .figure(call, &format!("{row}/share_percent"), As::Percent)
            .say(" of its bucket's change since ")
            .figure(call, "/prefixes/since", As::Day)
            .say(".");
        w.table(
            &rows,
            &[
                Column("bucket", "", As::Bucket),
                Column("prefix", "/prefix", As::Name),
                Column("bytes", "/bytes_change", As::Change),
                Column("objects", "/objects_change", As::Count),
                Column("share of its bucket", "/share_percent", As::Percent),
            ],
        );
    } else {
        w.say("No inventory tells which prefixes grew.");
    }
    for (call, _) in w.each() {
        let explained = |(call, row): &Place| {
            w.call(*call)
                .is_some_and(|told| told.len(&format!("{row}/explained_by")) > 0)
        };
        let Some((call, change)) = w.rows(call, "/changes").into_iter().find(explained) else {
            continue;
        };
        w.say("\n\n")
            .bucket(call)
            .say(" changed its way on ")
            .figure(call, &format!("{change}/at"), As::Day)
            .say(", by ")
            .figure(call, &format!("{change}/change_percent"), As::Percent)
            .say(":");
        let causes = w.rows(call, &format!("{change}/explained_by"));
        w.table(
            &causes[..causes.len().min(4)],
            &[
                Column("what", "/counted", As::Name),
                Column("by", "/dimension", As::Name),
                Column("which", "/value", As::Name),
                Column("share", "/share_percent", As::Percent),
            ],
        );
    }
}

fn write_diff(_: &Scene<'_>, w: &mut Writer<'_>) {
    for (call, _) in w.each() {
        w.say("\n\n")
            .bucket(call)
            .say(" from ")
            .figure(call, "/from/as_of", As::Time)
            .say(" to ")
            .figure(call, "/to/as_of", As::Time);
        w.say(": **")
            .figure(call, "/changes", As::Count)
            .say("** changes, ")
            .figure(call, "/bytes_delta", As::Change)
            .say(".");
        let totals = w.rows(call, "/totals");
        let columns = [
            Column("what", "/kind", As::Name),
            Column("objects", "/objects", As::Count),
            Column("bytes before", "/bytes_before", As::Bytes),
            Column("bytes after", "/bytes_after", As::Bytes),
            Column("by requests", "/by_request", As::Count),
            Column("by lifecycle rules", "/by_lifecycle", As::Count),
            Column("unexplained", "/unexplained", As::Count),
        ];
        w.table(&totals, &columns);
        let requesters = w.rows(call, "/requesters");
        w.table(
            &requesters,
            &[
                Column("requester", "/value", As::Name),
                Column("changes", "/changes", As::Count),
            ],
        );
    }
}
