//! How a bundle is read.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::archive::{self, FINDING, LINES, MANIFEST, MANIFEST_DIGEST, Member, OBJECTS, RECORDS, SETTINGS};
use crate::error::{BundleError, damaged};
use crate::manifest::{self, FORMAT, RecordNote, VERSION};
use crate::writer::digest_file;
use crate::{Digest, Hasher, MAX_RECORDS, Manifest, ObjectNote, SettingNote};

/// Bytes of a manifest at most.
const MAX_MANIFEST: u32 = 1 << 20;
/// Bytes of one line of JSON: a log line has at most 256 KiB, and its fields take up to six times as much.
pub(crate) const MAX_JSON_LINE: u64 = 4 << 20;
/// Settings that show one finding at most.
pub(crate) const MAX_SETTINGS: usize = 16;
/// Read at a time.
const CHUNK: usize = 64 * 1024;

/// Where a line stands in a log object, decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// At which byte it begins.
    pub offset: u64,
    /// How long it is, without its line ending.
    pub length: u64,
    /// Its digest.
    pub sha256: Digest,
}

/// The lines of a log object that are in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectLines {
    /// Its key.
    pub key: String,
    /// In order; none overlaps another one.
    pub places: Vec<Place>,
}

/// A bundle that holds together: what it says is what was written.
#[derive(Debug, Clone)]
pub struct Bundle {
    manifest: Manifest,
    fingerprint: Digest,
    objects: Vec<(ObjectNote, ObjectLines)>,
    finding: Option<Value>,
    settings: Vec<SettingNote>,
}

impl Bundle {
    /// Reads a bundle and makes sure that it is whole: each byte of it is where and what it has to be.
    ///
    /// # Errors
    ///
    /// When the file can't be read, is no bundle, is damaged, or was written by a newer version.
    pub fn open(mut reader: impl Read + Seek) -> Result<Self, BundleError> {
        let members = archive::read(&mut reader)?;
        let (manifest, fingerprint) = manifest(&mut reader, &members)?;
        let mut objects = objects(&mut reader, &members, &manifest)?;
        records(&mut reader, &members, &manifest, &mut objects)?;
        for (note, lines) in &mut objects {
            if as_u64(lines.places.len()) != note.records || lines.places.is_empty() {
                return Err(damaged("an object has another number of records than it says"));
            }
            in_order(lines)?;
        }
        let finding = finding(&mut reader, &members)?;
        let settings = settings(&mut reader, &members)?;
        Ok(Self {
            manifest,
            fingerprint,
            objects,
            finding,
            settings,
        })
    }

    /// What it is about.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The digest of its manifest, and so of all that it holds: two bundles with the same are the same.
    pub fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    /// Its log objects, in the order of their keys, each with its lines.
    pub fn objects(&self) -> &[(ObjectNote, ObjectLines)] {
        &self.objects
    }

    /// The finding it is about, where it is about one.
    pub fn finding(&self) -> Option<&Value> {
        self.finding.as_ref()
    }

    /// The settings that show the finding.
    pub fn settings(&self) -> &[SettingNote] {
        &self.settings
    }
}

fn finding(reader: &mut (impl Read + Seek), members: &[Member]) -> Result<Option<Value>, BundleError> {
    let Ok(member) = of(members, FINDING) else {
        return Ok(None);
    };
    let mut lines = JsonLines::new(content(reader, member)?, FINDING);
    match (lines.next::<Value>()?, lines.next::<IgnoredAny>()?) {
        (Some(finding @ Value::Object(_)), None) => Ok(Some(finding)),
        _ => Err(damaged("it holds no finding where one should be")),
    }
}

