//! Scans that are interrupted, slowed down, refused, or not alone.

use std::time::Duration;

use spacewatch_demo::{DemoStore, Effect, Fault, Operation, When};
use spacewatch_inventory::{InventoryError, ScanPhase, VersionsSeen};
use spacewatch_s3::Progress;

use crate::stage::{Stage, everything, kept, scan};

fn many_keys() -> Vec<String> {
    (0..2000)
        .map(|number| format!("dir-{:02}/file-{number:05}", number % 40))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_was_killed_lists_only_the_rest() {
    let stage = Stage::of(DemoStore::empty().with_keys("bucket", many_keys())).await;
    let untouched = Stage::of(DemoStore::empty().with_keys("bucket", many_keys())).await;
    let inventory = untouched.inventory("bucket");
    scan(&inventory).await;
    let whole = kept(&inventory, "").await.summary(10).await.expect("a summary");
    let whole_requests = untouched.running.requests().of(Operation::ListObjectsV2);
    untouched.running.shutdown().await;

    let slow = stage
        .running
        .faults()
        .add(Fault::latency(Duration::from_millis(5)));
    let other_process = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let inventory = stage.inventory("bucket");
    let begun = inventory.clone();
    other_process.spawn(async move { begun.start(&everything()).await });
    let mut changes = inventory.watch(&everything());
    changes
        .wait_for(|status| status.entries > 1000)
        .await
        .expect("a scan");
    // Its tasks end wherever they are, as those of a process that is killed.
    other_process.shutdown_background();
    stage.running.faults().remove(slow);
    drop(inventory);

    stage.running.requests().reset();
    let inventory = stage.inventory("bucket");
    let status = loop {
        let status = inventory.start(&everything()).await.map(|_| ());
        status.expect("a start");
        let status = inventory
            .finished(&everything(), &Progress::default())
            .await
            .expect("an end");
        // What was being written when the process died may hold the lock a moment longer.
        if status.phase != ScanPhase::Locked {
            break status;
        }
    };
    assert_eq!((status.phase, status.entries), (ScanPhase::Idle, 2000));
    assert!(status.resumed_entries > 0, "{status:?}");
    let requests = stage.running.requests().of(Operation::ListObjectsV2);
    assert!(requests < whole_requests, "{requests} of {whole_requests}");
    let again = kept(&inventory, "").await.summary(10).await.expect("a summary");
    assert_eq!(
        (again.totals, again.by_size, again.by_extension),
        (whole.totals, whole.by_size, whole.by_extension)
    );
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_scan_goes_on_in_another_process() {
    let stage = Stage::of(DemoStore::empty().with_keys("bucket", many_keys())).await;
    let slow = stage
        .running
        .faults()
        .add(Fault::latency(Duration::from_millis(5)));
    let inventories = stage.inventories();
    let inventory = inventories.open(&stage.store(), &"bucket".parse().expect("a name"));
    inventory.start(&everything()).await.expect("a start");
    let mut changes = inventory.watch(&everything());
    changes
        .wait_for(|status| status.entries > 500)
        .await
        .expect("a scan");
    inventory.cancel(&everything()).await.expect("a stop");
    let status = inventory
        .finished(&everything(), &Progress::default())
        .await
        .expect("an end");
    assert_eq!(status.phase, ScanPhase::Stopped);
    assert!(kept_nothing(&inventory).await);
    inventories.close().await;
    stage.running.faults().remove(slow);
    stage.running.requests().reset();
    let inventory = stage.inventory("bucket");
    let status = scan(&inventory).await;
    assert!(status.resumed_entries > 0, "{status:?}");
    assert_eq!(status.entries, 2000);
    let kept = kept(&inventory, "").await;
    assert_eq!(kept.summary(1).await.expect("a summary").totals.objects, 2000);
    assert_eq!(kept.basis().runs, 2);
    stage.running.shutdown().await;
}

async fn kept_nothing(inventory: &spacewatch_inventory::Inventory) -> bool {
    inventory
        .kept(&everything(), None)
        .await
        .expect("an answer")
        .is_none()
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_is_survived() {
    let stage = Stage::of(DemoStore::empty().with_versioned_bucket("bucket")).await;
    let handle = stage.running.handle();
    for key in many_keys().iter().take(400) {
        handle.put_sparse("bucket", key, 5, "text/plain");
    }
    for number in 0..30 {
        handle.begin_upload("bucket", &format!("up-{number}"), 1_700_000_000, &[1, 2, 3]);
    }
    stage
        .running
        .faults()
        .add(Fault::slow_down().when(When::Every(9)));
    let inventory = stage.inventory("bucket");
    let status = scan(&inventory).await;
    assert_eq!(status.entries, 430);
    assert!(status.throttled > 0);
    let summary = kept(&inventory, "").await.summary(1).await.expect("a summary");
    assert_eq!(
        (summary.totals.objects, summary.totals.incomplete_uploads),
        (400, 30)
    );
    assert_eq!(
        (summary.totals.incomplete_bytes.0, summary.incomplete_parts),
        (180, 90)
    );
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_scan_one_after_the_other() {
    let stage = Stage::of(DemoStore::empty().with_keys("bucket", many_keys())).await;
    stage
        .running
        .faults()
        .add(Fault::latency(Duration::from_millis(5)));
    let (one, other) = (stage.inventory("bucket"), stage.inventory("bucket"));
    assert!(one.start(&everything()).await.expect("a start"));
    assert!(
        !one.start(&everything()).await.expect("the same scan"),
        "it goes on already"
    );
    one.watch(&everything())
        .wait_for(|status| status.entries > 0)
        .await
        .expect("a scan");
    assert!(other.start(&everything()).await.expect("a start"));
    let status = other
        .finished(&everything(), &Progress::default())
        .await
        .expect("an end");
    assert_eq!(status.phase, ScanPhase::Locked, "{status:?}");
    let status = one
        .finished(&everything(), &Progress::default())
        .await
        .expect("an end");
    assert_eq!((status.phase, status.entries), (ScanPhase::Idle, 2000));
    // What one has taken, the other answers from.
    assert_eq!(
        kept(&other, "")
            .await
            .summary(0)
            .await
            .expect("a summary")
            .totals
            .objects,
        2000
    );
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_these_keys_may_not_see_is_left_out_and_said() {
    let stage = Stage::of(DemoStore::empty().with_versioned_bucket("bucket")).await;
    let handle = stage.running.handle();
    handle.put_sparse("bucket", "a", 1, "text/plain");
    handle.put_sparse("bucket", "a", 2, "text/plain");
    handle.begin_upload("bucket", "b", 1_700_000_000, &[7]);
    for operation in [Operation::ListObjectVersions, Operation::ListMultipartUploads] {
        stage
            .running
            .faults()
            .add(Fault::new(Effect::GarbageXml).on(operation));
    }
    let inventory = stage.inventory("bucket");
    scan(&inventory).await;
    let kept = kept(&inventory, "").await;
    let basis = kept.basis();
    assert_eq!(
        (basis.versions, basis.uploads_seen),
        (VersionsSeen::NotSeen, false)
    );
    assert_eq!(kept.summary(1).await.expect("a summary").totals.entries(), 1);
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_there_is_told_at_once() {
    let stage = Stage::of(DemoStore::empty().with_bucket("bucket")).await;
    let refused = stage.inventory("elsewhere").start(&everything()).await;
    assert!(matches!(refused, Err(InventoryError::Store(_))), "{refused:?}");
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cost_is_told_before() {
    let stage = Stage::of(
        DemoStore::empty()
            .with_keys("small", ["a", "b"])
            .with_keys("large", many_keys()),
    )
    .await;
    let cost = stage
        .inventory("small")
        .cost(&everything())
        .await
        .expect("a cost");
    assert_eq!((cost.basis, cost.entries), ("complete_page", Some(2)));
    let large = stage.inventory("large");
    let cost = large.cost(&everything()).await.expect("a cost");
    assert_eq!((cost.basis, cost.requests), ("first_page", None));
    scan(&large).await;
    let cost = large.cost(&everything()).await.expect("a cost");
    assert_eq!((cost.basis, cost.entries), ("inventory", Some(2000)));
    stage.running.shutdown().await;
}
