//! Pages of uploads that were never completed, and of their parts.

use spacewatch_model::ObjectKey;

use super::scanner::{Scanner, Token};
use super::{BadPage, MAX_ENTRIES, enter, note};
use crate::Upload;

/// Longest upload id that is kept.
const MAX_UPLOAD_ID: usize = 1024;

/// One page of uploads.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct UploadsPage {
    pub(crate) uploads: Vec<Upload>,
    pub(crate) truncated: bool,
}

/// One page of an upload's parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PartsPage {
    pub(crate) parts: u64,
    pub(crate) bytes: u64,
    /// The number of the last part.
    pub(crate) last: Option<u32>,
    pub(crate) truncated: bool,
}

/// Reads a page. Keys stand in it as they are: no encoding is asked for, as Ceph's gateway does it without saying so.
pub(crate) fn parse_uploads(body: &[u8]) -> Result<UploadsPage, BadPage> {
    let root = b"ListMultipartUploadsResult";
    let mut scanner = Scanner::new(body);
    enter(&mut scanner, root)?;
    let (mut page, mut truncated) = (UploadsPage::default(), None);
    loop {
        match scanner.next()? {
            Token::Open(b"Upload") => page.uploads.push(upload(&mut scanner)?),
            Token::Open(name @ b"IsTruncated") => truncated = scanner.text(name)?.trim().parse().ok(),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(name) if name == root => break,
            Token::Close(_) => return Err(BadPage::Malformed("a closing tag")),
            Token::Text(_) | Token::Verbatim(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
        if page.uploads.len() > MAX_ENTRIES {
            return Err(BadPage::TooMany);
        }
    }
    page.truncated = truncated.ok_or(BadPage::Malformed("IsTruncated"))?;
    Ok(page)
}

fn upload(scanner: &mut Scanner<'_>) -> Result<Upload, BadPage> {
    let (mut key, mut id, mut initiated, mut storage_class) = (String::new(), String::new(), None, None);
    loop {
        match scanner.next()? {
            Token::Open(name @ b"Key") => key = scanner.text(name)?,
            Token::Open(name @ b"UploadId") => id = scanner.text(name)?,
            Token::Open(name @ b"Initiated") => initiated = scanner.text(name)?.trim().parse().ok(),
            Token::Open(name @ b"StorageClass") => storage_class = note(scanner.text(name)?),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(b"Upload") => break,
            Token::Close(_) => return Err(BadPage::Malformed("Upload")),
            Token::Text(_) | Token::Verbatim(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
    }
    if id.is_empty() || id.len() > MAX_UPLOAD_ID {
        return Err(BadPage::Malformed("UploadId"));
    }
    Ok(Upload {
        key: ObjectKey::try_from(key).map_err(|_| BadPage::Key)?,
        id,
        initiated,
        storage_class,
    })
}

/// Reads a page of parts: only how many there are, and how large.
pub(crate) fn parse_parts(body: &[u8]) -> Result<PartsPage, BadPage> {
    let root = b"ListPartsResult";
    let mut scanner = Scanner::new(body);
    enter(&mut scanner, root)?;
    let (mut page, mut truncated) = (PartsPage::default(), None);
    loop {
        match scanner.next()? {
            Token::Open(b"Part") => {
                let (number, bytes) = part(&mut scanner)?;
                page.parts = page.parts.saturating_add(1);
                page.bytes = page.bytes.saturating_add(bytes);
                page.last = page.last.max(Some(number));
            }
            Token::Open(name @ b"IsTruncated") => truncated = scanner.text(name)?.trim().parse().ok(),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(name) if name == root => break,
            Token::Close(_) => return Err(BadPage::Malformed("a closing tag")),
            Token::Text(_) | Token::Verbatim(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
    }
    page.truncated = truncated.ok_or(BadPage::Malformed("IsTruncated"))?;
    Ok(page)
}

fn part(scanner: &mut Scanner<'_>) -> Result<(u32, u64), BadPage> {
    let (mut number, mut size) = (None, None);
    loop {
        match scanner.next()? {
            Token::Open(name @ b"PartNumber") => number = scanner.text(name)?.trim().parse().ok(),
            Token::Open(name @ b"Size") => size = scanner.text(name)?.trim().parse().ok(),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(b"Part") => break,
            Token::Close(_) => return Err(BadPage::Malformed("Part")),
            Token::Text(_) | Token::Verbatim(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
    }
    number.zip(size).ok_or(BadPage::Malformed("Part"))
}
