//! Every figure equals what counting by hand gives.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect;
use futures::TryStreamExt;
use proptest::prelude::*;
use spacewatch_demo::DemoStore;
use spacewatch_inventory::{ExportFormat, Inventory, OddFilter, Totals, TreeNode, UploadOrder};
use spacewatch_model::ByteSize;

use crate::stage::{Stage, everything, kept, scan};

/// What happens to a key: sizes written (the same size again and again makes duplicates), then whether it is deleted.
#[derive(Debug, Clone)]
struct Life {
    sizes: Vec<u64>,
    deleted: bool,
}

/// An entry as the store must have it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Truth {
    key: String,
    kind: &'static str,
    size: u64,
}

fn lives() -> impl Strategy<Value = BTreeMap<String, Life>> {
    let life = (proptest::collection::vec(0_u64..4, 1..4), any::<bool>());
    let life = life.prop_map(|(sizes, deleted)| Life {
        sizes: sizes.into_iter().map(|size| size * 100_000).collect(),
        deleted,
    });
    proptest::collection::btree_map("[ab/. %]{1,6}(\\.(txt|JPG))?", life, 0..60)
}

fn truth(lives: &BTreeMap<String, Life>, uploads: &[(String, Vec<u64>)], versioned: bool) -> Vec<Truth> {
    let mut all = Vec::new();
    for (key, life) in lives {
        let entry = |kind, size| Truth {
            key: key.clone(),
            kind,
            size,
        };
        let last = life.sizes.len() - 1;
        for (number, size) in life.sizes.iter().enumerate() {
            let current = number == last && !life.deleted;
            match (current, versioned) {
                (true, _) => all.push(entry("current", *size)),
                (false, true) => all.push(entry("noncurrent", *size)),
                (false, false) => {}
            }
        }
        if life.deleted && versioned {
            all.push(entry("delete_marker", 0));
        }
    }
    all.extend(uploads.iter().map(|(key, parts)| Truth {
        key: key.clone(),
        kind: "upload",
        size: parts.iter().sum(),
    }));
    all
}

fn totals<'a>(all: impl Iterator<Item = &'a Truth>) -> Totals {
    let mut totals = Totals::default();
    for truth in all {
        let (count, bytes) = match truth.kind {
            "current" => (&mut totals.objects, &mut totals.bytes),
            "noncurrent" => (&mut totals.noncurrent_versions, &mut totals.noncurrent_bytes),
            "delete_marker" => {
                totals.delete_markers += 1;
                continue;
            }
            _ => (&mut totals.incomplete_uploads, &mut totals.incomplete_bytes),
        };
        *count += 1;
        *bytes += ByteSize(truth.size);
    }
    totals
}

async fn build(lives: &BTreeMap<String, Life>, uploads: &[(String, Vec<u64>)], versioned: bool) -> Stage {
    let store = DemoStore::empty();
    let store = if versioned {
        store.with_versioned_bucket("bucket")
    } else {
        store.with_bucket("bucket")
    };
    let stage = Stage::of(store).await;
    let handle = stage.running.handle();
    for (key, life) in lives {
        for size in &life.sizes {
            assert!(handle.put_sparse("bucket", key, *size, "text/plain"));
        }
        if life.deleted {
            handle.delete("bucket", key);
        }
    }
    for (key, parts) in uploads {
        handle.begin_upload("bucket", key, 1_700_000_000, parts);
    }
    stage
}

