//! Pages of versions.

use std::cmp::Reverse;

use jiff::Timestamp;
use spacewatch_model::{ByteSize, ObjectKey};

use super::scanner::{Scanner, Token};
use super::{BadPage, Encoding, MAX_ENTRIES, decode, enter, note, unquoted};
use crate::ObjectVersion;

/// One page of a listing of versions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct VersionsPage {
    /// By key, the latest first. Some stores tell versions and delete markers apart, each in order.
    pub(crate) entries: Vec<ObjectVersion>,
    pub(crate) truncated: bool,
    /// The version that the page ends with, where the store says so.
    pub(crate) next_version: Option<String>,
}

#[derive(Default)]
struct RawVersion {
    key: String,
    version_id: Option<String>,
    latest: bool,
    delete_marker: bool,
    size: Option<u64>,
    last_modified: Option<Timestamp>,
    etag: Option<String>,
    storage_class: Option<String>,
}

/// Reads a page, as leniently as [`super::parse`].
pub(crate) fn parse_versions(body: &[u8]) -> Result<VersionsPage, BadPage> {
    let mut scanner = Scanner::new(body);
    enter(&mut scanner, b"ListVersionsResult")?;
    let mut raw = Vec::new();
    let (mut truncated, mut url_encoded, mut next_version) = (None, false, None);
    loop {
        match scanner.next()? {
            Token::Open(name @ (b"Version" | b"DeleteMarker")) => raw.push(version(&mut scanner, name)?),
            Token::Open(name @ b"IsTruncated") => truncated = scanner.text(name)?.trim().parse().ok(),
            Token::Open(name @ b"EncodingType") => url_encoded = scanner.text(name)?.trim() == "url",
            Token::Open(name @ b"NextVersionIdMarker") => next_version = note(scanner.text(name)?),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(b"ListVersionsResult") => break,
            Token::Close(_) => return Err(BadPage::Malformed("a closing tag")),
            Token::Text(_) | Token::Verbatim(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
        if raw.len() > MAX_ENTRIES {
            return Err(BadPage::TooMany);
        }
    }
    let encoding = Encoding::of(url_encoded, raw.iter().map(|raw: &RawVersion| raw.key.as_str()));
    let entries = raw.into_iter().map(|raw| raw.finish(encoding));
    let mut entries = entries.collect::<Result<Vec<_>, BadPage>>()?;
    entries.sort_by(|a, b| place(a).cmp(&place(b)));
    Ok(VersionsPage {
        entries,
        truncated: truncated.ok_or(BadPage::Malformed("IsTruncated"))?,
        next_version: next_version.filter(|version| !version.is_empty()),
    })
}

fn place(version: &ObjectVersion) -> (&ObjectKey, bool, Reverse<Option<Timestamp>>) {
    (&version.key, !version.is_latest, Reverse(version.last_modified))
}

fn version(scanner: &mut Scanner<'_>, element: &[u8]) -> Result<RawVersion, BadPage> {
    let mut raw = RawVersion {
        delete_marker: element == b"DeleteMarker",
        ..RawVersion::default()
    };
    loop {
        match scanner.next()? {
            Token::Open(name @ b"Key") => raw.key = scanner.text(name)?,
            Token::Open(name @ b"VersionId") => raw.version_id = note(scanner.text(name)?),
            Token::Open(name @ b"IsLatest") => raw.latest = scanner.text(name)?.trim() == "true",
            Token::Open(name @ b"Size") => raw.size = scanner.text(name)?.trim().parse().ok(),
            Token::Open(name @ b"LastModified") => {
                raw.last_modified = scanner.text(name)?.trim().parse().ok();
            }
            Token::Open(name @ b"ETag") => raw.etag = note(scanner.text(name)?).map(unquoted),
            Token::Open(name @ b"StorageClass") => raw.storage_class = note(scanner.text(name)?),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(name) if name == element => return Ok(raw),
            Token::Close(_) => return Err(BadPage::Malformed("Version")),
            Token::Text(_) | Token::Verbatim(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
    }
}

impl RawVersion {
    fn finish(self, encoding: Encoding) -> Result<ObjectVersion, BadPage> {
        let size = match (self.size, self.delete_marker) {
            (Some(size), false) => size,
            (_, true) => 0,
            (None, false) => return Err(BadPage::Malformed("Size")),
        };
        Ok(ObjectVersion {
            key: ObjectKey::try_from(decode(self.key, encoding)?).map_err(|_| BadPage::Key)?,
            version_id: self.version_id,
            is_latest: self.latest,
            is_delete_marker: self.delete_marker,
            size: ByteSize(size),
            last_modified: self.last_modified,
            etag: self.etag,
            storage_class: self.storage_class,
        })
    }
}
