//! How long questions take over ten million records.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use object_store::local::LocalFileSystem;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use spacewatch_access_log::{Entry, Limits, LogReader, S3BatchBuilder};
use spacewatch_model::{TimeRange, Timestamp};

use super::kit::{runtime, wait};
use super::oracle::START;
use crate::RecordFilter;
use crate::query::*;
use crate::tables::{DataFile, LakeSnapshot, Table, TableSnapshot};

const DAYS: i64 = 20;
const ROWS: u64 = 500_000;

fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn skewed(x: u64, n: u64) -> u64 {
    let f = (mix(x) >> 11) as f64 / (1u64 << 53) as f64;
    ((f * f * f) * n as f64) as u64
}

fn day(directory: &Path, day: i64) -> DataFile {
    let path = directory.join(format!("requests/{day}.parquet"));
    let begin = START + day * 86_400;
    let file = |path: &Path| DataFile {
        path: object_store::path::Path::from(format!("requests/{day}.parquet")),
        bytes: path.metadata().unwrap().len(),
        rows: ROWS,
        bucket: Some("prod-assets".to_owned()),
        times: Some((begin * 1_000_000, (begin + 86_399) * 1_000_000)),
    };
    if path.exists() {
        return file(&path);
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut builder = S3BatchBuilder::new();
    let mut text = String::new();
    let mut reader = LogReader::new(Limits::default());
    let operations = ["REST.GET.OBJECT", "REST.GET.OBJECT", "REST.GET.OBJECT", "REST.GET.OBJECT", "REST.HEAD.OBJECT", "REST.PUT.OBJECT", "REST.GET.BUCKET", "REST.DELETE.OBJECT", "REST.POST.MULTI_OBJECT_DELETE", "BATCH.DELETE.OBJECT"];
    for i in 0..ROWS {
        let n = day as u64 * ROWS + i;
        if i % 1000 == 0 {
            builder.begin_object(&format!("logs/2024/{day}/{:08}", i / 1000));
        }
        let time = Timestamp::from_second(begin + (i * 86_399 / ROWS) as i64).unwrap().strftime("%d/%b/%Y:%H:%M:%S +0000");
        let r = mix(n * 7 + 1);
        let ip = skewed(n * 3, 60_000);
        let key = skewed(n * 5 + 2, 1_000_000);
        let status = match r % 100 { 0..=2 => "404 NoSuchKey", 3 => "403 AccessDenied", 4 => "503 SlowDown", 5..=15 => "206 -", _ => "200 -" };
        let ua = skewed(n * 11, 300);
        let op = operations[(r >> 8) as usize % 10];
        text.clear();
        write!(text, "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be prod-assets [{time}] 10.{}.{}.{} arn:aws:iam::1234:user/u{} {:016X} {op} images/{}/{:06}/photo-{key}.jpg \"GET /images/{}/{:06}/photo-{key}.jpg HTTP/1.1\" {status} {} {} {} {} \"-\" \"Mozilla/5.0 (X{ua}) AppleWebKit/537.36 Chrome/{ua}.0.0.0\" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader prod-assets.s3.us-west-1.amazonaws.com TLSv1.3 - -\n",
            ip >> 16, (ip >> 8) & 255, ip & 255, r % 40, mix(n), key % 50, key % 5000, key % 50, key % 5000, r % 5_000_000, r % 9_000_000, 5 + skewed(n * 13, 3000), 3 + skewed(n * 17, 900)).unwrap();
        reader.feed(text.as_bytes(), |line, entry| match entry {
            Entry::S3(record) => builder.push(&line, &record).unwrap(),
            _ => panic!(),
        });
    }
    let batch = builder.finish().unwrap();
    assert_eq!(batch.num_rows() as u64, ROWS);
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap()))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(128 * 1024));
    for column in ["key", "remote_ip", "request_id"] {
        properties = properties.set_column_bloom_filter_enabled(ColumnPath::from(column), true).set_column_bloom_filter_ndv(ColumnPath::from(column), 128 * 1024);
    }
    for column in ["key", "request_uri", "request_id", "host_id"] {
        let _ = column;
    }
    let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file(&path)
}

