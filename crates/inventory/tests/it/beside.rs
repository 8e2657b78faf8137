//! Two inventories side by side, in pieces so small that keys and their versions lie across many files.

use std::collections::BTreeMap;

use spacewatch_demo::DemoStore;
use spacewatch_inventory::{KeptInventory, KeyPair, KeyState, Kind};
use spacewatch_model::Prefix;

use crate::stage::{Stage, everything, scan};

/// What stands there, shortly: sizes, `x` for a marker.
fn short(state: &KeyState) -> String {
    let current = state.current.iter().map(|version| version.size.to_string());
    let others = state.others.iter().map(|version| match version.kind {
        Kind::DeleteMarker => "x".to_owned(),
        _ => format!("({})", version.size),
    });
    current.chain(others).collect::<Vec<_>>().join(" ")
}

type Pairs = BTreeMap<String, (String, String)>;

async fn beside(later: &KeptInventory, earlier: &KeptInventory) -> Pairs {
    let see = |seen: &mut Vec<(String, String, String)>, pair: KeyPair<'_>| {
        seen.push((pair.key.to_owned(), short(pair.before), short(pair.after)));
    };
    let seen = later.fold_beside(earlier, Vec::new(), see).await.expect("files");
    assert!(seen.is_sorted_by(|a, b| a.0 < b.0), "each key once, in order");
    let pairs = seen.into_iter().map(|(key, then, now)| (key, (then, now)));
    pairs.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_of_both_is_seen_once_and_in_order() {
    let store = DemoStore::empty().with_versioned_bucket("bucket").with_keys(
        "bucket",
        (0..90).map(|number| format!("{}/{number:02}", number % 3)),
    );
    let stage = Stage::of(store).await;
    let handle = stage.running.handle();
    let inventory = stage.inventory("bucket");
    // One key has more versions than a piece holds entries.
    for size in 1..=40 {
        assert!(handle.put_sparse("bucket", "1/many", size, "x/y"));
    }
    handle.begin_upload("bucket", "1/only-an-upload", 1_700_000_000, &[5]);
    scan(&inventory).await;
    assert!(handle.put_sparse("bucket", "0/00", 77, "x/y"));
    handle.delete("bucket", "2/02");
    assert!(handle.put_sparse("bucket", "9/new", 1, "x/y"));
    scan(&inventory).await;
    let all = inventory.all_kept(&everything()).await.expect("inventories");
    let [later, earlier] = all.as_slice() else {
        panic!("{} are kept", all.len());
    };
    let pairs = beside(later, earlier).await;
    let mut changed: Vec<_> = pairs.iter().filter(|(_, (then, now))| then != now).collect();
    changed.sort();
    let pair = |then: &str, now: &str| (then.to_owned(), now.to_owned());
    assert_eq!(
        changed,
        [
            (&"0/00".to_owned(), &pair("4", "77 (4)")),
            (&"2/02".to_owned(), &pair("4", "x (4)")),
            (&"9/new".to_owned(), &pair("", "1")),
        ]
    );
    assert_eq!(pairs.len(), 92);
    let many: Vec<String> = (1..40).rev().map(|size| format!("({size})")).collect();
    assert_eq!(pairs["1/many"].0, format!("40 {}", many.join(" ")));

    let below: Prefix = "0/".parse().expect("a prefix");
    let all = inventory.all_kept(&below).await.expect("inventories");
    let pairs = beside(&all[0], &all[1]).await;
    assert_eq!(pairs.len(), 30);
    assert!(pairs.keys().all(|key| key.starts_with("0/")));
    stage.running.shutdown().await;
}
