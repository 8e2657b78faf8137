//! A small bundle and the log objects behind it.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use spacewatch_evidence::{
    Bundle, BundleError, BundleWriter, Digest, Examiner, Facts, NewRecord, ObjectLines, ObjectNote, Question,
    SettingNote, StoreNote, Written,
};

/// Log objects: key, and lines. The second is packed.
pub(crate) const OBJECTS: [(&str, &[&str]); 3] = [
    ("access/a", &["first line", "second \u{1b}[2J line", "third"]),
    ("access/b.gz", &["packed one", "packed two"]),
    ("access/gone", &["what was deleted"]),
];

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// The bytes of a log object as they are stored.
pub(crate) fn stored(key: &str, lines: &[&str]) -> Vec<u8> {
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    match key.ends_with(".gz") {
        true => gzip(text.as_bytes()),
        false => text.into_bytes(),
    }
}

pub(crate) fn facts() -> Facts {
    Facts {
        tool_version: "0.1.0".to_owned(),
        created_at: "2026-11-22T10:00:00Z".parse().expect("a time"),
        store: StoreNote {
            endpoint: "nyc3.example.com".to_owned(),
            log_bucket: "logs".to_owned(),
            log_prefix: "access/".to_owned(),
        },
        question: Question {
            tool: "search-logs".to_owned(),
            arguments: json!({"source_bucket": "photos"}),
        },
        coverage: json!({"complete": true}),
        truncated: false,
    }
}

pub(crate) fn examined(bytes: &[u8], lines: &ObjectLines, chunk: usize) -> spacewatch_evidence::Examined {
    let mut examiner = Examiner::new(lines);
    bytes.chunks(chunk).for_each(|chunk| examiner.feed(chunk));
    examiner.finish()
}

/// A writer with every line of every object but the first of each.
pub(crate) fn filled() -> BundleWriter {
    let mut writer = BundleWriter::new(1 << 20);
    for (key, lines) in OBJECTS {
        let mut offset = 0;
        for line in lines {
            let record = json!({"operation": "REST.GET.OBJECT", "text": line});
            let new = NewRecord {
                log_object: key,
                offset,
                line: line.as_bytes(),
                record: &record,
            };
            writer.add(&new).expect("room");
            offset += line.len() as u64 + 1;
        }
    }
    writer
}

pub(crate) fn notes(objects: &[ObjectLines]) -> Vec<ObjectNote> {
    let note = |lines: &ObjectLines| {
        let (_, text) = OBJECTS
            .into_iter()
            .find(|(key, _)| *key == lines.key)
            .expect("one of them");
        let bytes = stored(&lines.key, text);
        let gone = lines.key.ends_with("gone");
        ObjectNote {
            key: lines.key.clone(),
            records: lines.places.len() as u64,
            etag: (!gone).then(|| "e1".to_owned()),
            bytes: (!gone).then_some(bytes.len() as u64),
            last_modified: None,
            sha256: (!gone).then(|| Digest::of(&bytes)),
            unverifiable: gone.then(|| "it is gone".to_owned()),
        }
    };
    objects.iter().map(note).collect()
}

pub(crate) fn bundle() -> Written {
    let writer = filled();
    let notes = notes(&writer.objects());
    writer.finish(facts(), &notes)
}

/// The same records, and a finding that they and a setting show.
pub(crate) fn about_finding() -> Written {
    let mut writer = filled();
    let finding = json!({"id": "policy-public/photos", "severity": "high"});
    let setting = SettingNote::new(
        "photos".to_owned(),
        "policy".to_owned(),
        "{\"Statement\":\u{202e}}".to_owned(),
        false,
    );
    writer.about(&finding, Some(&setting)).expect("room");
    let notes = notes(&writer.objects());
    writer.finish(facts(), &notes)
}

pub(crate) fn open(bytes: &[u8]) -> Result<Bundle, BundleError> {
    Bundle::open(Cursor::new(bytes))
}

/// Why it is no bundle.
pub(crate) fn complaint(bytes: &[u8]) -> String {
    match open(bytes) {
        Ok(_) => panic!("it was taken"),
        Err(error) => error.to_string(),
    }
}