/// The tree says of each of its folders what lies below it, and together with what is summed up it is complete.
fn check_tree(node: &TreeNode, all: &[Truth], depth: usize) {
    let below = || all.iter().filter(|truth| truth.key.starts_with(&node.prefix));
    assert_eq!(node.totals, totals(below()), "below {:?}", node.prefix);
    assert_eq!(node.stored_bytes, node.totals.stored_bytes());
    if depth == 0 {
        assert!(node.children.is_empty() && node.other.is_none());
        return;
    }
    let names: BTreeSet<&str> = below()
        .filter_map(|truth| {
            let rest = &truth.key[node.prefix.len()..];
            rest.find('/').map(|at| &truth.key[..node.prefix.len() + at + 1])
        })
        .collect();
    assert_eq!(node.folders, names.len() as u64, "folders in {:?}", node.prefix);
    let mut sum = node.direct.unwrap_or_default();
    let add = |sum: &mut Totals, more: &Totals| {
        sum.objects += more.objects;
        sum.bytes += more.bytes;
        sum.noncurrent_versions += more.noncurrent_versions;
        sum.noncurrent_bytes += more.noncurrent_bytes;
        sum.delete_markers += more.delete_markers;
        sum.incomplete_uploads += more.incomplete_uploads;
        sum.incomplete_bytes += more.incomplete_bytes;
    };
    for child in &node.children {
        assert!(names.contains(child.prefix.as_str()));
        check_tree(child, all, depth - 1);
        add(&mut sum, &child.totals);
    }
    let shown = node.children.iter().map(|child| child.stored_bytes);
    assert!(shown.is_sorted_by(|a, b| a >= b));
    if let Some(other) = &node.other {
        add(&mut sum, &other.totals);
    }
    assert_eq!(sum, node.totals, "the parts of {:?}", node.prefix);
}

async fn check_all(inventory: &Inventory, all: &[Truth], prefix: &str) {
    let kept = kept(inventory, prefix).await;
    let below: Vec<&Truth> = all.iter().filter(|truth| truth.key.starts_with(prefix)).collect();
    let summary = kept.summary(5).await.expect("a summary");
    let expected = totals(below.iter().copied());
    assert_eq!(summary.totals, expected);
    for classes in [
        &summary.by_age,
        &summary.by_size,
        &summary.by_extension,
        &summary.by_storage_class,
    ] {
        let bytes: u64 = classes.iter().map(|class| class.totals.stored_bytes().0).sum();
        assert_eq!(bytes, expected.stored_bytes().0, "{classes:?}");
    }
    let current: Vec<&Truth> = below
        .iter()
        .copied()
        .filter(|truth| truth.kind == "current")
        .collect();
    assert_eq!(
        summary.zero_byte_objects,
        current.iter().filter(|truth| truth.size == 0).count() as u64
    );
    let mut largest: Vec<_> = current
        .iter()
        .map(|truth| (u64::MAX - truth.size, truth.key.clone()))
        .collect();
    largest.sort();
    let shown: Vec<_> = summary
        .largest
        .iter()
        .map(|object| (u64::MAX - object.size_bytes.0, object.key.clone()))
        .collect();
    assert_eq!(shown, largest[..largest.len().min(5)]);
    for (depth, children) in [(1, 3), (3, 2), (2, 100)] {
        let tree = kept.tree(depth, children).await.expect("a tree");
        check_tree(&tree, all, depth);
    }
    check_prefixes(&kept, &below, prefix).await;
    check_duplicates(&kept, &current).await;
    let uploads = kept.uploads(UploadOrder::Bytes, 2).await.expect("uploads");
    assert_eq!(
        (uploads.upload_count, uploads.total_bytes),
        (expected.incomplete_uploads, expected.incomplete_bytes)
    );
    let odd = kept.odd(OddFilter::TrailingSlash, 1000).await.expect("odd names");
    let slashes = current.iter().filter(|truth| truth.key.ends_with('/')).count();
    assert_eq!(odd.object_count, slashes as u64);
    let lines = text(&kept, ExportFormat::Jsonl).await;
    assert_eq!(lines.lines().count(), below.len());
}

async fn check_prefixes(kept: &spacewatch_inventory::KeptInventory, below: &[&Truth], prefix: &str) {
    for depth in 0..3 {
        let mut expected = BTreeMap::<String, Vec<&Truth>>::new();
        for truth in below {
            let rest = &truth.key[prefix.len()..];
            let end = rest
                .match_indices('/')
                .take(depth)
                .last()
                .map_or(0, |(at, _)| at + 1);
            expected
                .entry(truth.key[..prefix.len() + end].to_owned())
                .or_default()
                .push(truth);
        }
        let list = kept.prefixes(depth, 1000).await.expect("prefixes");
        let found: BTreeMap<_, _> = list
            .prefixes
            .iter()
            .map(|row| (row.prefix.clone(), row.totals))
            .collect();
        let expected: BTreeMap<_, _> = expected
            .into_iter()
            .map(|(prefix, all)| (prefix, totals(all.into_iter())))
            .collect();
        assert_eq!(found, expected, "depth {depth}");
        assert_eq!(list.totals, totals(below.iter().copied()));
        let cut = kept.prefixes(depth, 1).await.expect("prefixes");
        assert_eq!(cut.prefix_count, list.prefix_count);
        assert_eq!(
            cut.prefixes.len() as u64 + cut.other.map_or(0, |other| other.folders),
            cut.prefix_count
        );
    }
}

