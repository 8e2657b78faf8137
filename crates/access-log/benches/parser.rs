//! How many lines a second one core reads.
//!
//! Reads made-up lines, or the plain log file that `SPACEWATCH_BENCH_LOG` names.

#![allow(missing_docs)]

use std::fmt::Write;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use spacewatch_access_log::{
    Entry, Limits, Line, LineHashKey, LineSplitter, LogReader, S3BatchBuilder, line_hash,
};

const BATCH_ROWS: usize = 16_384;

fn main() {
    divan::main();
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark is told its input by the environment"
)]
static OBJECT: LazyLock<Vec<u8>> = LazyLock::new(|| match std::env::var_os("SPACEWATCH_BENCH_LOG") {
    Some(path) => std::fs::read(path).unwrap_or_default(),
    None => made_up(50_000).into_bytes(),
});

static LINES: LazyLock<usize> = LazyLock::new(|| memchr::memchr_iter(b'\n', &OBJECT).count());

const AGENTS: [&str; 3] = [
    "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64 api/s3#1.58.2",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    "rclone/v1.66.0",
];

fn made_up(lines: u64) -> String {
    let mut out = String::new();
    let mut dice = 1_u64;
    for n in 0..lines {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let roll = dice >> 33;
        let (user, key, status) = (
            roll % 9,
            roll % 5000,
            if roll.is_multiple_of(40) { 404 } else { 200 },
        );
        let agent = AGENTS[usize::try_from(roll % 3).unwrap_or(0)];
        let _ = writeln!(
            out,
            "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be prod-assets [06/Feb/2026:{:02}:{:02}:{:02} +0000] 203.0.113.{} arn:aws:iam::123456789012:user/svc-{user} tx{dice:021X} REST.GET.OBJECT img/{key:06}/photo%2520{key}.jpg \"GET /prod-assets/img/{key:06}/photo%20{key}.jpg HTTP/1.1\" {status} - {roll} {roll} {} {} \"https://www.example.com/page\" \"{agent}\" - {dice:032X}= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader prod-assets.sgp1.example.com TLSv1.3 - -",
            n / 3600 % 24,
            n / 60 % 60,
            n % 60,
            roll % 250,
            roll % 900,
            roll % 700,
        );
    }
    out
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn split(bencher: Bencher) {
    let object = OBJECT.as_slice();
    bencher
        .counter(BytesCount::new(object.len()))
        .counter(ItemsCount::new(*LINES))
        .bench(|| {
            let mut bytes = 0_u64;
            let mut splitter = LineSplitter::new(1 << 18);
            for chunk in object.chunks(1 << 18) {
                splitter.feed(chunk, |line| bytes = bytes.wrapping_add(line.length));
            }
            bytes
        });
}

fn read(mut sink: impl FnMut(Line<'_>, Entry<'_>)) {
    let mut reader = LogReader::new(Limits::default());
    for chunk in OBJECT.chunks(1 << 18) {
        reader.feed(chunk, &mut sink);
    }
    reader.finish(&mut sink);
}

/// Every field found and checked; numbers and time read.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn split_and_parse(bencher: Bencher) {
    bencher
        .counter(BytesCount::new(OBJECT.len()))
        .counter(ItemsCount::new(*LINES))
        .bench(|| {
            let mut sum = 0_u64;
            read(|_, entry| {
                if let Entry::S3(record) = entry {
                    sum = sum
                        .wrapping_add(record.bytes_sent().unwrap_or(0))
                        .wrapping_add_signed(record.unix_seconds());
                }
            });
            sum
        });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn split_parse_and_hash(bencher: Bencher) {
    bencher
        .counter(BytesCount::new(OBJECT.len()))
        .counter(ItemsCount::new(*LINES))
        .bench(|| {
            let mut sum = 0_i64;
            read(|line, entry| {
                if let Entry::S3(record) = entry {
                    sum = sum
                        .wrapping_add(record.unix_seconds())
                        .wrapping_add(line_hash(&LineHashKey::default(), line.bytes).0);
                }
            });
            sum
        });
}

/// All 43 columns, as record batches.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn to_arrow(bencher: Bencher) {
    bencher
        .counter(BytesCount::new(OBJECT.len()))
        .counter(ItemsCount::new(*LINES))
        .bench(|| {
            let mut builder = S3BatchBuilder::new();
            let mut rows = 0;
            read(|line, entry| {
                if let Entry::S3(record) = entry {
                    let _ = builder.push(&line, &record);
                    if builder.len() >= BATCH_ROWS {
                        rows += std::mem::take(&mut builder)
                            .finish()
                            .map_or(0, |batch| batch.num_rows());
                    }
                }
            });
            rows + builder.finish().map_or(0, |batch| batch.num_rows())
        });
}
