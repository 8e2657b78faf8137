//! Listings, sums and rankings, against brute force.

use expect_test::expect;
use proptest::prelude::*;
use spacewatch_demo::{DemoStore, Effect, Fault, Operation, When};
use spacewatch_insight::{
    AnswerSource, Browse, BrowseArgs, InventoryRun, Limit, ListObjects, ListObjectsArgs, RecentObjects,
    RecentObjectsArgs, StorageSummary, StorageSummaryArgs, Tenant, Tool, TopLargest, TopLargestArgs,
};
use spacewatch_model::{ErrorCode, Prefix};
use spacewatch_s3::StoresConfig;

use crate::kit::Kit;

fn prefix(text: &str) -> Prefix {
    text.parse().expect("a prefix")
}

fn listing(bucket: &str, below: &str, next: Option<String>) -> ListObjectsArgs {
    ListObjectsArgs {
        bucket: bucket.parse().expect("a name"),
        prefix: prefix(below),
        next,
        max_age: None,
    }
}

async fn every_key(tenant: &Tenant, args: ListObjectsArgs, source: AnswerSource) -> (u64, Vec<String>) {
    let mut args = args;
    let mut keys = Vec::new();
    loop {
        let answer = ListObjects::run(tenant, args.clone()).await.expect("an answer");
        keys.extend(answer.objects.iter().map(|object| object.key.to_string()));
        assert_eq!(answer.truncated, answer.next.is_some());
        assert_eq!(answer.source, source);
        if answer.next.is_none() {
            return (answer.count, keys);
        }
        args.next = answer.next;
    }
}

#[tokio::test]
async fn list_all_counts_everything_and_goes_on() {
    let kit = Kit::start(DemoStore::empty().with_synthetic("huge", "flat:2500".parse().expect("keys"))).await;
    let tenant = kit.tenant();
    let (count, keys) = every_key(&tenant, listing("huge", "", None), AnswerSource::Listing).await;
    assert_eq!(count, 2500);
    assert_eq!(keys, kit.store.handle().keys("huge"));
}

#[tokio::test]
async fn list_all_goes_on_in_an_inventory() {
    let store = DemoStore::empty().with_synthetic("huge", "tree:30x40".parse().expect("keys"));
    let kit = Kit::start(store).await;
    let mut tenant = kit.tenant();
    tenant.limits.list_objects = 100;
    let run = serde_json::from_value(serde_json::json!({ "bucket": "huge", "wait": true }));
    InventoryRun::run(&tenant, run.expect("arguments"))
        .await
        .expect("an inventory");
    let folder = kit.store.handle().keys("huge")[700].clone();
    let folder = folder.split_inclusive('/').next().expect("a folder");
    for below in ["", folder, "there is none"] {
        let live = every_key(&tenant, listing("huge", below, None), AnswerSource::Listing).await;
        let kept = ListObjectsArgs {
            max_age: Some(Limit(60)),
            ..listing("huge", below, None)
        };
        assert_eq!(
            every_key(&tenant, kept, AnswerSource::Inventory).await,
            live,
            "{below}"
        );
    }
}

#[tokio::test]
async fn a_foreign_token_is_refused() {
    let kit = Kit::start(DemoStore::empty().with_object("photos", "a/1", "x")).await;
    for token in [
        "",
        "n5_zz",
        "5_61",
        "n1_622f31",
        "☃",
        "n99999999999999999999999_61",
    ] {
        let error = ListObjects::run(&kit.tenant(), listing("photos", "a/", Some(token.to_owned())))
            .await
            .expect_err("a token of another listing");
        assert_eq!(error.code, ErrorCode::InvalidParameter, "{token}");
    }
}

/// An answer as JSON, without the one field that differs each time.
fn without_time(answer: &impl serde::Serialize) -> String {
    let mut json = serde_json::to_value(answer).expect("JSON");
    json.as_object_mut()
        .and_then(|fields| fields.remove("as_of"))
        .expect("a time");
    serde_json::to_string_pretty(&json).expect("JSON")
}

