//! What is there now.

use serde_json::json;

use super::super::topic::{Next, Scene, Topic, call, in_bucket, once};
use super::super::write::{As, Column, Place, Writer};

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "largest",
        ways: &[
            "large object +most +@bucket +list +@type -prefix -bucket -age -type -egress",
            "large most +object -bucket -prefix -type",
            "most store object -prefix -type -egress",
        ],
        example: "Which objects are the largest?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("top-largest", |bucket| json!({ "bucket": bucket, "prefix": scene.subject.prefix, "limit": if scene.subject.extension.is_some() { 50 } else { scene.subject.rows.unwrap_or(10) } }))
            })
        },
        write: |scene, w| write_objects(scene, w, "The largest", true),
        then: &["Which file types hold most bytes?", "Which prefix costs most?"],
        why: None,
        who: None,
    },
    Topic {
        name: "recent",
        ways: &[
            "last object +upload +@bucket +list -delete",
            "last upload +@bucket +list",
            "upload @period +object +list -who -ip",
            "first_time object -requester",
        ],
        example: "Which objects were added last?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("recent-objects", |bucket| json!({ "bucket": bucket, "prefix": scene.subject.prefix, "limit": if scene.subject.extension.is_some() { 50 } else { scene.subject.rows.unwrap_or(10) } }))
            })
        },
        write: |scene, w| write_objects(scene, w, "The newest", false),
        then: &["Which IP made the last upload?", "How much did each bucket grow?"],
        why: None,
        who: Some("last-upload"),
    },
    Topic {
        name: "prefixes",
        ways: &[
            "prefix large|store|most +@bucket +many +most -cost -egress -grow",
            "prefix list +@bucket -cost",
        ],
        example: "Which prefixes are the largest?",
        next: |scene, said| {
            once(said, || {
                scene.each_call(
                    "storage-summary",
                    |bucket| json!({ "bucket": bucket, "prefix": scene.subject.prefix, "depth": 1 }),
                )
            })
        },
        write: write_prefixes,
        then: &["Which prefix costs most?", "Which prefix explains the growth?"],
        why: None,
        who: None,
    },
    Topic {
        name: "buckets",
        ways: &[
            "bucket list +many -large -store -cost -grow -setting -without -most -traffic -error -delete -log",
        ],
        example: "Which buckets are there?",
        next: |_, said| once(said, || Next::Calls(vec![call("buckets", json!({}))])),
        write: |_, w| {
            w.say("These keys see **")
                .figure(0, "/bucket_count", As::Count)
                .say("** buckets:");
            let rows = w.rows(0, "/buckets");
            w.table(&rows, &[Column("bucket", "", As::Name)]);
        },
        then: &[
            "How much did each bucket grow in 7 and 30 days?",
            "Which buckets have no logging?",
        ],
        why: None,
        who: None,
    },
    Topic {
        name: "storage",
        ways: &[
            "large +bucket +@bucket +@prefix",
            "many object +@bucket +bucket +@prefix -delete -upload -read",
            "store +many +bucket +@bucket +large -egress",
            "@bucket many|list -traffic",
            "@prefix large|many",
        ],
        example: "How big is prod-assets?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("storage-summary", |bucket| in_bucket(scene, bucket))
            })
        },
        write: write_storage,
        then: &[
            "Which objects are the largest?",
            "How much did it grow?",
            "Which file types hold most bytes?",
        ],
        why: Some("growth-why"),
        who: None,
    },
];

fn write_objects(scene: &Scene<'_>, w: &mut Writer<'_>, which: &str, by_size: bool) {
    let mut rows: Vec<Place> = if by_size {
        w.ranked("/objects", "/size_bytes")
    } else {
        let mut rows: Vec<Place> = w
            .each()
            .into_iter()
            .flat_map(|(call, _)| w.rows(call, "/objects"))
            .collect();
        let when = |(call, row): &Place| {
            w.call(*call)
                .and_then(|told| told.text(&format!("{row}/last_modified")))
                .unwrap_or_default()
                .to_owned()
        };
        rows.sort_by_key(|place| std::cmp::Reverse(when(place)));
        rows
    };
    if let Some(extension) = &scene.subject.extension {
        let suffix = format!(".{extension}");
        w.keep_ending(&mut rows, "/key", &suffix);
        w.say(which)
            .say(" ")
            .name(&suffix)
            .say(" objects among the first of each bucket:");
    } else {
        w.say(which).say(" objects:");
    }
    if rows.is_empty() {
        w.say(" none.");
    }
    w.table(
        &rows,
        &[
            Column("bucket", "", As::Bucket),
            Column("object", "/key", As::Name),
            Column("size", "/size_bytes", As::Bytes),
            Column("modified", "/last_modified", As::Time),
        ],
    );
    let mut buckets: Vec<String> = rows.iter().map(|(call, _)| w.bucket_of(*call)).collect();
    buckets.dedup();
    if let [bucket] = buckets.as_slice() {
        w.say("In ")
            .name(bucket)
            .say(", which holds ")
            .figure(
                rows.first().map_or(0, |(call, _)| *call),
                "/count_scanned",
                As::Count,
            )
            .say(" objects.");
    }
}

fn write_prefixes(_: &Scene<'_>, w: &mut Writer<'_>) {
    let rows = w.ranked("/prefixes", "/total_size_bytes");
    w.say(if rows.is_empty() {
        "There are no prefixes."
    } else {
        "The largest prefixes:"
    });
    w.table(
        &rows,
        &[
            Column("bucket", "", As::Bucket),
            Column("prefix", "/prefix", As::Name),
            Column("bytes", "/total_size_bytes", As::Bytes),
            Column("objects", "/object_count", As::Count),
        ],
    );
}

fn write_storage(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let mut rows = w.each();
    let size = |(call, _): &Place| {
        w.call(*call)
            .and_then(|told| told.number("/total_size_bytes"))
            .unwrap_or(0.0)
    };
    rows.sort_by(|a, b| size(b).total_cmp(&size(a)));
    if let [(call, _)] = rows.as_slice() {
        w.bucket(*call);
        if let Some(prefix) = &scene.subject.prefix {
            w.say(" below ").name(prefix);
        }
        w.say(" holds **")
            .figure(*call, "/object_count", As::Count)
            .say("** objects, **")
            .figure(*call, "/total_size_bytes", As::Bytes)
            .say("**.");
        return;
    }
    w.say("The buckets hold **")
        .sum("/object_count", As::Count)
        .say("** objects, **")
        .sum("/total_size_bytes", As::Bytes)
        .say("** in all:")
        .table(
            &rows,
            &[
                Column("bucket", "/bucket", As::Name),
                Column("objects", "/object_count", As::Count),
                Column("bytes", "/total_size_bytes", As::Bytes),
            ],
        );
}
