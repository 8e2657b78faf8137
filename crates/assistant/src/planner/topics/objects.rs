//! What lies in buckets, from their kept inventories.

use super::super::topic::{Next, Scene, Topic, call, in_bucket, once};
use super::super::write::{As, Column, Place, Writer};

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "noncurrent",
        ways: &["noncurrent +many +store +large +cost"],
        example: "How much is held by noncurrent versions?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("inventory", |bucket| in_bucket(scene, bucket))
            })
        },
        write: write_noncurrent,
        then: &[
            "How much is held by incomplete uploads?",
            "Which buckets have no lifecycle rule?",
        ],
        why: None,
        who: None,
    },
    Topic {
        name: "uploads",
        ways: &[
            "incomplete +many +upload +when +store +lifecycle +cost +old",
            "upload old +incomplete +not_found",
        ],
        example: "How much is held by incomplete uploads, and when do they expire?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("inventory-uploads", |bucket| in_bucket(scene, bucket))
            })
        },
        write: write_uploads,
        then: &[
            "Which buckets have no abort rule?",
            "How much is held by noncurrent versions?",
        ],
        why: None,
        who: None,
    },
    Topic {
        name: "types",
        ways: &[
            "type +object +store +most +many +large -incomplete",
            "@type many|store|large -egress -delete",
            "distribution type",
        ],
        example: "Which file types hold most bytes?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("inventory", |bucket| in_bucket(scene, bucket))
            })
        },
        write: write_types,
        then: &["Size and age distribution?", "Which objects are the largest?"],
        why: None,
        who: None,
    },
    Topic {
        name: "distribution",
        ways: &[
            "distribution +large +age +object +bucket",
            "age +object +large +distribution +many",
            "large age",
            "average large +object",
        ],
        example: "What is the size and age distribution?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("inventory", |bucket| in_bucket(scene, bucket))
            })
        },
        write: write_distribution,
        then: &[
            "Which file types hold most bytes?",
            "How many bytes were not read for 90 days?",
        ],
        why: None,
        who: None,
    },
    Topic {
        name: "odd",
        ways: &[
            "empty +object +odd +duplicate",
            "odd +object +empty +duplicate",
            "duplicate +object +empty +odd",
        ],
        example: "Are there zero-byte, oddly named or duplicate objects?",
        next: |scene, said| {
            once(said, || {
                let (odd, duplicate) = (scene.means(&["odd", "empty"]), scene.means(&["duplicate"]));
                let tools: Vec<&str> = [
                    ("inventory-odd", odd || !duplicate),
                    ("inventory-duplicates", duplicate || !odd),
                ]
                .into_iter()
                .filter(|(_, asked)| *asked)
                .map(|(tool, _)| tool)
                .collect();
                let calls = scene
                    .each()
                    .into_iter()
                    .flat_map(|bucket| tools.iter().map(move |tool| call(tool, in_bucket(scene, bucket))));
                Next::Calls(calls.collect())
            })
        },
        write: write_odd,
        then: &[
            "Which objects are the largest?",
            "How many bytes were not read for 90 days?",
        ],
        why: None,
        who: None,
    },
];

/// The places of each bucket's result, those with most of something first.
pub(super) fn by_bucket(w: &Writer<'_>, path: &str) -> Vec<Place> {
    let mut rows = w.each();
    let value = |(call, _): &Place| w.call(*call).and_then(|told| told.number(path)).unwrap_or(0.0);
    rows.sort_by(|a, b| value(b).total_cmp(&value(a)));
    rows
}

fn write_noncurrent(_: &Scene<'_>, w: &mut Writer<'_>) {
    let rows = by_bucket(w, "/totals/noncurrent_bytes");
    if rows.len() > 1 {
        w.say("In all ")
            .sum("/totals/noncurrent_bytes", As::Bytes)
            .say(" are held by noncurrent versions. ");
    }
    for (call, _) in rows.first().into_iter() {
        w.say("Noncurrent versions hold **")
            .figure(*call, "/totals/noncurrent_bytes", As::Bytes)
            .say("** in ")
            .bucket(*call);
        w.say(" (")
            .figure(*call, "/totals/noncurrent_versions", As::Count)
            .say(" versions, ")
            .figure(*call, "/totals/delete_markers", As::Count)
            .say(" delete markers)");
        w.say(if rows.len() > 1 {
            ", the most of all buckets that have an inventory."
        } else {
            "."
        });
        if w.call(*call).and_then(|told| told.text("/versions")) == Some("never_kept") {
            w.say(" The bucket never kept versions.");
        }
    }
    if rows.len() > 1 {
        let columns = [
            Column("bucket", "/bucket", As::Name),
            Column("noncurrent", "/totals/noncurrent_bytes", As::Bytes),
            Column("versions", "/totals/noncurrent_versions", As::Count),
            Column("delete markers", "/totals/delete_markers", As::Count),
            Column("current", "/totals/bytes", As::Bytes),
        ];
        w.table(&rows, &columns);
    }
}

