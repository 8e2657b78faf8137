//! The zip archive around a bundle: always the same files, in the same order, not compressed, without dates.
//!
//! Written and read here and not by a library, because it has to be canonical: for given contents there is exactly one archive, and what
//! is read is compared with that, byte for byte. That leaves no room for what makes archives dangerous: there is nothing to unpack, no
//! name to follow, no number of files to believe.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use crate::error::{BundleError, damaged};
use crate::{Digest, Hasher, MAX_BYTES};

/// The files of a bundle with records only, in order.
const PLAIN: &[&str] = &[OBJECTS, RECORDS, LINES, MANIFEST, MANIFEST_DIGEST];
/// Those of one about a finding. The name of the first file tells which they are.
const OF_FINDING: &[&str] = &[
    FINDING,
    SETTINGS,
    OBJECTS,
    RECORDS,
    LINES,
    MANIFEST,
    MANIFEST_DIGEST,
];
pub(crate) const FINDING: &str = "finding.json";
pub(crate) const SETTINGS: &str = "settings.jsonl";
pub(crate) const OBJECTS: &str = "objects.jsonl";
pub(crate) const RECORDS: &str = "records.jsonl";
pub(crate) const LINES: &str = "lines.log";
pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const MANIFEST_DIGEST: &str = "manifest.json.sha256";

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Version 1.0 of the format can read it.
const VERSION: u16 = 10;
/// 1 January 1980, the first day there is.
const DATE: u16 = 0x21;
/// Bytes of a local header up to the name, and where checksum and size stand in it.
const LOCAL_BYTES: usize = 30;
/// Read at a time.
const CHUNK: usize = 64 * 1024;

/// Where a file lies in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    crc: u32,
    pub(crate) bytes: u32,
    /// Where its header begins.
    at: u32,
    pub(crate) digest: Digest,
}

impl Member {
    /// Where its content begins.
    pub(crate) fn begins(&self) -> u64 {
        u64::from(self.at).saturating_add(as_u64(LOCAL_BYTES.saturating_add(self.name.len())))
    }

    fn ends(&self) -> u64 {
        self.begins().saturating_add(u64::from(self.bytes))
    }

    fn header(&self) -> Vec<u8> {
        let mut header = LOCAL.to_le_bytes().to_vec();
        header.extend(self.facts());
        header.extend(0_u16.to_le_bytes());
        header.extend(self.name.as_bytes());
        header
    }

    /// What both headers of a file say: version, no flags, not compressed, the date, checksum, size twice, length of the name.
    fn facts(&self) -> Vec<u8> {
        let mut facts = Vec::new();
        for short in [VERSION, 0, 0, 0, DATE] {
            facts.extend(short.to_le_bytes());
        }
        for long in [self.crc, self.bytes, self.bytes] {
            facts.extend(long.to_le_bytes());
        }
        facts.extend(u16::try_from(self.name.len()).unwrap_or(u16::MAX).to_le_bytes());
        facts
    }
}

/// The list of files at the end of the archive.
fn directory(members: &[Member]) -> Vec<u8> {
    let mut directory = Vec::new();
    for member in members {
        directory.extend(CENTRAL.to_le_bytes());
        directory.extend(VERSION.to_le_bytes());
        directory.extend(member.facts());
        // No further fields, no comment, the first disk, no attributes.
        directory.extend([0; 12]);
        directory.extend(member.at.to_le_bytes());
        directory.extend(member.name.as_bytes());
    }
    let begins = members.last().map_or(0, Member::ends);
    let count = u16::try_from(members.len()).unwrap_or(u16::MAX);
    let bytes = u32::try_from(directory.len()).unwrap_or(u32::MAX);
    directory.extend(END.to_le_bytes());
    for short in [0, 0, count, count] {
        directory.extend(short.to_le_bytes());
    }
    directory.extend(bytes.to_le_bytes());
    directory.extend(u32::try_from(begins).unwrap_or(u32::MAX).to_le_bytes());
    directory.extend(0_u16.to_le_bytes());
    directory
}

