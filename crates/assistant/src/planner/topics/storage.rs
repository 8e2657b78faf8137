//! What is there now.

use serde_json::{Value, json};
use spacewatch_model::ByteSize;

use super::super::topic::{Next, Scene, Topic, call, in_bucket, once};
use super::super::write::{As, Column, Place, Writer};

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "largest",
        ways: &[
            "large object +most +@bucket +list +@type +@size -prefix -bucket -age -type -egress -small -grow -average",
            "large object @size -small",
            "large most +object -bucket -prefix -type",
            "most store object -prefix -type -egress",
        ],
        example: "Which objects are the largest?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("top-largest", |bucket| objects(scene, bucket))
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
            "last object +upload +@bucket +list -delete -who -ip -requester",
            "last upload +@bucket +list -who -ip -requester",
            "upload @period +object +list -who -ip",
            "first_time object -requester",
        ],
        example: "Which objects were added last?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("recent-objects", |bucket| objects(scene, bucket))
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
            "many large object +@bucket +@prefix -most -@size",
            "many object +@bucket +bucket +@prefix -delete -upload -read",
            "store +many +bucket +@bucket +large -egress",
            "hog +store +bucket +large -prefix -type -egress",
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

/// So many objects of each bucket are looked at where only some of them are asked for: the tools give no more.
const LOOKED_AT: usize = 50;

fn objects(scene: &Scene<'_>, bucket: &str) -> Value {
    let picked = scene.subject.extension.is_some() || scene.subject.size.is_some();
    let limit = if picked {
        LOOKED_AT
    } else {
        scene.subject.rows.unwrap_or(10)
    };
    json!({ "bucket": bucket, "prefix": scene.subject.prefix, "limit": limit })
}

/// Newest first.
fn newest(w: &Writer<'_>) -> Vec<Place> {
    let calls = w.each().into_iter();
    let mut rows: Vec<Place> = calls.flat_map(|(call, _)| w.rows(call, "/objects")).collect();
    let when = |(call, row): &Place| {
        let modified = w
            .call(*call)
            .and_then(|told| told.text(&format!("{row}/last_modified")));
        modified.unwrap_or_default().to_owned()
    };
    rows.sort_by_key(|place| std::cmp::Reverse(when(place)));
    rows
}

/// Leaves those that are asked for, and tells which these are.
fn pick(scene: &Scene<'_>, w: &mut Writer<'_>, rows: &mut Vec<Place>) {
    let least = scene
        .size()
        .and_then(|size| Some((size.parse::<ByteSize>().ok()?, size)));
    if let Some(extension) = &scene.subject.extension {
        let suffix = format!(".{extension}");
        w.keep_ending(rows, "/key", &suffix);
        w.say(" ").name(&suffix);
    }
    w.say(" objects");
    if let Some((ByteSize(least), written)) = &least {
        let size = |(call, row): &Place| w.call(*call)?.value(&format!("{row}/size_bytes"))?.as_u64();
        rows.retain(|place| size(place).is_some_and(|size| size >= *least));
        w.say(" of at least ").say(written);
    }
    if scene.subject.extension.is_some() || least.is_some() {
        w.say(" among the first of each bucket (up to ")
            .figure(0, "/limit", As::Count)
            .say(")");
    }
    w.say(":");
}

fn write_objects(scene: &Scene<'_>, w: &mut Writer<'_>, which: &str, by_size: bool) {
    let mut rows = if by_size {
        w.ranked("/objects", "/size_bytes")
    } else {
        newest(w)
    };
    w.say(which);
    pick(scene, w, &mut rows);
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
