//! What is kept, for whom, and for how long.

use std::sync::Arc;
use std::time::Duration;

use spacewatch_demo::{DemoStore, Fault, Grant};
use spacewatch_inventory::{Inventories, InventoriesConfig, InventoryError};
use spacewatch_model::{Clock, ManualClock, Timestamp};

use crate::stage::{Stage, everything, kept, scan};

fn files(directory: &std::path::Path, ending: &str) -> usize {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            if entry.path().is_dir() {
                files(&entry.path(), ending)
            } else {
                usize::from(entry.path().to_string_lossy().ends_with(ending))
            }
        })
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_list_the_bucket_now_is_answered() {
    let clock = Arc::new(ManualClock::starting_at(
        Timestamp::from_second(1_790_000_000).expect("a time"),
    ));
    let store = DemoStore::empty()
        .with_keys("bucket", ["a", "b"])
        .with_limited_key("other-key", "other-secret", &[("bucket", Grant::Read)]);
    let stage = Stage::with(store, 7, Arc::clone(&clock) as Arc<dyn Clock>).await;
    let inventory = stage.inventory("bucket");
    scan(&inventory).await;
    assert_eq!(kept(&inventory, "").await.basis().entries, 2);
    // Somebody else who may list the bucket has no inventory of it, and a wrong secret has nothing at all.
    let name = "bucket".parse().expect("a name");
    let others = stage
        .inventories()
        .open(&stage.opened_with("other-key", "other-secret"), &name);
    assert!(
        others
            .kept(&everything(), None)
            .await
            .expect("an answer")
            .is_none()
    );
    let wrong = stage
        .inventories()
        .open(&stage.opened_with("test-key", "guessed"), &name);
    assert!(matches!(
        wrong.kept(&everything(), None).await,
        Err(InventoryError::Store(_))
    ));
    // Keys that are revoked are answered until the store was last asked 60 s ago, and no longer.
    stage
        .running
        .faults()
        .add(Fault::new(spacewatch_demo::Effect::Drop));
    clock.advance(Duration::from_secs(50));
    assert!(inventory.kept(&everything(), None).await.is_ok());
    clock.advance(Duration::from_secs(20));
    assert!(matches!(
        inventory.kept(&everything(), None).await,
        Err(InventoryError::Store(_))
    ));
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_finds_them_and_old_ones_go() {
    let start = Timestamp::from_second(1_790_000_000).expect("a time");
    let clock = Arc::new(ManualClock::starting_at(start));
    let store = DemoStore::empty().with_keys("bucket", (0..40).map(|number| format!("{number:03}")));
    let stage = Stage::with(store, 7, Arc::clone(&clock) as Arc<dyn Clock>).await;
    for day in 0..40_u64 {
        scan(&stage.inventory("bucket")).await;
        stage
            .running
            .handle()
            .put_sparse("bucket", &format!("day-{day}"), 1, "text/plain");
        clock.advance(Duration::from_secs(86_400));
    }
    let inventory = stage.inventory("bucket");
    assert_eq!(kept(&inventory, "").await.basis().entries, 79);
    let notes = files(stage.data.path(), ".json");
    // Notes of three newest and of the newest of each week, besides the table's log.
    let log = files(&stage.data.path().join("inventories"), "00.json");
    assert!(notes > 8 && log > 0, "{notes} {log}");
    let kept_notes = notes_in(stage.data.path());
    assert!((6..=11).contains(&kept_notes), "{kept_notes} notes");
    assert_eq!(
        kept(&inventory, "day-1")
            .await
            .summary(9)
            .await
            .expect("a summary")
            .totals
            .objects,
        11
    );
    let young = inventory
        .kept(&everything(), Some(Duration::from_secs(3600)))
        .await
        .expect("an answer");
    assert!(young.is_none(), "the newest is a day old");
    stage.running.shutdown().await;
}

fn notes_in(directory: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            if entry.path().is_dir() {
                notes_in(&entry.path())
            } else {
                usize::from(entry.file_name().to_string_lossy().starts_with("inventory-"))
            }
        })
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_answers_for_what_lies_below_it() {
    let store = DemoStore::empty().with_keys("bucket", ["a/1", "a/b/2", "c/3"]);
    let stage = Stage::of(store).await;
    let inventory = stage.inventory("bucket");
    let under: spacewatch_model::Prefix = "a/".parse().expect("a prefix");
    inventory.start(&under).await.expect("a start");
    inventory
        .finished(&under, &spacewatch_s3::Progress::default())
        .await
        .expect("an end");
    assert!(
        inventory
            .kept(&everything(), None)
            .await
            .expect("an answer")
            .is_none()
    );
    assert_eq!(kept(&inventory, "a/").await.basis().entries, 2);
    assert_eq!(
        kept(&inventory, "a/b")
            .await
            .summary(1)
            .await
            .expect("a summary")
            .totals
            .objects,
        1
    );
    let refused = inventory.required(&"c/".parse().expect("a prefix"), None).await;
    assert!(matches!(refused, Err(InventoryError::Absent { .. })));
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quota_is_kept_to() {
    let store = DemoStore::empty().with_keys("one", ["a"]).with_keys("two", ["b"]);
    let stage = Stage::of(store).await;
    let config = InventoriesConfig {
        directory: stage.data.path().to_owned(),
        max_bytes: 1,
    };
    let inventories = Inventories::new(config, Arc::clone(&stage.clock));
    let one = inventories.open(&stage.store(), &"one".parse().expect("a name"));
    let two = inventories.open(&stage.store(), &"two".parse().expect("a name"));
    scan(&one).await;
    assert_eq!(kept(&one, "").await.basis().entries, 1);
    scan(&two).await;
    inventories.close().await;
    assert!(
        one.kept(&everything(), None).await.expect("an answer").is_none(),
        "it made room"
    );
    assert_eq!(kept(&two, "").await.basis().entries, 1);
    stage.running.shutdown().await;
}
