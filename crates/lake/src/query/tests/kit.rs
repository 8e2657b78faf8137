//! Small lakes on disk: lines through the parser into Parquet files, a bucket and a day each.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::{Arc, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::compute::take_record_batch;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use spacewatch_access_log::{CdnBatchBuilder, Entry, Limits, LogReader, S3BatchBuilder};
use tempfile::TempDir;

use crate::query::{Engine, QueryConfig, QueryRuntime};
use crate::tables::{DataFile, LakeSnapshot, Table, TableSnapshot};

/// One runtime for all tests of this process.
pub(super) fn runtime() -> Arc<QueryRuntime> {
    static RUNTIME: OnceLock<Arc<QueryRuntime>> = OnceLock::new();
    let start = || {
        let spill = std::env::temp_dir().join(format!("spacewatch-query-test-{}", std::process::id()));
        QueryRuntime::start(&QueryConfig {
            threads: 2,
            memory: 256 << 20,
            spill_directory: spill,
            spill_bytes: 1 << 30,
            at_once: 8,
        })
        .expect("a runtime")
    };
    Arc::clone(RUNTIME.get_or_init(start))
}

/// A lake and an engine over it.
pub(super) struct Kit {
    pub(super) engine: Engine,
    pub(super) snapshot: Arc<LakeSnapshot>,
    _directory: TempDir,
}

/// Waits for an answer of the engine, whose threads are its own.
pub(super) fn wait<T>(answer: impl Future<Output = T>) -> T {
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
    threads.expect("a runtime").block_on(answer)
}

impl Kit {
    /// A lake of log objects: name and content.
    pub(super) fn of(objects: &[(String, Vec<u8>)]) -> Self {
        let mut requests = S3BatchBuilder::new();
        let mut cdn = CdnBatchBuilder::new();
        for (name, content) in objects {
            requests.begin_object(name);
            cdn.begin_object(name);
            let mut reader = LogReader::new(Limits::default());
            let mut take = |line: spacewatch_access_log::Line<'_>, entry: Entry<'_>| match entry {
                Entry::S3(record) => requests.push(&line, &record).expect("room"),
                Entry::Cdn(record) => cdn.push(&line, &record).expect("room"),
                Entry::Reject(reason) => panic!("{reason}: {:?}", String::from_utf8_lossy(line.bytes)),
            };
            reader.feed(content, &mut take);
            reader.finish(&mut take);
        }
        let (requests, cdn) = (
            requests.finish().expect("a batch"),
            cdn.finish().expect("a batch"),
        );
        Self::of_batches(&requests, &cdn, objects)
    }

    fn of_batches(requests: &RecordBatch, cdn: &RecordBatch, objects: &[(String, Vec<u8>)]) -> Self {
        let directory = TempDir::new().expect("a directory");
        let store = LocalFileSystem::new_with_prefix(directory.path()).expect("a store");
        let table = |table, folder: &str, batch: &RecordBatch, days: Vec<(Option<String>, RecordBatch)>| {
            let files = days.iter().enumerate().map(|(place, (bucket, day))| {
                Arc::new(write(
                    directory.path(),
                    &format!("{folder}/{place}.parquet"),
                    bucket.clone(),
                    day,
                ))
            });
            TableSnapshot {
                table,
                schema: plain(&batch.schema()),
                files: files.collect(),
            }
        };
        let objects = log_objects(objects);
        let rejects = rejects();
        let whole = |batch: &RecordBatch| match batch.num_rows() {
            0 => Vec::new(),
            _ => vec![(None, batch.clone())],
        };
        let snapshot = LakeSnapshot {
            store: Arc::new(store),
            requests: table(Table::Requests, "requests", requests, bucket_days(requests)),
            cdn: table(Table::Cdn, "cdn", cdn, whole(cdn)),
            rejects: table(Table::Rejects, "rejects", &rejects, whole(&rejects)),
            log_objects: table(Table::LogObjects, "log_objects", &objects, whole(&objects)),
        };
        Self {
            engine: Engine::new(runtime(), 16 << 20),
            snapshot: Arc::new(snapshot),
            _directory: directory,
        }
    }
}

