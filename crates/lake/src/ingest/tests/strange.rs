//! Objects that are not what they should be.

use bytes::Bytes;
use expect_test::{Expect, expect};
use spacewatch_demo::DemoStore;

use super::stage::{Stage, config, gzip, line, zstd};
use super::*;

/// What becomes of one object beside a good one.
async fn check(body: impl Into<Bytes>, expected: Expect) {
    let store = DemoStore::empty()
        .with_object("logs", "a/strange", body.into())
        .with_object("logs", "a/good", Bytes::from(line("others", 1)));
    let config = IngestConfig {
        unpack: UnpackLimits {
            free_bytes: 8 << 20,
            ratio: 50,
            most_bytes: 1 << 30,
        },
        ..config()
    };
    let stage = Stage::with(store, config).await;
    let status = stage.read().await;
    assert_eq!(
        (status.phase, status.objects_read),
        (IngestPhase::Idle, 2),
        "{status:?}"
    );
    let object = stage.sink.object("a/strange");
    let failure = object.failure.as_deref().unwrap_or("whole");
    let mut shown = format!("{}: {failure}\n", object.format);
    // How far reading went before it gave up is a matter of pieces.
    if !failure.contains("no log") {
        shown += &format!(
            "lines {} records {} rejected {}\n",
            object.lines, object.records, object.rejected
        );
    }
    for reject in stage.sink.rejects("a/strange").iter().take(4) {
        let place = reject.offset.zip(reject.length);
        shown += &format!("{place:?} {} {} bytes kept\n", reject.reason, reject.line.len());
    }
    expected.assert_eq(&shown);
    assert_eq!(stage.sink.object("a/good").records, 1);
    // It is known now, and not read again.
    assert_eq!(stage.read().await.objects_read, 0);
    stage.running.shutdown().await;
}

fn lines(count: usize) -> Vec<u8> {
    (0..count)
        .map(|number| line("photos", number))
        .collect::<String>()
        .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_objects_that_break_off_keep_their_whole_lines() {
    let packed = gzip(&lines(1000));
    check(
        packed.slice(..packed.len() - 20),
        expect![[r#"
            gzip: the packed data ends in the middle, at byte 12794
            lines 999 records 999 rejected 0
            None truncated 0 bytes kept
        "#]],
    )
    .await;
    check(
        [&packed[..], b"rubbish"].concat(),
        expect![[r#"
            gzip: something else follows the packed data at byte 12814
            lines 1000 records 1000 rejected 0
            None trailing_data 0 bytes kept
        "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_are_rejected() {
    let line = lines(1);
    let repeated = line.repeat(200_000);
    check(
        gzip(&repeated),
        expect![[r#"
        gzip: it unpacks to more than 8388608 bytes, which no log of its size does
        None bomb 0 bytes kept
    "#]],
    )
    .await;
    check(
        zstd(&vec![0; 64 << 20]),
        expect![[r#"
            zstd: its content is binary, so it is no log
            None not_a_log 0 bytes kept
        "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_repeats_itself_is_no_bomb() {
    check(
        gzip(&lines(20_000)),
        expect![[r#"
            gzip: whole
            lines 20000 records 20000 rejected 0
        "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_log_is_told() {
    let random: Vec<u8> = (0..200_000_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    check(
        random,
        expect![[r#"
            plain: its content is binary, so it is no log
            None not_a_log 0 bytes kept
        "#]],
    )
    .await;
    check(
        b"\x89PNG\r\n\x1a\n and so on".to_vec(),
        expect![[r#"
            plain: it is a picture, which is no log
            None not_a_log 0 bytes kept
        "#]],
    )
    .await;
    check(
        b"key,size\na,1\n".to_vec(),
        expect![[r#"
            plain: whole
            lines 2 records 0 rejected 2
            Some((0, 8)) no_time 8 bytes kept
            Some((9, 3)) no_time 3 bytes kept
        "#]],
    )
    .await;
    check(
        "words and words\n".repeat(2_000_000).into_bytes(),
        expect![[r#"
        plain: its first 16777216 bytes hold no record, so it is no log
        None not_a_log 0 bytes kept
    "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_a_hundred_megabytes_is_cut() {
    let long = [lines(1), vec![b'x'; 100 << 20], b"\n".to_vec(), lines(2)].concat();
    let store = DemoStore::empty().with_object("logs", "a/long.gz", gzip(&long));
    let stage = Stage::of(store).await;
    let status = stage.read().await;
    assert_eq!(
        (status.lines, status.records, status.rejected),
        (4, 2, 1),
        "{status:?}"
    );
    let rejects = stage.sink.rejects("a/long.gz");
    assert_eq!(rejects[0].length, Some(100 << 20));
    assert!(rejects[0].line.len() <= 1024);
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_lines_are_kept_in_part() {
    let body = [lines(1), "no record at all\n".repeat(30_000).into_bytes()].concat();
    let stage = Stage::of(DemoStore::empty().with_object("logs", "a/rubbish", Bytes::from(body))).await;
    let status = stage.read().await;
    assert_eq!((status.records, status.rejected), (1, 30_000), "{status:?}");
    let rejects = stage.sink.rejects("a/rubbish");
    assert_eq!(rejects.len(), 10_001);
    assert_eq!(rejects[10_000].detail, "20000 more lines of it are no records");
    stage.running.shutdown().await;
}