/// The archive, in pieces that follow each other.
pub(crate) fn write(contents: Vec<(&'static str, Vec<u8>)>) -> Vec<Vec<u8>> {
    let (mut pieces, mut members) = (Vec::new(), Vec::new());
    let mut at = 0_u64;
    for (name, content) in contents {
        let member = Member {
            name,
            crc: crc32fast::hash(&content),
            bytes: u32::try_from(content.len()).unwrap_or(u32::MAX),
            at: u32::try_from(at).unwrap_or(u32::MAX),
            digest: Digest::of(&content),
        };
        at = member.ends();
        members.push(member);
        pieces.push(member.header());
        pieces.push(content);
    }
    pieces.push(directory(&members));
    pieces
}

/// Which files it has to have, by the name of the first one.
fn names(reader: &mut (impl Read + Seek)) -> Result<&'static [&'static str], BundleError> {
    let mut first = Vec::new();
    let most = as_u64(LOCAL_BYTES.saturating_add(FINDING.len()));
    reader.by_ref().take(most).read_to_end(&mut first)?;
    reader.seek(SeekFrom::Start(0))?;
    let of_finding = first.get(LOCAL_BYTES..) == Some(FINDING.as_bytes());
    Ok(if of_finding { OF_FINDING } else { PLAIN })
}

/// Reads an archive to its end and tells where its files lie.
pub(crate) fn read(reader: &mut (impl Read + Seek)) -> Result<Vec<Member>, BundleError> {
    let length = reader.seek(SeekFrom::End(0))?;
    if length > MAX_BYTES {
        return Err(damaged(format!(
            "it has {length} bytes, a bundle has at most {MAX_BYTES}"
        )));
    }
    reader.seek(SeekFrom::Start(0))?;
    let mut members: Vec<Member> = Vec::new();
    for name in names(reader)? {
        let at = members.last().map_or(0, Member::ends);
        members.push(member(reader, name, at)?);
    }
    let mut rest = Vec::new();
    let expected = directory(&members);
    let most = as_u64(expected.len()).saturating_add(1);
    reader.take(most).read_to_end(&mut rest)?;
    if rest != expected {
        return Err(damaged(
            "the list of files at its end is another one, or something follows it",
        ));
    }
    Ok(members)
}

fn member(reader: &mut impl Read, name: &'static str, at: u64) -> Result<Member, BundleError> {
    let mut header = vec![0; LOCAL_BYTES.saturating_add(name.len())];
    exactly(reader, &mut header, name)?;
    let long = |at: usize| {
        let bytes = header.get(at..at.saturating_add(4)).unwrap_or_default();
        <[u8; 4]>::try_from(bytes).map_or(0, u32::from_le_bytes)
    };
    let mut member = Member {
        name,
        crc: long(14),
        bytes: long(18),
        at: u32::try_from(at).map_err(|_| damaged("it is too long"))?,
        digest: Digest::of(b""),
    };
    if member.header() != header {
        return Err(damaged(format!(
            "no file `{name}` stands where one should, or not as SpaceWatch writes it"
        )));
    }
    let (mut hasher, mut crc) = (Hasher::default(), crc32fast::Hasher::new());
    let mut left = usize::try_from(member.bytes).map_err(|_| damaged("it is too long"))?;
    let mut chunk = vec![0; CHUNK];
    while left > 0 {
        let part = chunk.get_mut(..left.min(CHUNK)).unwrap_or_default();
        exactly(reader, part, name)?;
        hasher.update(part);
        crc.update(part);
        left = left.saturating_sub(part.len());
    }
    if crc.finalize() != member.crc {
        return Err(damaged(format!("`{name}` differs from its checksum")));
    }
    member.digest = hasher.finish();
    Ok(member)
}

fn exactly(reader: &mut impl Read, buffer: &mut [u8], name: &str) -> Result<(), BundleError> {
    reader.read_exact(buffer).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => damaged(format!("it ends in `{name}`")),
        _ => error.into(),
    })
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
