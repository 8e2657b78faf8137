//! Bytes of objects as lines, and back.

use std::io::{self, BufRead, BufReader, Read, Write};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

use crate::record::MAX_LINE;

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How an object ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// It is no gzip any more from somewhere on, or unpacks to more than it may.
    pub(crate) broken: bool,
    /// Bytes that were looked at.
    pub(crate) bytes: u64,
}

/// Goes through the lines of an object, packed or not. Lines that are too long are cut, so that they are no records.
/// Whatever comes behind `limit` unpacked bytes is not looked at.
pub(crate) fn each_line(bytes: &[u8], limit: u64, mut line: impl FnMut(&[u8])) -> End {
    if !bytes.starts_with(&GZIP) {
        return lines_of(bytes, limit, &mut line);
    }
    lines_of(MultiGzDecoder::new(bytes), limit, &mut line)
}

fn lines_of(reader: impl Read, limit: u64, line: &mut impl FnMut(&[u8])) -> End {
    let mut reader = BufReader::with_capacity(64 << 10, reader.take(limit.saturating_add(1)));
    let (mut buffer, mut seen) = (Vec::new(), 0_u64);
    loop {
        buffer.clear();
        let read = read_line(&mut reader, &mut buffer);
        let trimmed = buffer.trim_ascii();
        if !trimmed.is_empty() {
            line(trimmed);
        }
        match &read {
            Ok(read) => seen = seen.saturating_add(*read),
            Err(_) => return end(true, seen),
        }
        if seen > limit {
            return end(true, seen);
        }
        if read.is_ok_and(|read| read == 0) {
            return end(false, seen);
        }
    }
}

fn end(broken: bool, bytes: u64) -> End {
    End { broken, bytes }
}

/// Reads up to the next line feed; keeps one byte more of it than a line may have.
fn read_line(reader: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<u64> {
    let mut read = 0_u64;
    loop {
        let available = reader.fill_buf()?;
        let (part, ends) = match memchr::memchr(b'\n', available) {
            Some(at) => (available.get(..at).unwrap_or_default(), true),
            None => (available, false),
        };
        let room = MAX_LINE.saturating_add(1).saturating_sub(buffer.len());
        buffer.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
        let used = part.len().saturating_add(usize::from(ends));
        reader.consume(used);
        read = read.saturating_add(u64::try_from(used).unwrap_or(u64::MAX));
        if ends || used == 0 {
            return Ok(read);
        }
    }
}

/// One gzip member that holds `text`.
pub(crate) fn packed(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(text)?;
    encoder.finish()
}

/// Unpacks the first gzip member, which may not hold more than `limit` bytes, and tells what stands behind it.
pub(crate) fn unpack_first(bytes: &[u8], limit: u64) -> Option<(Vec<u8>, &[u8])> {
    let mut decoder = flate2::bufread::GzDecoder::new(bytes);
    let mut text = Vec::new();
    decoder
        .by_ref()
        .take(limit.saturating_add(1))
        .read_to_end(&mut text)
        .ok()?;
    let within = u64::try_from(text.len()).is_ok_and(|length| length <= limit);
    within.then(|| (text, decoder.into_inner()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8], limit: u64) -> (Vec<String>, bool) {
        let mut lines = Vec::new();
        let end = each_line(bytes, limit, |line| {
            lines.push(String::from_utf8_lossy(line).into_owned());
        });
        (lines, end.broken)
    }

    #[test]
    fn lines_come_from_text_and_from_members_of_gzip() {
        let expected = (vec!["a".to_owned(), "b c".to_owned(), "d".to_owned()], false);
        assert_eq!(lines(b"a\r\n\n b c\nd", 100), expected);
        let mut gzip = packed(b"a\nb c\n").expect("gzip");
        gzip.extend(packed(b"d\n").expect("gzip"));
        assert_eq!(lines(&gzip, 100), expected);
    }

    #[test]
    fn what_breaks_off_gives_what_came_before() {
        let text = "one line of some length\n".repeat(10_000);
        let gzip = packed(text.as_bytes()).expect("gzip");
        let (found, end) = lines(&gzip[..gzip.len() / 2], u64::MAX);
        assert!(end);
        assert!(!found.is_empty() && found.len() < 10_000);
    }

    #[test]
    fn bombs_and_endless_lines_end() {
        let bomb = packed(&vec![b'x'; 10 << 20]).expect("gzip");
        let (found, end) = lines(&bomb, 1 << 20);
        assert!(end);
        assert!(found.iter().all(|line| line.len() <= MAX_LINE + 1));
        assert!(unpack_first(&bomb, 1 << 20).is_none());
    }

    #[test]
    fn the_first_member_is_told_from_the_rest() {
        let mut gzip = packed(b"head").expect("gzip");
        let rest = packed(b"rest").expect("gzip");
        gzip.extend(&rest);
        let (text, behind) = unpack_first(&gzip, 100).expect("a member");
        assert_eq!((text.as_slice(), behind), (b"head".as_slice(), rest.as_slice()));
    }
}
