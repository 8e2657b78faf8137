//! True answers: logs made together with their figures, by a tool that parses nothing.
//!
//! The tool is named by the environment variable `SPACEWATCH_CORPUS_TOOL`; without it these tests say so and pass.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use spacewatch_access_log::{
    CdnColumn, CdnRecord, Entry, Limits, Line, LineHashKey, LogReader, Record, line_hash,
};

use super::shown::prove;

#[expect(
    clippy::disallowed_methods,
    reason = "a test that needs an outside tool is told where it is"
)]
fn tool() -> Option<PathBuf> {
    let tool = std::env::var_os("SPACEWATCH_CORPUS_TOOL").map(PathBuf::from);
    if tool.is_none() {
        eprintln!("skipped: SPACEWATCH_CORPUS_TOOL names no corpus tool");
    }
    tool
}

#[derive(Default)]
struct Figures {
    records: u64,
    requests: u64,
    bytes_sent: u64,
    bytes_uploaded: u64,
    anonymous_reads: u64,
    by: BTreeMap<&'static str, BTreeMap<String, u64>>,
    ips: BTreeMap<String, u64>,
    requesters: HashSet<Vec<u8>>,
    /// Turn-around and total of each operation.
    latency: BTreeMap<String, [Vec<u64>; 2]>,
}