fn settings(reader: &mut (impl Read + Seek), members: &[Member]) -> Result<Vec<SettingNote>, BundleError> {
    let mut settings = Vec::new();
    let Ok(member) = of(members, SETTINGS) else {
        return Ok(settings);
    };
    let mut lines = JsonLines::new(content(reader, member)?, SETTINGS);
    while let Some(note) = lines.next::<SettingNote>()? {
        if settings.len() >= MAX_SETTINGS {
            return Err(damaged("it has more settings than a bundle holds"));
        }
        if !note.holds() {
            return Err(damaged("a setting differs from its digest"));
        }
        settings.push(note);
    }
    Ok(settings)
}

fn of<'a>(members: &'a [Member], name: &str) -> Result<&'a Member, BundleError> {
    let member = members.iter().find(|member| member.name == name);
    member.ok_or_else(|| damaged(format!("`{name}` is missing")))
}

/// The content of a file, as a stream.
fn content<'a, R: Read + Seek>(
    reader: &'a mut R,
    member: &Member,
) -> Result<impl BufRead + use<'a, R>, BundleError> {
    reader.seek(SeekFrom::Start(member.begins()))?;
    Ok(BufReader::with_capacity(
        CHUNK,
        reader.take(u64::from(member.bytes)),
    ))
}

fn manifest(reader: &mut (impl Read + Seek), members: &[Member]) -> Result<(Manifest, Digest), BundleError> {
    let member = of(members, MANIFEST)?;
    if member.bytes > MAX_MANIFEST {
        return Err(damaged(format!(
            "its manifest has {} bytes, more than any has",
            member.bytes
        )));
    }
    if of(members, MANIFEST_DIGEST)?.digest != Digest::of(&digest_file(member.digest)) {
        return Err(damaged("the manifest is not the one that was digested"));
    }
    let mut text = Vec::new();
    content(reader, member)?.read_to_end(&mut text)?;
    let version: Version = parse(&text, MANIFEST)?;
    if version.format != FORMAT {
        return Err(damaged("its manifest is none of evidence"));
    }
    if version.version > VERSION {
        return Err(BundleError::Newer(version.version));
    }
    let manifest: Manifest = parse(&text, MANIFEST)?;
    if manifest.version != manifest::version(of(members, FINDING).is_ok()) {
        return Err(damaged("its files are not those of its version"));
    }
    digested(&manifest, members)?;
    if manifest.records > MAX_RECORDS || manifest.objects > manifest.records {
        return Err(damaged("its manifest counts more than a bundle holds"));
    }
    Ok((manifest, member.digest))
}

/// Makes sure that the manifest names each file before it, with its digest.
fn digested(manifest: &Manifest, members: &[Member]) -> Result<(), BundleError> {
    let before = members
        .len()
        .checked_sub(2)
        .and_then(|count| members.get(..count));
    let before = before.unwrap_or_default();
    if before.len() != manifest.files.len() {
        return Err(damaged("its manifest names other files"));
    }
    for (member, file) in before.iter().zip(&manifest.files) {
        let is = (member.name, u64::from(member.bytes), member.digest);
        if (file.name.as_str(), file.bytes, file.sha256) != is {
            return Err(damaged(format!(
                "`{}` is not what the manifest says",
                member.name
            )));
        }
    }
    Ok(())
}

/// What every version of the format says.
#[derive(serde::Deserialize)]
struct Version {
    format: String,
    version: u32,
}

fn objects(
    reader: &mut (impl Read + Seek),
    members: &[Member],
    manifest: &Manifest,
) -> Result<Vec<(ObjectNote, ObjectLines)>, BundleError> {
    let mut lines = JsonLines::new(content(reader, of(members, OBJECTS)?)?, OBJECTS);
    let mut objects: Vec<(ObjectNote, ObjectLines)> = Vec::new();
    while let Some(note) = lines.next::<ObjectNote>()? {
        if as_u64(objects.len()) >= manifest.objects {
            return Err(damaged("it has more objects than its manifest says"));
        }
        if objects.last().is_some_and(|(last, _)| last.key >= note.key) {
            return Err(damaged("its objects are not in order"));
        }
        let lines = ObjectLines {
            key: note.key.clone(),
            places: Vec::new(),
        };
        objects.push((note, lines));
    }
    if as_u64(objects.len()) != manifest.objects {
        return Err(damaged("it has fewer objects than its manifest says"));
    }
    Ok(objects)
}

