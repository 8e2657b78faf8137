//! How a bundle is made.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::archive::{self, FINDING, LINES, MANIFEST, MANIFEST_DIGEST, OBJECTS, RECORDS, SETTINGS};
use crate::bundle::{MAX_JSON_LINE, ObjectLines, Place};
use crate::manifest::{self, FORMAT, RecordLine};
use crate::{
    Digest, FileDigest, MAX_BYTES, MAX_RECORDS, Manifest, ObjectNote, Question, SettingNote, StoreNote,
};

/// A record to be put into a bundle.
#[derive(Debug)]
pub struct NewRecord<'a> {
    /// The log object it stands in.
    pub log_object: &'a str,
    /// At which byte of it, decompressed.
    pub offset: u64,
    /// Its line, without line ending.
    pub line: &'a [u8],
    /// Its fields, for whoever reads the bundle.
    pub record: &'a Value,
}

/// No more fits into a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// Too many records.
    #[error("a bundle holds at most {MAX_RECORDS} records")]
    Records,
    /// Too many bytes.
    #[error("a bundle holds at most {0} bytes")]
    Bytes(u64),
    /// Too long a finding, or setting.
    #[error("a finding and its setting have at most {MAX_JSON_LINE} bytes each")]
    Finding,
}

/// What else stands in the manifest.
#[derive(Debug)]
pub struct Facts {
    /// Of the SpaceWatch that writes it.
    pub tool_version: String,
    /// Now.
    pub created_at: Timestamp,
    /// Where the log lies.
    pub store: StoreNote,
    /// What was asked.
    pub question: Question,
    /// What the answer rests on.
    pub coverage: Value,
    /// There are more records.
    pub truncated: bool,
}

/// A bundle that is done.
#[derive(Debug)]
pub struct Written {
    /// The file, in pieces that follow each other.
    pub pieces: Vec<Vec<u8>>,
    /// The digest of its manifest.
    pub fingerprint: Digest,
    /// What stands in it.
    pub manifest: Manifest,
}

/// Makes a bundle, in memory: a bounded one.
#[derive(Debug)]
pub struct BundleWriter {
    most_bytes: u64,
    /// `finding.json` and `settings.jsonl`, where the bundle is about a finding.
    finding: Option<[Vec<u8>; 2]>,
    seen: BTreeSet<(String, u64)>,
    lines_of: BTreeMap<String, Vec<Place>>,
    records: Vec<u8>,
    lines: Vec<u8>,
}

impl BundleWriter {
    /// An empty one that holds at most so many bytes.
    pub fn new(most_bytes: u64) -> Self {
        Self {
            most_bytes: most_bytes.min(MAX_BYTES),
            finding: None,
            seen: BTreeSet::new(),
            lines_of: BTreeMap::new(),
            records: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Makes it a bundle about a finding, which a setting may show.
    ///
    /// # Errors
    ///
    /// When that is more than fits.
    pub fn about(&mut self, finding: &Value, setting: Option<&SettingNote>) -> Result<(), Full> {
        let settings = setting.map(json_line).unwrap_or_default();
        let finding = json_line(finding);
        if as_u64(finding.len().max(settings.len())) >= MAX_JSON_LINE {
            return Err(Full::Finding);
        }
        self.finding = Some([finding, settings]);
        Ok(())
    }

    /// Whether it has the record at this place of this log object.
    pub fn holds(&self, log_object: &str, offset: u64) -> bool {
        self.seen.contains(&(log_object.to_owned(), offset))
    }

    /// Adds a record; the same place of the same log object counts once.
    ///
    /// # Errors
    ///
    /// When no more fits. What was added before stays.
    pub fn add(&mut self, new: &NewRecord<'_>) -> Result<(), Full> {
        if self.holds(new.log_object, new.offset) {
            return Ok(());
        }
        if as_u64(self.seen.len()) >= MAX_RECORDS {
            return Err(Full::Records);
        }
        let place = Place {
            offset: new.offset,
            length: as_u64(new.line.len()),
            sha256: Digest::of(new.line),
        };
        let line = RecordLine {
            log_object: new.log_object,
            offset: place.offset,
            length: place.length,
            sha256: place.sha256,
            at: as_u64(self.lines.len()),
            record: new.record,
        };
        let line = json_line(&line);
        let besides = self.finding.iter().flatten().map(Vec::len);
        let grown = [self.records.len(), self.lines.len(), line.len(), new.line.len()];
        let grown = besides.chain(grown).fold(0_usize, usize::saturating_add);
        if as_u64(grown) > self.most_bytes {
            return Err(Full::Bytes(self.most_bytes));
        }
        self.records.extend(line);
        self.lines.extend(new.line);
        self.lines.push(b'\n');
        self.seen.insert((new.log_object.to_owned(), new.offset));
        self.lines_of
            .entry(new.log_object.to_owned())
            .or_default()
            .push(place);
        Ok(())
    }

    /// How many records it holds.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// The log objects named so far, in the order of their keys, each with the places of its lines in order.
    pub fn objects(&self) -> Vec<ObjectLines> {
        let objects = self.lines_of.iter().map(|(key, places)| {
            let mut places = places.clone();
            places.sort_unstable_by_key(|place| place.offset);
            ObjectLines {
                key: key.clone(),
                places,
            }
        });
        objects.collect()
    }

    /// The bundle. `notes` are about the log objects named, in the order of their keys.
    pub fn finish(self, facts: Facts, notes: &[ObjectNote]) -> Written {
        let objects: Vec<u8> = notes.iter().flat_map(json_line).collect();
        let of_finding = self.finding.is_some();
        let of_records = [(OBJECTS, objects), (RECORDS, self.records), (LINES, self.lines)];
        let about = self
            .finding
            .map(|contents| [FINDING, SETTINGS].into_iter().zip(contents));
        let mut contents: Vec<_> = about.into_iter().flatten().chain(of_records).collect();
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            version: manifest::version(of_finding),
            tool_version: facts.tool_version,
            created_at: facts.created_at,
            store: facts.store,
            question: facts.question,
            coverage: facts.coverage,
            records: as_u64(self.seen.len()),
            objects: as_u64(notes.len()),
            truncated: facts.truncated,
            files: contents
                .iter()
                .map(|(name, content)| file(name, content))
                .collect(),
        };
        let mut text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        text.push(b'\n');
        let fingerprint = Digest::of(&text);
        contents.push((MANIFEST, text));
        contents.push((MANIFEST_DIGEST, digest_file(fingerprint)));
        Written {
            pieces: archive::write(contents),
            fingerprint,
            manifest,
        }
    }
}

fn file(name: &str, content: &[u8]) -> FileDigest {
    FileDigest {
        name: name.to_owned(),
        bytes: as_u64(content.len()),
        sha256: Digest::of(content),
    }
}

/// What `sha256sum manifest.json` prints.
pub(crate) fn digest_file(manifest: Digest) -> Vec<u8> {
    format!("{manifest}  {}\n", MANIFEST).into_bytes()
}

/// Plain fields become JSON without fail.
fn json_line(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