fn write_uploads(_: &Scene<'_>, w: &mut Writer<'_>) {
    let buckets = by_bucket(w, "/total_bytes");
    if buckets.len() > 1 {
        w.say("In all ")
            .sum("/total_bytes", As::Bytes)
            .say(" are held by ")
            .sum("/upload_count", As::Count)
            .say(" incomplete uploads.");
    }
    for (call, _) in buckets.iter() {
        w.say("\n\n")
            .bucket(*call)
            .say(": **")
            .figure(*call, "/total_bytes", As::Bytes)
            .say("** in ")
            .figure(*call, "/upload_count", As::Count)
            .say(" incomplete uploads");
        if w.call(*call)
            .and_then(|told| told.number("/without_rule"))
            .unwrap_or(0.0)
            > 0.0
        {
            w.say("; ")
                .figure(*call, "/without_rule", As::Count)
                .say(" of them (")
                .figure(*call, "/without_rule_bytes", As::Bytes)
                .say(") are ended by no rule: they **never expire** by themselves");
        }
        w.say(".");
    }
    let uploads = w.ranked("/uploads", "/size_bytes");
    let columns = [
        Column("bucket", "", As::Bucket),
        Column("upload", "/key", As::Name),
        Column("bytes", "/size_bytes", As::Bytes),
        Column("parts", "/parts", As::Count),
        Column("begun", "/initiated", As::Time),
        Column("expires", "/dropped_at", As::Time),
        Column("days left", "/days_left", As::Count),
    ];
    w.table(&uploads, &columns);
}

/// Rows of a list that count something.
fn held(w: &Writer<'_>, call: usize, path: &str) -> Vec<Place> {
    let mut rows = w.rows(call, path);
    rows.retain(|(call, row)| {
        w.call(*call)
            .and_then(|told| told.number(&format!("{row}/objects")))
            .unwrap_or(0.0)
            > 0.0
    });
    rows
}

const CLASSES: [Column; 3] = [
    Column("", "/class", As::Name),
    Column("objects", "/objects", As::Count),
    Column("bytes", "/bytes", As::Bytes),
];

fn write_types(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let mut rows = w.ranked("/by_extension", "/bytes");
    rows.retain(|(call, row)| {
        w.call(*call)
            .and_then(|told| told.number(&format!("{row}/objects")))
            .unwrap_or(0.0)
            > 0.0
    });
    if let Some(extension) = &scene.subject.extension {
        rows.retain(|(call, row)| {
            w.call(*call).and_then(|told| told.text(&format!("{row}/class"))) == Some(extension)
        });
    }
    let Some((call, row)) = rows.first().cloned() else {
        w.say("No objects of that type are known.");
        return;
    };
    w.figure(call, &format!("{row}/class"), As::Name)
        .say(" files in ")
        .bucket(call)
        .say(" hold **")
        .figure(call, &format!("{row}/bytes"), As::Bytes);
    w.say("** in ")
        .figure(call, &format!("{row}/objects"), As::Count)
        .say(" objects");
    w.say(if scene.subject.extension.is_none() {
        ", the most."
    } else {
        "."
    });
    for (call, _) in w.each() {
        let mut rows = held(w, call, "/by_extension");
        if let Some(extension) = &scene.subject.extension {
            rows.retain(|(call, row)| {
                w.call(*call).and_then(|told| told.text(&format!("{row}/class"))) == Some(extension)
            });
        }
        if !rows.is_empty() {
            w.say("\n\n").bucket(call).say(":").table(&rows, &CLASSES);
        }
    }
}

fn write_distribution(_: &Scene<'_>, w: &mut Writer<'_>) {
    for (call, _) in w.each() {
        w.say("\n\n")
            .bucket(call)
            .say(" holds **")
            .figure(call, "/totals/objects", As::Count)
            .say("** objects, ")
            .figure(call, "/totals/bytes", As::Bytes)
            .say(".\n\nBy size:");
        let sizes = held(w, call, "/by_size");
        w.table(&sizes, &CLASSES).say("By age:");
        let ages = held(w, call, "/by_age");
        w.table(&ages, &CLASSES);
    }
}

fn write_odd(_: &Scene<'_>, w: &mut Writer<'_>) {
    for (call, _) in w.each() {
        if w.call(call).is_some_and(|told| told.call.tool == "inventory-odd") {
            w.say("\n\n")
                .bucket(call)
                .say(": **")
                .figure(call, "/zero_byte_objects", As::Count)
                .say("** empty objects, **")
                .figure(call, "/object_count", As::Count)
                .say("** objects that are odd.");
            let rows = w.rows(call, "/objects");
            w.table(
                &rows,
                &[
                    Column("object", "/key", As::Name),
                    Column("bytes", "/size_bytes", As::Bytes),
                    Column("why", "/oddities/0", As::Name),
                    Column("modified", "/last_modified", As::Time),
                ],
            );
        } else {
            w.say("\n\n")
                .bucket(call)
                .say(": **")
                .figure(call, "/group_count", As::Count)
                .say("** groups of likely duplicates, ")
                .figure(call, "/extra_copies", As::Count)
                .say(" copies too many, ");
            w.figure(call, "/wasted_bytes", As::Bytes).say(" wasted.");
            let rows = w.rows(call, "/groups");
            w.table(
                &rows,
                &[
                    Column("copies", "/copies", As::Count),
                    Column("each", "/size_bytes", As::Bytes),
                    Column("wasted", "/wasted_bytes", As::Bytes),
                    Column("one", "/keys/0", As::Name),
                    Column("another", "/keys/1", As::Name),
                ],
            );
        }
    }
}
