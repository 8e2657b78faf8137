//! A part of a big plain file, so that several workers read one file.
//!
//! A line belongs to the segment it begins in. The one thing a line depends on is the `#Fields:` header before it, which
//! may stand in an earlier segment: whoever takes a segment first looks for headers in it and tells the others.

use std::io::{self, Read};
use std::sync::{Condvar, Mutex, PoisonError};

use memchr::{memchr, memmem};
use spacewatch_access_log::LogReader;

use crate::inputs::Input;

/// Steps in which the end of a line is looked for behind the segment.
const STEP: usize = 64 * 1024;

/// A line is held up to here to look for a header in it; a longer one is none.
const LONGEST_HEADER: usize = 256 * 1024;

const HEADER: &[u8] = b"#Fields:";

/// The last valid header of each segment, as soon as it is known.
#[derive(Debug)]
pub(crate) struct Headers {
    found: Mutex<Vec<Option<Option<Vec<u8>>>>>,
    news: Condvar,
}

impl Headers {
    pub(crate) fn new(segments: usize) -> Self {
        Self {
            found: Mutex::new(vec![None; segments]),
            news: Condvar::new(),
        }
    }

    /// Tells what a segment holds.
    fn tell(&self, segment: usize, header: Option<Vec<u8>>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = found.get_mut(segment) {
            *slot = Some(header);
        }
        self.news.notify_all();
    }

    /// The header that holds where a segment begins. Segments are taken in order, and told of before anybody waits here.
    fn before(&self, segment: usize) -> Option<Vec<u8>> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let earlier = found.get(..segment).unwrap_or_default();
            let nearest = earlier.iter().rev().find(|told| !matches!(told, Some(None)));
            match nearest {
                None => return None,
                Some(Some(header)) => return header.clone(),
                Some(None) => {
                    found = self.news.wait(found).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

/// Which part of which file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment<'a> {
    pub(crate) input: &'a Input,
    pub(crate) headers: &'a Headers,
    pub(crate) number: usize,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// The lines of a segment, ready to be read: the reader knows its header already.
pub(crate) struct Lines<'a> {
    pub(crate) header: Option<Vec<u8>>,
    /// Where the first line begins in the file.
    pub(crate) offset: u64,
    pub(crate) held: &'a [u8],
    /// The rest of a last line that is too long to be held.
    pub(crate) rest: Option<std::fs::File>,
}

impl Segment<'_> {
    /// Reads the segment into `buffer`.
    pub(crate) fn load<'b>(&self, buffer: &'b mut Vec<u8>) -> io::Result<Lines<'b>> {
        let loaded = self.fill(buffer);
        let header = match &loaded {
            Ok((from, _)) => last_header(buffer.get(*from..).unwrap_or_default()),
            Err(_) => None,
        };
        self.headers.tell(self.number, header);
        let (from, rest) = loaded?;
        let before = self.start.saturating_sub(1);
        Ok(Lines {
            header: self.headers.before(self.number),
            offset: before.saturating_add(from as u64),
            held: buffer.get(from..).unwrap_or_default(),
            rest,
        })
    }

    /// Fills the buffer from the byte before the segment to the end of its last line; where its first line begins.
    fn fill(&self, buffer: &mut Vec<u8>) -> io::Result<(usize, Option<std::fs::File>)> {
        buffer.clear();
        let before = self.start.saturating_sub(1);
        let mut file = self.input.open_at(before)?;
        (&mut file)
            .take(self.end.saturating_sub(before))
            .read_to_end(buffer)?;
        let begin = if self.start == 0 {
            0
        } else {
            match memchr(b'\n', buffer) {
                Some(at) => at.saturating_add(1),
                None => buffer.len(),
            }
        };
        // No line begins here, or the last one ends here.
        if begin >= buffer.len() || buffer.last() == Some(&b'\n') {
            return Ok((begin, None));
        }
        let until = buffer.len().saturating_add(LONGEST_HEADER);
        loop {
            let searched = buffer.len();
            (&mut file).take(STEP as u64).read_to_end(buffer)?;
            let added = buffer.get(searched..).unwrap_or_default();
            if added.is_empty() {
                return Ok((begin, None));
            }
            if let Some(at) = memchr(b'\n', added) {
                buffer.truncate(searched.saturating_add(at).saturating_add(1));
                return Ok((begin, None));
            }
            if buffer.len() >= until {
                return Ok((begin, Some(file)));
            }
        }
    }
}

/// Hands on the rest of a line, up to and with its line feed.
pub(crate) fn rest_of_line(file: &mut impl Read, mut sink: impl FnMut(&[u8])) -> io::Result<()> {
    let mut step = vec![0; STEP];
    loop {
        let count = match file.read(&mut step) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let read = step.get(..count).unwrap_or_default();
        if let Some(at) = memchr(b'\n', read) {
            sink(read.get(..=at).unwrap_or_default());
            return Ok(());
        }
        sink(read);
    }
}

/// The last line among `lines` that a reader takes as a header.
fn last_header(lines: &[u8]) -> Option<Vec<u8>> {
    let mut last = None;
    for at in memmem::find_iter(lines, HEADER) {
        let before = lines.get(..at).unwrap_or_default();
        let before = before.strip_suffix(b"\xef\xbb\xbf").unwrap_or(before);
        if !matches!(before.last(), None | Some(b'\n')) {
            continue;
        }
        let from_here = lines.get(at..).unwrap_or_default();
        let end = memchr(b'\n', from_here).unwrap_or(from_here.len());
        let header = from_here.get(..end).unwrap_or_default();
        if is_valid(header) {
            last = Some(header);
        }
    }
    last.map(<[u8]>::to_vec)
}

fn is_valid(header: &[u8]) -> bool {
    let mut reader = LogReader::new(Default::default());
    prime(&mut reader, header);
    reader.counts().rejected == 0
}

/// Lets a reader know a header, and says by how much that moves its offsets.
pub(crate) fn prime(reader: &mut LogReader, header: &[u8]) -> u64 {
    reader.feed(header, |_, _| {});
    reader.feed(b"\n", |_, _| {});
    (header.len() as u64).saturating_add(1)
}
