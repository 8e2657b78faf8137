//! What is read, and what isn't.

use serde_json::{Value, json};

use super::super::topic::{Next, Scene, Topic, WEEK, call, once};
use super::super::write::{As, Column, Writer};
use super::objects::by_bucket;
use super::security::READS;

/// What counts as cold where the question says no days.
const COLD_DAYS: i64 = 90;

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "cold",
        ways: &[
            "cold +many +read +store +object +cost",
            "nobody read|download +many +store +object +@period -anonymous",
            "without read|download +many +store +@period -anonymous -who -setting -forbidden -succeed",
        ],
        example: "How many bytes were not read for 90 days?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("hot-cold", |bucket| hot_cold(scene, bucket))
            })
        },
        write: write_cold,
        then: &["Which objects are read most?", "What will this month's bill be?"],
        why: None,
        who: None,
    },
    Topic {
        name: "hot",
        ways: &[
            "hot +object +most",
            "most read object -anonymous",
            "most read @type",
        ],
        example: "Which objects are read most?",
        next: |scene, said| {
            once(said, || {
                let limit = if scene.subject.extension.is_some() {
                    1000
                } else {
                    scene.subject.rows.unwrap_or(10)
                };
                let args = json!({
                    "source_bucket": scene.source(),
                    "by": "key",
                    "operation": READS,
                    "status": "2xx",
                    "key_prefix": scene.subject.prefix,
                    "limit": limit,
                });
                Next::Calls(vec![call("top", scene.during(WEEK, args))])
            })
        },
        write: write_hot,
        then: &[
            "How many bytes were not read for 90 days?",
            "Which 10 objects caused most egress in the last 7 days?",
        ],
        why: None,
        who: None,
    },
];

fn hot_cold(scene: &Scene<'_>, bucket: &str) -> Value {
    let days = scene.when.days.filter(|days| *days > 1).unwrap_or(COLD_DAYS);
    json!({ "bucket": bucket, "prefix": scene.subject.prefix, "days": days })
}

fn write_cold(_: &Scene<'_>, w: &mut Writer<'_>) {
    let rows = by_bucket(w, "/cold/bytes");
    if rows.len() > 1 {
        w.say("In all ")
            .sum("/cold/bytes", As::Bytes)
            .say(" in ")
            .sum("/cold/objects", As::Count)
            .say(" objects were not read. ");
    }
    for (call, _) in rows.first().into_iter() {
        w.say("In ")
            .bucket(*call)
            .say(", **")
            .figure(*call, "/cold/bytes", As::Bytes)
            .say("** (")
            .figure(*call, "/cold/objects", As::Count)
            .say(" objects, ");
        w.figure(*call, "/cold_percent", As::Percent)
            .say(" of its bytes) were not read for ")
            .figure(*call, "/days", As::Count)
            .say(" days.");
        if w.call(*call).and_then(|told| told.value("/log_covers_days")) == Some(&Value::Bool(false)) {
            w.say(" The log doesn't reach back that far: it begins ")
                .figure(*call, "/window/from", As::Time)
                .say(", so this counts what was neither read nor written since then.");
        }
        w.say(" Dropping it would save ")
            .figure(*call, "/saving/dropped", As::Money)
            .say(" a month.");
    }
    let columns = [
        Column("bucket", "/bucket", As::Name),
        Column("not read", "/cold/bytes", As::Bytes),
        Column("objects", "/cold/objects", As::Count),
        Column("share", "/cold_percent", As::Percent),
        Column("too young to tell", "/young/bytes", As::Bytes),
        Column("stored", "/stored/bytes", As::Bytes),
    ];
    if rows.len() > 1 {
        w.table(&rows, &columns);
    }
    let prefixes = w.ranked("/prefixes", "/cold/bytes");
    w.say("\n\nBy prefix:").table(
        &prefixes,
        &[
            Column("bucket", "", As::Bucket),
            Column("prefix", "/prefix", As::Name),
            Column("not read", "/cold/bytes", As::Bytes),
            Column("of", "/stored/bytes", As::Bytes),
            Column("last read", "/last_read", As::Day),
        ],
    );
}

fn write_hot(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let mut rows = w.rows(0, "/rows");
    if let Some(extension) = &scene.subject.extension {
        w.keep_ending(&mut rows, "/value", &format!(".{extension}"));
    }
    w.say(if rows.is_empty() {
        "No reads are known."
    } else {
        "Read most:"
    });
    let columns = [
        Column("object", "/value", As::Name),
        Column("reads", "/requests", As::Count),
        Column("bytes sent", "/bytes_sent", As::Bytes),
        Column("last read", "/last_seen", As::Time),
    ];
    w.table(&rows, &columns);
}