#[test]
fn speed() {
    let directory = Path::new("/tmp/w/c-speed-lake");
    std::fs::create_dir_all(directory).unwrap();
    let started = Instant::now();
    let files: Vec<Arc<DataFile>> = (0..DAYS).map(|d| Arc::new(day(directory, d))).collect();
    println!("built in {:?}, {} MB", started.elapsed(), files.iter().map(|f| f.bytes).sum::<u64>() >> 20);
    let empty = super::kit::Kit::of(&[]);
    let snapshot = Arc::new(LakeSnapshot {
        store: Arc::new(LocalFileSystem::new_with_prefix(directory).unwrap()),
        requests: TableSnapshot { table: Table::Requests, schema: empty.snapshot.requests.schema.clone(), files: files.into() },
        cdn: empty.snapshot.cdn.clone(),
        rejects: TableSnapshot { table: Table::Rejects, schema: empty.snapshot.rejects.schema.clone(), files: Vec::new().into() },
        log_objects: empty.snapshot.log_objects.clone(),
    });
    let engine = Engine::new(runtime(), 256 << 20);
    let time = |name: &str, run: &dyn Fn() -> usize| {
        let times: Vec<String> = (0..4)
            .map(|_| {
                let started = Instant::now();
                let rows = run();
                format!("{:.0?} ({rows})", started.elapsed())
            })
            .collect();
        println!("{name:40} {}", times.join("  "));
    };
    let last = Timestamp::from_second(START + (DAYS - 2) * 86_400).unwrap();
    let end = Timestamp::from_second(START + (DAYS - 1) * 86_400).unwrap();
    let one_day = RecordFilter { period: TimeRange { from: Some(last), to: Some(end) }, requests_only: true, bucket: Some("prod-assets".parse().unwrap()), ..Default::default() };
    let hour = Some(Duration::from_secs(3600));
    let key = |n: u64| RecordFilter { key: Some(format!("images/{}/{:06}/photo-{n}.jpg", n % 50, n % 5000).parse().unwrap()), ..Default::default() };
    time("audit of a rare key", &|| wait(engine.search(&snapshot, &key(900_001), 50, None)).unwrap().rows.len());
    time("audit of a rare key, another", &|| wait(engine.search(&snapshot, &key(800_003), 50, None)).unwrap().rows.len());
    time("audit of a frequent key", &|| wait(engine.search(&snapshot, &key(0), 50, None)).unwrap().rows.len());
    time("audit of a missing key", &|| wait(engine.search(&snapshot, &key(5_000_000), 50, None)).unwrap().rows.len());
    time("newest records", &|| wait(engine.search(&snapshot, &RecordFilter::default(), 50, None)).unwrap().rows.len());
    time("top ips of a day", &|| wait(engine.top(&snapshot, &TopAsk { filter: one_day.clone(), dimension: Dimension::RemoteIp, by: Measure::Requests, limit: 20 })).unwrap().rows.len());
    time("activity by hour of a day", &|| wait(engine.activity(&snapshot, &ActivityAsk { filter: one_day.clone(), step: hour, by: None })).unwrap().len());
    time("latency by hour of a day", &|| wait(engine.latency(&snapshot, &LatencyAsk { filter: one_day.clone(), kind: LatencyKind::Total, step: hour, by: None })).unwrap().len());
    time("top keys of all", &|| wait(engine.top(&snapshot, &TopAsk { filter: RecordFilter::default(), dimension: Dimension::Key, by: Measure::Requests, limit: 20 })).unwrap().rows.len());
    time("sql count", &|| wait(engine.sql(&snapshot, "SELECT count(*) FROM requests", SqlLimits { rows: 10, memory: 256 << 20, time: Duration::from_secs(10) })).unwrap().rows.len());
    time("contains, one day", &|| wait(engine.search(&snapshot, &RecordFilter { contains: Some("zzz".into()), ..one_day.clone() }, 50, None)).unwrap().rows.len());
}
