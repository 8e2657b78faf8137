//! The form of a roll-up: many records in one object, those of one source beside each other.
//!
//! An object is a row of gzip members, so any tool unpacks it as a whole: the first holds one line, the header; each further
//! one the records of one source by time. The header says where each begins, so that a question about one source unpacks
//! nothing else.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::TimeRange;

use crate::body::{packed, unpack_first};
use crate::{SnapshotError, SnapshotRecord, Source};

/// The version of this form.
const VERSION: u32 = 1;
/// Bytes of a header.
const MAX_HEADER: u64 = 8 << 20;

/// What an object holds, and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    spacewatch_rollup: u32,
    /// How many records there are.
    records: u64,
    /// The objects whose records these are, by their names behind the prefix.
    replaces: Vec<String>,
    parts: Vec<Part>,
}

/// The records of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    #[serde(flatten)]
    pub(crate) source: Source,
    records: u64,
    /// The time of the first record.
    pub(crate) first: Timestamp,
    /// The time of the last one.
    pub(crate) last: Timestamp,
    /// Where the member begins, from the end of the header's.
    offset: u64,
    length: u64,
}

impl Part {
    /// Whether some of its records may belong to the period.
    pub(crate) fn overlaps(&self, range: TimeRange) -> bool {
        range.overlaps(self.first, self.last)
    }

    /// Whether its first and its last record belong to the period.
    pub(crate) fn is_within(&self, range: TimeRange) -> bool {
        range.contains(self.first) && range.contains(self.last)
    }
}

/// A roll-up, its header read.
#[derive(Debug, Clone)]
pub(crate) struct RollUp {
    pub(crate) parts: Vec<Part>,
    members: Bytes,
}

impl RollUp {
    /// Reads the header. `None` if this is no roll-up.
    pub(crate) fn read(bytes: &Bytes) -> Option<Self> {
        let (header, members) = unpack_first(bytes, MAX_HEADER)?;
        let header: Header = serde_json::from_slice(&header).ok()?;
        if header.spacewatch_rollup != VERSION {
            return None;
        }
        let members = bytes.slice_ref(members);
        let fits = header
            .parts
            .iter()
            .all(|part| range(part, members.len()).is_some());
        fits.then_some(Self {
            parts: header.parts,
            members,
        })
    }

    /// The packed records of a part.
    pub(crate) fn member(&self, part: &Part) -> Bytes {
        range(part, self.members.len()).map_or_else(Bytes::new, |range| self.members.slice(range))
    }
}

fn range(part: &Part, length: usize) -> Option<Range<usize>> {
    let from = usize::try_from(part.offset).ok()?;
    let to = from.checked_add(usize::try_from(part.length).ok()?)?;
    (to <= length).then_some(from..to)
}

/// The lines of records, one each.
pub(crate) fn lines<'a>(
    records: impl IntoIterator<Item = &'a SnapshotRecord>,
) -> Result<Vec<u8>, SnapshotError> {
    let mut text = Vec::new();
    for record in records {
        serde_json::to_writer(&mut text, record)
            .map_err(|error| SnapshotError::Internal(error.to_string()))?;
        text.push(b'\n');
    }
    Ok(text)
}

/// Writes records as a roll-up that stands for these objects.
pub(crate) fn write(records: &[SnapshotRecord], replaces: Vec<String>) -> Result<Bytes, SnapshotError> {
    let failed = |error: &dyn std::error::Error| SnapshotError::Internal(error.to_string());
    let mut sources: BTreeMap<Source, Vec<&SnapshotRecord>> = BTreeMap::new();
    for record in records {
        sources.entry(Source::of(record)).or_default().push(record);
    }
    let (mut parts, mut members) = (Vec::new(), Vec::new());
    for (source, mut records) in sources {
        records.sort_by_key(|record| (record.ts, record.id));
        let (Some(first), Some(last)) = (records.first(), records.last()) else {
            continue;
        };
        let (first, last, count) = (first.ts, last.ts, records.len());
        let member = packed(&lines(records)?).map_err(|error| failed(&error))?;
        parts.push(Part {
            source,
            records: u64::try_from(count).unwrap_or(u64::MAX),
            first,
            last,
            offset: u64::try_from(members.len()).unwrap_or(u64::MAX),
            length: u64::try_from(member.len()).unwrap_or(u64::MAX),
        });
        members.extend(member);
    }
    let header = Header {
        spacewatch_rollup: VERSION,
        records: u64::try_from(records.len()).unwrap_or(u64::MAX),
        replaces,
        parts,
    };
    let mut text = serde_json::to_vec(&header).map_err(|error| failed(&error))?;
    text.push(b'\n');
    let mut object = packed(&text).map_err(|error| failed(&error))?;
    object.extend(members);
    Ok(object.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::each_line;

    fn record(bucket: &str, second: i64) -> SnapshotRecord {
        let ts = Timestamp::from_second(second).expect("a time");
        SnapshotRecord::new(ts, bucket.parse().expect("a name"), "".parse().expect("a prefix"))
    }

    #[test]
    fn each_source_is_found_without_the_others() {
        let records = [record("two", 30), record("one", 20), record("two", 10)];
        let object = write(&records, vec!["dt=x".to_owned()]).expect("an object");
        let rolled = RollUp::read(&object).expect("a roll-up");
        let names: Vec<_> = rolled
            .parts
            .iter()
            .map(|part| part.source.bucket.as_str())
            .collect();
        assert_eq!(names, ["one", "two"]);
        let two = &rolled.parts[1];
        assert_eq!((two.first.as_second(), two.last.as_second()), (10, 30));
        let mut found = Vec::new();
        each_line(&rolled.member(two), 1 << 20, |line| {
            found.extend(SnapshotRecord::read(line, false));
        });
        assert_eq!(found, [records[2].clone(), records[0].clone()]);
        // As a whole it is what any tool unpacks: the header, then every record.
        let mut lines = 0;
        each_line(&object, 1 << 20, |_| lines += 1);
        assert_eq!(lines, 4);
    }

    #[test]
    fn what_points_outside_is_no_roll_up() {
        let part = r#"{"source_bucket":"one","source_prefix":"","records":1,"first":"2026-01-01T00:00:00Z","last":"2026-01-01T00:00:00Z","offset":OFFSET,"length":LENGTH}"#;
        for (offset, length) in [
            ("1", "0"),
            ("0", "1"),
            ("18446744073709551615", "1"),
            ("0", "18446744073709551615"),
        ] {
            let part = part.replace("OFFSET", offset).replace("LENGTH", length);
            let header = format!(r#"{{"spacewatch_rollup":1,"records":1,"replaces":[],"parts":[{part}]}}"#);
            let object = Bytes::from(packed(header.as_bytes()).expect("gzip"));
            assert!(RollUp::read(&object).is_none(), "{offset} {length}");
        }
        for text in [
            "",
            "{}",
            r#"{"spacewatch_rollup":2,"records":0,"replaces":[],"parts":[]}"#,
        ] {
            let object = Bytes::from(packed(text.as_bytes()).expect("gzip"));
            assert!(RollUp::read(&object).is_none());
        }
        assert!(RollUp::read(&Bytes::from_static(b"no gzip")).is_none());
    }
}
