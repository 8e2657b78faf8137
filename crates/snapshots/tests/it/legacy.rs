//! Files of the Python original, and whatever else lies in the folders.

use bytes::Bytes;
use expect_test::expect;
use spacewatch_demo::{DemoStore, ObjectBody};
use spacewatch_snapshots::{Place, Wanted};

use crate::stage::{BUCKET, Stage, at, gzip, line, period, place, record, sizes};

const NOW: &str = "2026-11-22T12:00:00Z";

fn old(minute: u32, bytes: u64) -> String {
    format!(
        r#"{{"ts": "2026-11-20T10:{minute:02}:00+00:00", "source_bucket": "photos", "source_prefix": "", "source_objects": 3, "source_bytes": {bytes}, "requests_total": 1000, "top_ips": [{{"ip": "198.51.100.7", "count": 9}}]}}"#
    )
}

fn store(objects: &[(&str, Bytes)]) -> DemoStore {
    objects.iter().fold(DemoStore::empty(), |store, (key, body)| {
        store.with_object(BUCKET, key, ObjectBody::Bytes(body.clone()))
    })
}

#[tokio::test]
async fn plain_and_packed_files_are_read_at_both_places() {
    let half = gzip(&format!("{}\n{}\n", old(30, 6), old(40, 7)).repeat(500));
    let stage = Stage::of(
        store(&[
            (
                "spacewatch-metrics/dt=2026-11-20/hour=10/metrics.jsonl",
                format!("{}\n{}\n", old(0, 1), old(5, 2)).into(),
            ),
            // The same lines again, packed, and one more.
            (
                "spacewatch-metrics/dt=2026-11-20/hour=10/metrics.jsonl.gz",
                gzip(&format!("{}\r\n{}\n", old(5, 2), old(10, 3))),
            ),
            (
                "dt=2026-11-20/hour=10/metrics.jsonl",
                format!("{}\n", old(15, 4)).into(),
            ),
            (
                "dt=2026-11-20/hour=11/metrics.jsonl.gz",
                half.slice(..half.len() - 20),
            ),
            (
                "other/dt=2026-11-20/hour=10/metrics.jsonl",
                format!("{}\n", old(20, 5)).into(),
            ),
        ]),
        NOW,
    )
    .await;
    let history = stage.read("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z").await;
    assert_eq!(sizes(&history), [1, 2, 3, 4, 6, 7]);
    assert!(
        history
            .records
            .iter()
            .all(|record| record.legacy && record.interval().is_none())
    );
    assert_eq!(
        (history.reading.objects_legacy, history.reading.objects_broken),
        (4, 1)
    );
    assert_eq!(history.records[0].top_ips[0].ip, "198.51.100.7");
    // Whoever names a prefix reads there only.
    let named = Place {
        prefix: Some("other".parse().expect("a prefix")),
        ..place()
    };
    let wanted = Wanted::everything(period("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"));
    let history = stage
        .snapshots
        .read(&stage.store, &named, &wanted)
        .await
        .expect("snapshots");
    assert_eq!(sizes(&history), [5]);
}

#[tokio::test]
async fn broken_lines_are_left_out_and_counted() {
    let text = format!(
        "{}\nnot json\n{{\"ts\": \"2026-11-20T10:05:00Z\"}}\n\n{}\n{}\n{}",
        old(0, 1),
        old(5, 2).replace("\"source_bytes\": 2", "\"source_bytes\": -2"),
        old(10, 3),
        &old(15, 4)[..60],
    );
    let stage = Stage::of(
        store(&[(
            "spacewatch-metrics/dt=2026-11-20/hour=10/metrics.jsonl",
            text.into(),
        )]),
        NOW,
    )
    .await;
    // The second time from memory, where lines about others are passed over.
    for bucket in ["photos", "photos", "videos"] {
        let wanted = Wanted {
            source: Some(spacewatch_snapshots::Source {
                bucket: bucket.parse().expect("a name"),
                prefix: "".parse().expect("a prefix"),
            }),
            ..Wanted::everything(period("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"))
        };
        let history = stage
            .snapshots
            .read(&stage.store, &place(), &wanted)
            .await
            .expect("snapshots");
        let expected: &[u64] = if bucket == "photos" { &[1, 3] } else { &[] };
        assert_eq!(sizes(&history), expected);
        assert_eq!(history.reading.lines_broken, 4);
    }
}

#[tokio::test]
async fn hostile_objects_take_nothing_else_with_them() {
    let bomb = {
        let mut text = format!("{}\n", old(1, 9));
        text.push_str(&" ".repeat(300 << 20));
        gzip(&text)
    };
    let good = record("photos", at("2026-11-20T10:00:00Z"), 1);
    let run = "spacewatch-metrics/dt=2026-11-20/hour=10/snapshot-20261120T100000Z-00.jsonl";
    let stage = Stage::of(
        store(&[
            (run, line(&good).into()),
            ("spacewatch-metrics/dt=2026-11-20/hour=10/metrics.jsonl.gz", bomb),
            (
                "spacewatch-metrics/dt=2026-11-20/rollup-000001-00.jsonl.gz",
                Bytes::from_static(b"\x1f\x8bno gzip"),
            ),
            (
                "spacewatch-metrics/dt=2026-11-20/rollup-000002-00.jsonl.gz",
                gzip("{\"spacewatch_rollup\":1}"),
            ),
            (
                "spacewatch-metrics/dt=2026-11-20/hour=10/notes.txt",
                Bytes::from_static(b"hello"),
            ),
            (
                "spacewatch-metrics/dt=9999-99-99/hour=10/metrics.jsonl",
                Bytes::from_static(b"{}"),
            ),
        ]),
        NOW,
    )
    .await;
    let history = stage.read("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z").await;
    assert_eq!(sizes(&history), [1, 9]);
    expect![[r#"
        Reading {
            objects_read: 4,
            objects_legacy: 1,
            objects_broken: 3,
            lines_broken: 0,
            records_repeated: 0,
        }
    "#]]
    .assert_debug_eq(&history.reading);
    // Nothing of it is deleted for a roll-up that isn't one.
    stage.roll_up().await;
    assert_eq!(stage.keys().await.len(), 6);
    assert_eq!(
        sizes(&stage.read("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z").await),
        [1, 9]
    );
}
