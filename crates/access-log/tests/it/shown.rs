//! What a line was read as, printed for the tables; and the proof that its batch gives it back.

use std::fmt::Write;

use spacewatch_access_log::{CdnBatchBuilder, Entry, Limits, Line, LogReader, S3BatchBuilder, rebuild};

/// The entries of a whole object, one line each: what differs from "all missing" is shown.
pub(crate) fn show(object: &[u8]) -> String {
    let mut out = String::new();
    let mut reader = LogReader::new(Limits::default());
    let mut sink = |line: Line<'_>, entry: Entry<'_>| {
        prove(&line, &entry);
        show_entry(&mut out, &entry);
    };
    reader.feed(object, &mut sink);
    reader.finish(&mut sink);
    out
}

fn text(bytes: &[u8]) -> String {
    bytes
        .escape_ascii()
        .to_string()
        .replace("\\\"", "\"")
        .replace("\\'", "'")
}

fn show_entry(out: &mut String, entry: &Entry<'_>) {
    let record = match entry {
        Entry::S3(record) => record,
        Entry::Cdn(record) => {
            let status = record.status().map_or("-".into(), |status| status.to_string());
            let key = record.key().map_or("-".into(), |key| text(&key));
            writeln!(out, "cdn {} {status} {key}", record.time()).unwrap();
            return;
        }
        Entry::Reject(reason) => return writeln!(out, "rejected: {reason}").unwrap(),
    };
    write!(out, "{}", record.dialect().as_str()).unwrap();
    let mut put = |name: &str, value: Option<&[u8]>| {
        if let Some(value) = value {
            write!(out, " {name}=⟨{}⟩", text(value)).unwrap();
        }
    };
    put("ip", record.remote_ip());
    put("requester", record.requester());
    put("id", record.request_id());
    put("operation", Some(record.operation().as_bytes()));
    put("key", record.key().as_deref());
    put("uri", record.request_uri());
    put("error", record.error_code());
    put("referer", record.referer());
    put("agent", record.user_agent());
    let numbers = [
        ("status", record.status().map(u64::from)),
        ("sent", record.bytes_sent()),
        ("size", record.object_size()),
        ("total", record.total_ms()),
        ("turnaround", record.turnaround_ms()),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            write!(out, " {name}={number}").unwrap();
        }
    }
    let tail = record.tail();
    write!(out, " fields={}", 17 + tail.count()).unwrap();
    for (name, value) in [
        ("version", tail.version_id()),
        ("tls", tail.tls_version()),
        ("region", tail.source_region()),
        ("extra", tail.extra()),
    ] {
        if let Some(value) = value {
            write!(out, " {name}=⟨{}⟩", text(value)).unwrap();
        }
    }
    writeln!(out, "{}", if record.is_ambiguous() { " ambiguous" } else { "" }).unwrap();
}

/// Every accepted line comes back from its row byte for byte, and says whether it had to be kept for that.
pub(crate) fn prove(line: &Line<'_>, entry: &Entry<'_>) -> bool {
    let batch = match entry {
        Entry::S3(record) => {
            let mut builder = S3BatchBuilder::new();
            builder.begin_object("logs/object");
            builder.push(line, record).unwrap();
            builder.finish().unwrap()
        }
        Entry::Cdn(record) => {
            let mut builder = CdnBatchBuilder::new();
            builder.begin_object("logs/object");
            builder.push(line, record).unwrap();
            builder.finish().unwrap()
        }
        Entry::Reject(_) => return false,
    };
    let back = rebuild(&batch, 0).unwrap();
    assert_eq!(
        back.escape_ascii().to_string(),
        line.bytes.escape_ascii().to_string()
    );
    batch.column_by_name("line").unwrap().null_count() == 1
}