fn word(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

impl Figures {
    fn count(&mut self, table: &'static str, name: String) {
        *self.by.entry(table).or_default().entry(name).or_default() += 1;
    }

    fn add(&mut self, record: &Record<'_>) {
        let operation = word(record.operation().as_bytes());
        self.records += 1;
        self.count("by_operation", operation.clone());
        if !record.operation().is_request() {
            return;
        }
        let status = record.status().unwrap();
        self.requests += 1;
        self.count("by_method", record.method().unwrap().to_owned());
        self.count("by_status", status.to_string());
        self.count("by_class", format!("{}xx", status / 100));
        self.count(
            "by_hour",
            record.time().strftime("%Y-%m-%dT%H:00:00Z").to_string(),
        );
        self.bytes_sent += record.bytes_sent().unwrap_or(0);
        if ["REST.PUT.OBJECT", "REST.PUT.PART"].contains(&operation.as_str()) && status < 300 {
            self.bytes_uploaded += record.object_size().unwrap_or(0);
        }
        if let Some(ip) = record.remote_ip() {
            *self.ips.entry(word(ip)).or_default() += 1;
        }
        match record.requester() {
            Some(requester) => {
                self.requesters.insert(requester.to_vec());
            }
            None if operation == "REST.GET.OBJECT" && status < 300 => self.anonymous_reads += 1,
            None => {}
        }
        let [turnaround, total] = self.latency.entry(operation).or_default();
        turnaround.extend(record.turnaround_ms());
        total.extend(record.total_ms());
    }

    fn answer(mut self) -> Value {
        let mut ips: Vec<_> = self.ips.iter().collect();
        ips.sort_by_key(|(ip, count)| (u64::MAX - **count, (*ip).clone()));
        let top: Vec<_> = ips
            .iter()
            .take(20)
            .map(|(ip, count)| json!({"ip": ip, "count": count}))
            .collect();
        let latency: BTreeMap<_, _> = self
            .latency
            .iter_mut()
            .map(|(name, [turnaround, total])| {
                (
                    name,
                    json!({"turnaround_ms": percentiles(turnaround), "total_ms": percentiles(total)}),
                )
            })
            .collect();
        let mut answer = json!({
            "records": self.records, "requests": self.requests, "bytes_sent": self.bytes_sent,
            "bytes_uploaded": self.bytes_uploaded, "anonymous_reads": self.anonymous_reads,
            "requesters": self.requesters.len(), "unique_ips": ips.len(), "top_ips": top, "latency": latency,
        });
        for (table, counts) in self.by {
            answer[table] = json!(counts);
        }
        answer
    }
}

/// Nearest rank.
fn percentiles(values: &mut [u64]) -> Value {
    values.sort_unstable();
    let at = |percent: usize| values.get((percent * values.len()).div_ceil(100).saturating_sub(1));
    json!({"p50": at(50), "p95": at(95), "p99": at(99), "count": values.len()})
}

#[derive(Default)]
struct Cdn {
    bytes_sent: u64,
    by_status: BTreeMap<String, u64>,
    by_result: BTreeMap<String, u64>,
    ips: HashSet<Vec<u8>>,
    requests: u64,
}

impl Cdn {
    fn add(&mut self, record: &CdnRecord<'_>) {
        self.requests += 1;
        self.bytes_sent += record.number(CdnColumn::BytesSent).unwrap();
        *self
            .by_status
            .entry(record.status().unwrap().to_string())
            .or_default() += 1;
        *self
            .by_result
            .entry(word(record.get(CdnColumn::ResultType).unwrap()))
            .or_default() += 1;
        self.ips.insert(record.get(CdnColumn::RemoteIp).unwrap().to_vec());
    }

    fn answer(self) -> Value {
        json!({"requests": self.requests, "bytes_sent": self.bytes_sent, "by_status": self.by_status,
               "by_result": self.by_result, "unique_ips": self.ips.len()})
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[derive(Default)]
struct Totals {
    lines: u64,
    garbage: u64,
    duplicates: u64,
    seen: HashSet<(i64, i64)>,
    total: Figures,
    buckets: BTreeMap<String, Figures>,
    cdn: Cdn,
    audit: BTreeMap<String, Vec<Value>>,
}

impl Totals {
    fn add(&mut self, line: &Line<'_>, entry: &Entry<'_>) {
        match entry {
            Entry::S3(record) => {
                self.lines += 1;
                if !self.seen.insert(line_hash(&LineHashKey::default(), line.bytes)) {
                    self.duplicates += 1;
                    return;
                }
                let bucket = word(record.bucket().unwrap());
                self.total.add(record);
                self.audit(record, &bucket);
                self.buckets.entry(bucket).or_default().add(record);
            }
            Entry::Cdn(record) => self.cdn.add(record),
            Entry::Reject(_) => {
                self.lines += 1;
                self.garbage += 1;
            }
        }
    }

    fn audit(&mut self, record: &Record<'_>, bucket: &str) {
        let Some(key) = record.key() else { return };
        let dash = |text: Option<&[u8]>| text.map_or("-".to_owned(), word);
        self.audit
            .entry(format!("{bucket}/{}", word(&key)))
            .or_default()
            .push(json!([
                record.time().to_string(),
                word(record.operation().as_bytes()),
                record.status(),
                dash(record.remote_ip()),
                dash(record.requester()),
            ]));
    }
}

fn check(tool: &Path, arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("python3")
        .arg(tool)
        .arg(folder.path())
        .args(arguments)
        .status()
        .unwrap();
    assert!(made.success());
    let truth: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("truth.json")).unwrap()).unwrap();
    let mut objects = Vec::new();
    files(&folder.path().join("logs"), &mut objects);
    let mut totals = Totals::default();
    for (number, object) in objects.iter().enumerate() {
        let bytes = std::fs::read(object).unwrap();
        let mut reader = LogReader::new(Limits::default());
        let mut sink = |line: Line<'_>, entry: Entry<'_>| {
            totals.add(&line, &entry);
            // One object in seven is enough of a proof that costs a batch per line.
            if number % 7 == 0 {
                prove(&line, &entry);
            }
        };
        for chunk in bytes.chunks(65_521) {
            reader.feed(chunk, &mut sink);
        }
        reader.finish(&mut sink);
    }
    assert_eq!(json!(totals.lines), truth["lines"], "{arguments:?}");
    assert_eq!(json!(totals.garbage), truth["garbage"], "{arguments:?}");
    assert_eq!(json!(totals.duplicates), truth["duplicates"], "{arguments:?}");
    assert_eq!(totals.total.answer(), truth["total"], "{arguments:?}");
    let buckets: BTreeMap<_, _> = totals
        .buckets
        .into_iter()
        .map(|(name, figures)| (name, figures.answer()))
        .collect();
    assert_eq!(json!(buckets), truth["buckets"], "{arguments:?}");
    for (key, timeline) in truth["audit"].as_object().unwrap() {
        let mut found = totals.audit.remove(key).unwrap_or_default();
        found.sort_by_key(|event| event.to_string());
        let mut timeline = timeline.as_array().unwrap().clone();
        timeline.sort_by_key(|event| event.to_string());
        assert_eq!(found, timeline, "{key} of {arguments:?}");
    }
    if !truth["cdn"].is_null() {
        assert_eq!(totals.cdn.answer(), truth["cdn"], "{arguments:?}");
    }
}

#[test]
fn every_figure_is_exact() {
    let Some(tool) = tool() else { return };
    for seed in ["1", "7", "42"] {
        check(&tool, &["--lines", "20000", "--seed", seed]);
    }
}

#[test]
fn every_figure_is_exact_with_cdn_logs_and_any_layout() {
    let Some(tool) = tool() else { return };
    for layout in ["aws", "spaces", "dated"] {
        check(
            &tool,
            &[
                "--lines", "5000", "--seed", "3", "--cdn", "3000", "--layout", layout,
            ],
        );
    }
}

#[test]
fn every_figure_is_exact_among_hostile_lines_and_rubbish() {
    let Some(tool) = tool() else { return };
    let much = ["--hostile", "0.3", "--garbage", "0.2", "--duplicates", "0.1"];
    for seed in ["5", "6"] {
        check(
            &tool,
            &[&["--lines", "10000", "--seed", seed], much.as_slice()].concat(),
        );
    }
}