/// In the demo store, tags follow from bucket, key and size: equal ones are only those that were written so.
async fn check_duplicates(kept: &spacewatch_inventory::KeptInventory, current: &[&Truth]) {
    let csv = text(kept, ExportFormat::Csv).await;
    assert_eq!(csv.lines().next().expect("a head").split(',').count(), 10);
    let mut groups = BTreeMap::<(String, u64), u64>::new();
    let lines = text(kept, ExportFormat::Jsonl).await;
    for line in lines.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("JSON");
        if row["kind"] == "current" && row["size"].as_u64() > Some(0) {
            let name = (
                row["etag"].as_str().expect("a tag").to_owned(),
                row["size"].as_u64().expect("a size"),
            );
            *groups.entry(name).or_default() += 1;
        }
    }
    groups.retain(|_, copies| *copies > 1);
    let list = kept.duplicates(1000).await.expect("duplicates");
    let found: BTreeMap<_, _> = list
        .groups
        .iter()
        .map(|group| ((group.etag.clone(), group.size_bytes.0), group.copies))
        .collect();
    assert_eq!(found, groups);
    let wasted: u64 = groups.iter().map(|((_, size), copies)| size * (copies - 1)).sum();
    assert_eq!(list.wasted_bytes.0, wasted);
    assert!(list.extra_copies <= current.len() as u64);
}

async fn text(kept: &spacewatch_inventory::KeptInventory, format: ExportFormat) -> String {
    let chunks: Vec<bytes::Bytes> = kept.export(format).try_collect().await.expect("an export");
    String::from_utf8(chunks.concat()).expect("text")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn figures_equal_brute_force(
        lives in lives(),
        uploads in proptest::collection::vec(("[ab/]{1,4}", proptest::collection::vec(1_u64..9, 0..4)), 0..12),
        versioned: bool,
        prefix in "[ab/]{0,2}",
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let stage = build(&lives, &uploads, versioned).await;
            let all = truth(&lives, &uploads, versioned);
            let inventory = stage.inventory("bucket");
            let status = scan(&inventory).await;
            assert_eq!(status.entries, all.len() as u64);
            check_all(&inventory, &all, "").await;
            check_all(&inventory, &all, &prefix).await;
            stage.running.shutdown().await;
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_bytes_are_found_however_little_memory_there_is() {
    let mut store = DemoStore::empty().with_bucket("bucket");
    for number in 0..300 {
        let body = format!("content {}", number % 70);
        store = store.with_object("bucket", &format!("{number:04}"), body.as_str());
    }
    let stage = Stage::of(store).await;
    let inventory = stage.inventory("bucket");
    scan(&inventory).await;
    let list = kept(&inventory, "")
        .await
        .duplicates(3)
        .await
        .expect("duplicates");
    expect!["70 groups, 230 extra, 2.21 KiB wasted"].assert_eq(&format!(
        "{} groups, {} extra, {} wasted",
        list.group_count, list.extra_copies, list.wasted_bytes
    ));
    let first = &list.groups[0];
    expect!["5 copies of 10 B: 0010 0080 0150 0220 0290"].assert_eq(&format!(
        "{} copies of {}: {}",
        first.copies,
        first.size_bytes,
        first.keys.join(" ")
    ));
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parquet_export_is_a_parquet_file() {
    let stage = Stage::of(DemoStore::empty().with_keys("bucket", (0..100).map(|n| format!("{n}")))).await;
    let inventory = stage.inventory("bucket");
    scan(&inventory).await;
    let kept = kept(&inventory, "1").await;
    let chunks: Vec<bytes::Bytes> = kept
        .export(ExportFormat::Parquet)
        .try_collect()
        .await
        .expect("an export");
    let file: bytes::Bytes = chunks.concat().into();
    let reader =
        parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).expect("a file");
    assert_eq!(reader.metadata().file_metadata().num_rows(), 11);
    let _ = everything();
    stage.running.shutdown().await;
}