/// Puts each record's place to its object, and makes sure that its line is there.
fn records(
    reader: &mut (impl Read + Seek),
    members: &[Member],
    manifest: &Manifest,
    objects: &mut [(ObjectNote, ObjectLines)],
) -> Result<(), BundleError> {
    let known: BTreeMap<String, usize> = objects
        .iter()
        .enumerate()
        .map(|(place, (note, _))| (note.key.clone(), place))
        .collect();
    let (mut digests, mut at) = (Vec::new(), 0_u64);
    let mut lines = JsonLines::new(content(reader, of(members, RECORDS)?)?, RECORDS);
    while let Some(note) = lines.next::<RecordNote>()? {
        if as_u64(digests.len()) >= manifest.records {
            return Err(damaged("it has more records than its manifest says"));
        }
        let object = known
            .get(&note.log_object)
            .and_then(|place| objects.get_mut(*place));
        let (_, object) = object.ok_or_else(|| damaged("a record stands in an object that is not listed"))?;
        if note.at != at {
            return Err(damaged("a record's line is not where it says"));
        }
        at = at.saturating_add(note.length).saturating_add(1);
        digests.push((note.length, note.sha256));
        object.places.push(Place {
            offset: note.offset,
            length: note.length,
            sha256: note.sha256,
        });
    }
    drop(lines);
    let member = of(members, LINES)?;
    if as_u64(digests.len()) != manifest.records || at != u64::from(member.bytes) {
        return Err(damaged("records and lines are not as many as its manifest says"));
    }
    let mut content = content(reader, member)?;
    digests
        .into_iter()
        .try_for_each(|(length, digest)| line(&mut content, length, digest))
}

/// Makes sure that the next line has this digest.
fn line(content: &mut impl BufRead, length: u64, digest: Digest) -> Result<(), BundleError> {
    let mut hasher = Hasher::default();
    let mut left = length;
    while left > 0 {
        let part = content.fill_buf()?;
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(part.len());
        if most == 0 {
            return Err(damaged("its lines end too early"));
        }
        hasher.update(part.get(..most).unwrap_or_default());
        content.consume(most);
        left = left.saturating_sub(as_u64(most));
    }
    let mut end = [0; 1];
    content.read_exact(&mut end)?;
    if hasher.finish() != digest || end != [b'\n'] {
        return Err(damaged("a line differs from its digest"));
    }
    Ok(())
}

/// Sorts the lines of an object; overlapping ones are none that a log ever held.
fn in_order(lines: &mut ObjectLines) -> Result<(), BundleError> {
    lines.places.sort_unstable_by_key(|place| place.offset);
    let mut end = 0_u64;
    for place in &lines.places {
        let next = place
            .offset
            .checked_add(place.length)
            .and_then(|next| next.checked_add(1));
        match next {
            Some(next) if place.offset >= end => end = next,
            _ => return Err(damaged("lines of an object overlap")),
        }
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(text: &[u8], name: &str) -> Result<T, BundleError> {
    serde_json::from_slice(text).map_err(|error| damaged(format!("`{name}` can't be understood: {error}")))
}

/// Lines of JSON, each of bounded length.
struct JsonLines<R> {
    reader: R,
    name: &'static str,
    line: Vec<u8>,
}

impl<R: BufRead> JsonLines<R> {
    fn new(reader: R, name: &'static str) -> Self {
        Self {
            reader,
            name,
            line: Vec::new(),
        }
    }

    fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, BundleError> {
        self.line.clear();
        let mut bounded = (&mut self.reader).take(MAX_JSON_LINE);
        if bounded.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        let line = self.line.strip_suffix(b"\n");
        let line =
            line.ok_or_else(|| damaged(format!("a line of `{}` is too long or has no end", self.name)))?;
        parse(line, self.name).map(Some)
    }
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