#[tokio::test]
async fn summaries_sum_by_folder_and_say_when_they_were_cut() {
    let store = DemoStore::empty()
        .with_object("photos", "2025/a.jpg", "12345")
        .with_object("photos", "2025/b/c.jpg", "123")
        .with_object("photos", "2026/d.jpg", "1234567890")
        .with_object("photos", "index", "1");
    let kit = Kit::start(store).await;
    let mut tenant = kit.tenant();
    tenant.limits.prefixes = 2;
    let args = StorageSummaryArgs {
        bucket: "photos".parse().expect("a name"),
        prefix: Prefix::default(),
        depth: 1,
        max_age: None,
    };
    let found = StorageSummary::run(&tenant, args.clone())
        .await
        .expect("an answer");
    expect![[r#"
        {
          "bucket": "photos",
          "object_count": 4,
          "prefix": "",
          "prefixes": [
            {
              "object_count": 1,
              "prefix": "2026/",
              "total_size_bytes": 10,
              "total_size_human": "10 B"
            },
            {
              "object_count": 2,
              "prefix": "2025/",
              "total_size_bytes": 8,
              "total_size_human": "8 B"
            }
          ],
          "source": "listing",
          "total_size_bytes": 19,
          "total_size_human": "19 B",
          "truncated": true
        }"#]]
    .assert_eq(&without_time(&found));

    let below = StorageSummaryArgs {
        prefix: prefix("2025/"),
        depth: 0,
        ..args
    };
    let found = StorageSummary::run(&tenant, below).await.expect("an answer");
    assert_eq!(
        (found.object_count, found.total_size_bytes.0, found.truncated),
        (2, 8, false)
    );
}

#[tokio::test]
async fn rankings_equal_sorting_everything() {
    let kit = Kit::start(DemoStore::believable(
        7,
        "2026-11-22T12:00:00Z".parse().expect("a time"),
    ))
    .await;
    let owner = kit.store.tenants().first().expect("a tenant").clone();
    let tenant = kit.tenant_with(&owner.access_key_id, owner.secret_access_key.expose());
    let bucket = "prod-assets";
    let mut sizes = kit.store.handle().sizes(bucket);
    sizes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));

    let args = TopLargestArgs {
        bucket: bucket.parse().expect("a name"),
        prefix: Prefix::default(),
        limit: Some(Limit(1000)),
        max_age: None,
    };
    let largest = TopLargest::run(&tenant, args).await.expect("an answer");
    assert_eq!(largest.limit, 50, "clamped to the cap and echoed");
    let found: Vec<_> = largest
        .objects
        .iter()
        .map(|o| (o.key.to_string(), o.size_bytes.0))
        .collect();
    assert_eq!(found, sizes.iter().take(50).cloned().collect::<Vec<_>>());
    assert_eq!(
        largest.total_size_bytes.0,
        sizes.iter().map(|(_, size)| size).sum::<u64>()
    );
    assert_eq!(
        largest.count_scanned,
        u64::try_from(sizes.len()).expect("a count")
    );

    let args = RecentObjectsArgs {
        bucket: bucket.parse().expect("a name"),
        prefix: Prefix::default(),
        limit: Some(Limit(-5)),
        max_age: None,
    };
    let recent = RecentObjects::run(&tenant, args.clone())
        .await
        .expect("an answer");
    assert_eq!((recent.limit, recent.objects.len()), (1, 1));
    let args = RecentObjectsArgs {
        limit: Some(Limit(200)),
        ..args
    };
    let recent = RecentObjects::run(&tenant, args).await.expect("an answer");
    assert!(
        recent
            .objects
            .is_sorted_by(|a, b| a.last_modified >= b.last_modified)
    );
    assert_eq!(recent.count_scanned, largest.count_scanned);
}

#[tokio::test]
async fn browsing_pages_through_one_level() {
    let keys = ["a/1", "a/2", "b//x", "c", "d/\u{1}e", "f&<>\"", "ü/ñ"];
    let kit = Kit::start(DemoStore::empty().with_keys("mixed", keys)).await;
    let tenant = kit.tenant();
    let mut args = BrowseArgs {
        bucket: "mixed".parse().expect("a name"),
        prefix: Prefix::default(),
        next: None,
        limit: Some(Limit(2)),
    };
    let (mut folders, mut objects) = (Vec::new(), Vec::new());
    loop {
        let page = Browse::run(&tenant, args.clone()).await.expect("an answer");
        folders.extend(page.folders.into_iter().map(|folder| folder.prefix.to_string()));
        objects.extend(page.objects.into_iter().map(|object| object.key.to_string()));
        let Some(next) = page.next else { break };
        args.next = Some(next);
    }
    assert_eq!(folders, ["a/", "b/", "d/", "ü/"]);
    assert_eq!(objects, ["c", "f&<>\""]);

    let args = BrowseArgs {
        next: Some("nonsense".to_owned()),
        ..args
    };
    assert_eq!(
        Browse::run(&tenant, args).await.expect_err("no token").code,
        ErrorCode::InvalidParameter
    );
}

#[tokio::test]
async fn a_missing_bucket_and_a_throttling_store_are_told_apart() {
    let kit = Kit::start_with(
        DemoStore::empty().with_object("photos", "a", "x"),
        StoresConfig {
            attempts: 1,
            ..StoresConfig::default()
        },
    )
    .await;
    let tenant = kit.tenant();
    let missing = ListObjects::run(&tenant, listing("absent", "", None))
        .await
        .expect_err("no bucket");
    assert_eq!(missing.code, ErrorCode::NoSuchBucket);
    kit.store.faults().add(
        Fault::slow_down()
            .on(Operation::ListObjectsV2)
            .when(When::Every(1)),
    );
    let throttled = ListObjects::run(&tenant, listing("photos", "", None))
        .await
        .expect_err("503");
    assert_eq!(throttled.code, ErrorCode::StoreUnavailable);
    assert_eq!(throttled.store_code.as_deref(), Some("SlowDown"));
    kit.store.faults().clear();
    kit.store
        .faults()
        .add(Fault::new(Effect::GarbageXml).on(Operation::ListObjectsV2));
    let garbage = ListObjects::run(&tenant, listing("photos", "", None))
        .await
        .expect_err("no XML");
    assert_eq!(garbage.code, ErrorCode::StoreFailed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_keys_are_listed_exactly(keys in proptest::collection::btree_set("[ab/\u{1}%+é🦀 ]{1,6}", 0..120), page in 1_usize..9) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (count, found) = runtime.block_on(async {
            let kit = Kit::start_with(
                DemoStore::empty().with_bucket("any").with_keys("any", &keys),
                StoresConfig { page_size: page, ..StoresConfig::default() },
            )
            .await;
            let mut tenant = kit.tenant();
            tenant.limits.list_objects = 7;
            every_key(&tenant, listing("any", "", None), AnswerSource::Listing).await
        });
        prop_assert_eq!(count, keys.len() as u64);
        prop_assert_eq!(found, keys.into_iter().collect::<Vec<_>>());
    }
}
