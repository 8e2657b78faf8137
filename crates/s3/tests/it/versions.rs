//! Versions, delete markers and incomplete uploads.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use proptest::prelude::*;
use spacewatch_demo::{DemoStore, Effect, Fault};
use spacewatch_model::Prefix;
use spacewatch_s3::{KeyRange, ObjectVersion, Progress, Scanned, Store};

use crate::stage::{Stage, bucket, hostile_keys, small_pages};

pub(crate) async fn versions(store: &Store, name: &str, parts: Vec<KeyRange>) -> Vec<Scanned<ObjectVersion>> {
    let pages = store.scan_versions(bucket(name), Prefix::default(), parts, Progress::default());
    pages.try_collect().await.expect("a listing")
}

/// How many versions and markers each key has, and how many of them are the latest.
pub(crate) fn counted<'a>(
    entries: impl Iterator<Item = &'a ObjectVersion>,
) -> BTreeMap<String, (usize, usize, usize)> {
    let mut counts = BTreeMap::<String, (usize, usize, usize)>::new();
    for entry in entries {
        let count = counts.entry(entry.key.as_str().to_owned()).or_default();
        if entry.is_delete_marker {
            count.1 += 1;
        } else {
            count.0 += 1;
        }
        count.2 += usize::from(entry.is_latest);
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_keys_with_many_versions_are_exact() {
    for page_size in [1, 2, 7, 1000] {
        let stage = Stage::of(
            DemoStore::empty().with_versioned_bucket("versioned"),
            small_pages(page_size),
        )
        .await;
        let handle = stage.running.handle();
        let mut expected = BTreeMap::new();
        for (number, key) in hostile_keys().into_iter().enumerate() {
            let (written, deleted) = (1 + number % 4, number % 3);
            for size in 0..written {
                handle.put_sparse("versioned", &key, size as u64, "text/plain");
            }
            for _ in 0..deleted {
                handle.delete("versioned", &key);
            }
            expected.insert(key, (written, deleted, 1));
        }
        let pages = versions(&stage.store(), "versioned", vec![KeyRange::whole()]).await;
        let found = counted(pages.iter().flat_map(|page| &page.entries));
        assert_eq!(found, expected, "pages of {page_size}");
        stage.running.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_and_their_parts_are_told() {
    let stage = Stage::of(DemoStore::empty().with_bucket("uploads"), small_pages(1000)).await;
    let handle = stage.running.handle();
    for (number, key) in hostile_keys().iter().enumerate() {
        for twice in 0..2 {
            let sizes: Vec<u64> = (0..number + twice).map(|part| part as u64 + 1).collect();
            handle.begin_upload("uploads", key, 1_700_000_000, &sizes);
        }
    }
    handle.begin_upload("uploads", "zz-many", 1_700_000_000, &vec![5; 2500]);
    let (store, progress) = (stage.store(), Progress::default());
    let name = bucket("uploads");
    let page = store
        .list_uploads(&name, &Prefix::default(), None, &progress)
        .await;
    let page = page.expect("a page");
    assert!(page.next.is_none());
    let mut expected: Vec<String> = hostile_keys()
        .into_iter()
        .flat_map(|key| [key.clone(), key])
        .collect();
    expected.push("zz-many".to_owned());
    expected.sort();
    let keys: Vec<&str> = page.uploads.iter().map(|upload| upload.key.as_str()).collect();
    assert_eq!(keys, expected);
    let many = page
        .uploads
        .iter()
        .find(|upload| upload.key.as_str() == "zz-many")
        .expect("an upload");
    let parts = store
        .uploaded_parts(&name, &many.key, &many.id, &progress)
        .await
        .expect("parts");
    assert_eq!((parts.parts, parts.bytes.0), (2500, 12_500));
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_knows_no_versions_is_no_empty_bucket() {
    let stage = Stage::of(DemoStore::empty().with_keys("versioned", ["a"]), small_pages(10)).await;
    stage.running.faults().add(Fault::new(Effect::GarbageXml));
    let pages = stage.store().scan_versions(
        bucket("versioned"),
        Prefix::default(),
        vec![KeyRange::whole()],
        Progress::default(),
    );
    assert!(pages.try_collect::<Vec<_>>().await.is_err());
    stage.running.shutdown().await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A scan that stops after some pages and goes on with what they don't cover sees each version once.
    #[test]
    fn what_is_covered_needs_no_second_look(
        keys in proptest::collection::btree_map("[ab/]{1,5}", 1_usize..5, 1..60),
        page_size in 1_usize..9,
        stop_after in 0_usize..12,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let stage = Stage::of(DemoStore::empty().with_versioned_bucket("versioned"), small_pages(page_size)).await;
            let handle = stage.running.handle();
            for (key, times) in &keys {
                for _ in 0..*times {
                    handle.put_sparse("versioned", key, 1, "text/plain");
                }
            }
            let store = stage.store();
            let mut pages: Vec<_> = {
                let begun = store.scan_versions(bucket("versioned"), Prefix::default(), vec![KeyRange::whole()], Progress::default());
                let mut begun = std::pin::pin!(begun);
                let mut pages = Vec::new();
                while pages.len() < stop_after && let Some(page) = begun.try_next().await.expect("a page") {
                    pages.push(page);
                }
                pages
            };
            let covered = pages.iter().flat_map(|page| page.covered.clone()).collect();
            pages.extend(versions(&store, "versioned", gaps(covered)).await);
            let found = counted(pages.iter().flat_map(|page| &page.entries));
            let expected: BTreeMap<_, _> = keys.into_iter().map(|(key, times)| (key, (times, 0, 1))).collect();
            assert_eq!(found, expected);
            let covered = pages.iter().flat_map(|page| page.covered.clone()).collect();
            assert_eq!(gaps(covered), Vec::new(), "everything was told about");
            stage.running.shutdown().await;
        });
    }
}

/// What disjoint ranges leave out.
fn gaps(mut covered: Vec<KeyRange>) -> Vec<KeyRange> {
    covered.sort();
    let mut gaps = Vec::new();
    let mut at = Some(String::new());
    for range in covered {
        let from = at.expect("nothing lies behind the end");
        assert!(range.after >= from, "two pages told about the same keys");
        if range.after > from {
            gaps.push(KeyRange {
                after: from,
                until: Some(range.after),
            });
        }
        at = range.until;
    }
    gaps.extend(at.map(|after| KeyRange { after, until: None }));
    gaps
}
