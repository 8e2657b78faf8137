//! Listings give each key once, whatever the keys.

use futures::StreamExt;
use proptest::collection::btree_set;
use proptest::prelude::*;
use spacewatch_demo::{DemoStore, Effect, Fault, Operation, SyntheticKeys};
use spacewatch_model::Prefix;
use spacewatch_s3::{Order, PageToken, Progress, Store, StoresConfig};

use tokio::task::JoinSet;

use crate::stage::{Stage, bucket, hostile_keys, keys, small_pages};

async fn both_ways_are_exact(store: &Store, name: &str, prefix: &str, expected: &[String]) {
    assert_eq!(keys(store, name, prefix, Order::ByKey).await, expected, "by key");
    assert_eq!(
        keys(store, name, prefix, Order::Any).await,
        expected,
        "in parallel"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_keys_are_exact() {
    for page_size in [1, 2, 7, 1000] {
        let store = DemoStore::empty().with_keys("hostile", hostile_keys());
        let stage = Stage::of(store, small_pages(page_size)).await;
        both_ways_are_exact(&stage.store(), "hostile", "", &hostile_keys()).await;
        stage
            .running
            .faults()
            .add(Fault::new(Effect::RawControlCharacters));
        both_ways_are_exact(&stage.store(), "hostile", "", &hostile_keys()).await;
        stage.running.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prefixes_are_kept_to() {
    let store = DemoStore::empty().with_keys("hostile", hostile_keys());
    let stage = Stage::of(store, small_pages(2)).await;
    for prefix in ["a", "a/", "/", "\u{10ffff}", "😀", "none", "a%"] {
        let expected: Vec<String> = hostile_keys()
            .into_iter()
            .filter(|key| key.starts_with(prefix))
            .collect();
        both_ways_are_exact(&stage.store(), "hostile", prefix, &expected).await;
    }
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_and_trees_take_few_requests() {
    // Folders of exactly a page are the worst case: each page looks as if its folder went on.
    for (shape, requests_per_page) in [("flat:20000", 8), ("tree:200x100", 8), ("tree:20x1000", 14)] {
        let synthetic: SyntheticKeys = shape.parse().expect("a shape");
        let stage = Stage::of(
            DemoStore::empty().with_synthetic("huge", synthetic),
            StoresConfig::default(),
        )
        .await;
        let expected: Vec<String> = (0..20_000).map(|index| synthetic.key(index)).collect();
        both_ways_are_exact(&stage.store(), "huge", "", &expected).await;
        let sent = stage.running.requests().of(Operation::ListObjectsV2);
        assert!(
            sent <= 20 * requests_per_page,
            "{shape}: {sent} requests for twice 20 pages"
        );
        stage.running.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_page_over_folders_and_objects() {
    let store = DemoStore::empty().with_keys("hostile", hostile_keys());
    let stage = Stage::of(store, StoresConfig::default()).await;
    for prefix in ["", "a/", "/", "😀/"] {
        let prefix: Prefix = prefix.parse().expect("a prefix");
        let whole = stage
            .store()
            .list_level(&bucket("hostile"), &prefix, None, 1000)
            .await
            .expect("a level");
        assert_eq!(whole.next, None);
        let (mut objects, mut folders) = (Vec::new(), Vec::new());
        let mut next: Option<PageToken> = None;
        loop {
            let page = stage
                .store()
                .list_level(&bucket("hostile"), &prefix, next.as_ref(), 3)
                .await
                .expect("a page");
            objects.extend(page.objects);
            folders.extend(page.common_prefixes);
            match page.next {
                // As it goes through an address bar.
                Some(token) => next = Some(token.to_string().parse().expect("a token")),
                None => break,
            }
        }
        assert_eq!(objects, whole.objects);
        assert_eq!(folders, whole.common_prefixes);
    }
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_listing_ends_its_requests() {
    let synthetic: SyntheticKeys = "flat:1000000".parse().expect("a shape");
    let stage = Stage::of(
        DemoStore::empty().with_synthetic("huge", synthetic),
        StoresConfig::default(),
    )
    .await;
    let store = stage.store();
    let progress = Progress::default();
    let mut pages = Box::pin(store.list_all(bucket("huge"), Prefix::default(), Order::Any, progress.clone()));
    assert!(pages.next().await.expect("a page").is_ok());
    drop(pages);
    let photos = bucket("huge");
    let round = || async {
        for _ in 0..20 {
            store.check_bucket(&photos).await.expect("a bucket");
        }
        progress.requests()
    };
    // What was on its way when it ended is sent or dropped by now, and then nothing comes any more.
    let sent = round().await;
    let seen = stage.running.requests().of(Operation::ListObjectsV2);
    assert_eq!(round().await, sent);
    assert_eq!(stage.running.requests().of(Operation::ListObjectsV2), seen);
    assert!(seen <= sent && sent < 1000, "{seen} of {sent}");
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_come_and_go_disturb_no_others() {
    let lasting: Vec<String> = (0..600).map(|n| format!("dir-{}/stays-{n:04}", n % 7)).collect();
    let fleeting = |n: usize| format!("dir-{}/goes-{:04}", n % 9, n * 7919 % 1000);
    let stage = Stage::of(DemoStore::empty().with_keys("busy", &lasting), small_pages(10)).await;
    let handle = stage.running.handle();
    let mut churn = JoinSet::new();
    churn.spawn(async move {
        for n in 0_usize.. {
            handle.put_sparse("busy", &fleeting(n), 1, "text/plain");
            handle.delete("busy", &fleeting(n.saturating_sub(50)));
            // Behind whatever the last page of the listing is, so that there is always more.
            handle.put_sparse("busy", &format!("z/{n:08}"), 1, "text/plain");
            handle.delete("busy", &format!("z/{:08}", n.saturating_sub(5)));
            tokio::task::yield_now().await;
        }
    });
    for order in [Order::Any, Order::ByKey, Order::Any] {
        // Fails if a key comes twice.
        let found = keys(&stage.store(), "busy", "dir-", order).await;
        let stayed: Vec<&String> = found.iter().filter(|key| key.contains("stays")).collect();
        let mut expected: Vec<&String> = lasting.iter().collect();
        expected.sort();
        assert_eq!(stayed, expected);
        // With keys for ever behind its last page, a listing still ends.
        keys(&stage.store(), "busy", "", Order::Any).await;
    }
    churn.abort_all();
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_consumer_makes_the_listing_wait() {
    let synthetic: SyntheticKeys = "flat:1000000".parse().expect("a shape");
    let stage = Stage::of(
        DemoStore::empty().with_synthetic("huge", synthetic),
        StoresConfig::default(),
    )
    .await;
    let store = stage.store();
    let mut pages = Box::pin(store.list_all(
        bucket("huge"),
        Prefix::default(),
        Order::ByKey,
        Progress::default(),
    ));
    assert!(pages.next().await.expect("a page").is_ok());
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    let sent = stage.running.requests().of(Operation::ListObjectsV2);
    assert!(sent <= 16, "{sent} requests although nobody takes the pages");
    drop(pages);
    stage.running.shutdown().await;
}

fn key_sets() -> impl Strategy<Value = Vec<String>> {
    let tiny = btree_set("[ab]{1,8}", 1..120);
    let counting = btree_set("(a|b/c|img-)[0-9]{1,4}", 1..200);
    let folders = btree_set("[a-c]{1,2}(/[a-b0-1]{0,2}){0,3}[0-9]?", 1..150);
    let odd = btree_set("[a\u{1}\r\n /+%&<é😀\u{10ffff}\u{d7ff}\u{e000}]{1,5}", 1..150);
    let any = btree_set("[^\u{0}]{1,12}", 1..60);
    prop_oneof![tiny, counting, folders, odd, any].prop_map(|keys| keys.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn parallel_equals_sequential(found in key_sets(), page_size in 2_usize..12, cut in 0_usize..3) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let stage = Stage::of(DemoStore::empty().with_keys("random", &found), small_pages(page_size)).await;
            let prefix: String = found.first().map(|key| key.chars().take(cut).collect()).unwrap_or_default();
            let expected: Vec<String> = found.into_iter().filter(|key| key.starts_with(&prefix)).collect();
            both_ways_are_exact(&stage.store(), "random", &prefix, &expected).await;
            stage.running.shutdown().await;
        });
    }
}