/// The schema as it stands in a table's log: without dictionaries.
fn plain(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        let kind = match field.data_type() {
            DataType::Dictionary(_, words) => words.as_ref().clone(),
            other => other.clone(),
        };
        Field::new(field.name(), kind, field.is_nullable())
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn times(batch: &RecordBatch) -> Vec<i64> {
    let times = batch.column_by_name("time").expect("times");
    times.as_primitive::<TimestampMicrosecondType>().values().to_vec()
}

/// The rows of each bucket and day, by time.
fn bucket_days(batch: &RecordBatch) -> Vec<(Option<String>, RecordBatch)> {
    let mut days: BTreeMap<(Option<String>, i32), Vec<u32>> = BTreeMap::new();
    let buckets = batch
        .column_by_name("bucket")
        .expect("buckets")
        .as_dictionary::<Int32Type>();
    let words = buckets.values().as_string::<i32>();
    let dates = batch
        .column_by_name("date")
        .expect("dates")
        .as_primitive::<Date32Type>();
    for row in 0..batch.num_rows() {
        let bucket = buckets.key(row).map(|word| words.value(word).to_owned());
        days.entry((bucket, dates.value(row)))
            .or_default()
            .push(u32::try_from(row).expect("few rows"));
    }
    let times = times(batch);
    let sorted = |mut rows: Vec<u32>| {
        rows.sort_by_key(|row| times[*row as usize]);
        take_record_batch(batch, &UInt32Array::from(rows)).expect("rows")
    };
    days.into_iter()
        .map(|((bucket, _), rows)| (bucket, sorted(rows)))
        .collect()
}

pub(super) fn write(
    directory: &std::path::Path,
    path: &str,
    bucket: Option<String>,
    batch: &RecordBatch,
) -> DataFile {
    let file = directory.join(path);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_data_page_row_count_limit(16)
        .set_write_batch_size(16)
        .set_max_row_group_row_count(Some(64));
    for column in ["key", "remote_ip", "request_id"] {
        if batch.column_by_name(column).is_some() {
            properties = properties.set_column_bloom_filter_enabled(ColumnPath::from(column), true);
        }
    }
    let out = File::create(&file).expect("a file");
    let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties.build())).expect("a writer");
    writer.write(batch).expect("rows");
    writer.close().expect("a footer");
    let times = batch.column_by_name("time").map(|_| times(batch));
    DataFile {
        path: Path::from(path),
        bytes: file.metadata().expect("a file").len(),
        rows: batch.num_rows() as u64,
        bucket,
        times: times.and_then(|times| Some((*times.iter().min()?, *times.iter().max()?))),
    }
}

fn moments() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn batch_of(fields: Vec<(&str, Arc<dyn Array>)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(fields.into_iter().map(|(name, array)| (name, array, true)))
        .expect("a batch")
}

fn log_objects(objects: &[(String, Vec<u8>)]) -> RecordBatch {
    use arrow_array::{Int64Array, StringArray, TimestampMicrosecondArray};
    let zone = |times: Vec<i64>| {
        let times = TimestampMicrosecondArray::from(times).with_timezone("UTC");
        assert_eq!(*times.data_type(), moments());
        Arc::new(times) as Arc<dyn Array>
    };
    let names = objects.iter().map(|(name, _)| Some(name.as_str()));
    let lines = |content: &[u8]| content.iter().filter(|byte| **byte == b'\n').count() as i64;
    let count = objects.len();
    let numbers = |of: &dyn Fn(&[u8]) -> i64| {
        let numbers: Int64Array = objects.iter().map(|(_, content)| Some(of(content))).collect();
        Arc::new(numbers) as Arc<dyn Array>
    };
    let bounds = |end: &dyn Fn(&mut dyn Iterator<Item = i64>) -> Option<i64>| {
        let of = |object: &(String, Vec<u8>)| {
            let rows = super::oracle::records(std::slice::from_ref(object));
            end(&mut rows.iter().map(|row| row.time.as_microsecond()))
        };
        let times: TimestampMicrosecondArray = objects.iter().map(of).collect();
        Arc::new(times.with_timezone("UTC")) as Arc<dyn Array>
    };
    batch_of(vec![
        ("key", Arc::new(names.collect::<StringArray>())),
        ("size", numbers(&|content| content.len() as i64)),
        ("last_modified", zone(vec![7_000_000; count])),
        ("read_at", zone(vec![9_000_000; count])),
        ("lines", numbers(&lines)),
        ("rejected", numbers(&|_| 0)),
        ("duplicates", numbers(&|_| 0)),
        ("failure", Arc::new(StringArray::new_null(count))),
        ("first_record", bounds(&|times| times.min())),
        ("last_record", bounds(&|times| times.max())),
    ])
}

/// Twenty rejected lines, two a second, the last of a whole object.
fn rejects() -> RecordBatch {
    use arrow_array::{BinaryArray, Int64Array, StringArray, TimestampMicrosecondArray};
    let seen = TimestampMicrosecondArray::from_iter_values((0..20).map(|row| row / 2 * 1_000_000));
    let offsets: Int64Array = (0..20).map(|row| (row < 19).then_some(row * 10)).collect();
    let lengths: Int64Array = (0..20).map(|row| (row < 19).then_some(9)).collect();
    let text = |text: &str| Arc::new(StringArray::from(vec![text; 20])) as Arc<dyn Array>;
    batch_of(vec![
        ("seen_at", Arc::new(seen.with_timezone("UTC"))),
        ("log_object", text("logs/a")),
        ("log_offset", Arc::new(offsets)),
        ("log_length", Arc::new(lengths)),
        ("reason", text("json")),
        ("detail", text("the line is JSON")),
        ("line", Arc::new(BinaryArray::from(vec![&b"{\xff}"[..]; 20]))),
    ])
}
