//! Compressed or plain, as the first bytes say and not the name.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::failed::FileProblem;
use crate::options::Limits;

/// As much as is read at once.
const CHUNK: usize = 256 * 1024;

/// zstd's own default: a frame that asks for a larger window is refused.
const WINDOW_LOG: u32 = 27;

/// The first bytes of every format that is told apart.
const MAGIC_BYTES: usize = 6;

/// How the bytes of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
    Other(&'static str),
}

impl Packing {
    /// What the first bytes say.
    pub(crate) fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Other("bzip2"),
            [0xfd, b'7', b'z', b'X', b'Z', 0] => Self::Other("xz"),
            [b'P', b'K', 3, 4, ..] => Self::Other("zip"),
            [0x04, 0x22, 0x4d, 0x18, ..] => Self::Other("lz4"),
            _ => Self::Plain,
        }
    }
}

/// The first bytes of a file, fewer when it is shorter.
pub(crate) fn first_bytes(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first = Vec::with_capacity(MAGIC_BYTES);
    from.take(MAGIC_BYTES as u64).read_to_end(&mut first)?;
    Ok(first)
}

/// Hands on what the file holds, unpacked, chunk by chunk, and says how many bytes that were.
///
/// What `sink` was given before a problem holds.
pub(crate) fn unpacked(
    mut from: Box<dyn Read>,
    limits: &Limits,
    read: &AtomicU64,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<u64, FileProblem> {
    let first = first_bytes(&mut from).map_err(|error| FileProblem::unreadable(&error))?;
    read.fetch_add(first.len() as u64, Ordering::Relaxed);
    let packing = Packing::of(&first);
    let packed = Counted {
        from: Cursor::new(first).chain(from),
        own: 0,
        read,
    };
    let packed = BufReader::with_capacity(CHUNK, packed);
    match packing {
        Packing::Plain => pump(packed, |_| u64::MAX, sink).map_err(|(_, stop)| match stop {
            Stop::Error(error) => FileProblem::unreadable(&error),
            Stop::Limit(limit) => FileProblem::Bomb { limit },
        }),
        Packing::Gzip => {
            let size =
                |decoder: &BufReader<MultiGzDecoder<Packed<'_>>>| decoder.get_ref().get_ref().get_ref().own;
            let decoder = BufReader::with_capacity(CHUNK, MultiGzDecoder::new(packed));
            pump(decoder, |decoder| most(size(decoder), limits), sink).map_err(broken)
        }
        Packing::Zstd => {
            let decoder = zstd::stream::read::Decoder::with_buffer(packed).and_then(|mut decoder| {
                decoder.window_log_max(WINDOW_LOG)?;
                Ok(decoder)
            });
            let decoder = decoder.map_err(|error| FileProblem::unreadable(&error))?;
            let size = |decoder: &BufReader<zstd::stream::read::Decoder<'_, Packed<'_>>>| {
                decoder.get_ref().get_ref().get_ref().own
            };
            let decoder = BufReader::with_capacity(CHUNK, decoder);
            pump(decoder, |decoder| most(size(decoder), limits), sink).map_err(broken)
        }
        Packing::Other(name) => Err(FileProblem::Compression(name)),
    }
}

type Packed<'a> = BufReader<Counted<'a, Chain<Cursor<Vec<u8>>, Box<dyn Read>>>>;

/// What a file of which `packed` bytes were read may have unpacked to.
fn most(packed: u64, limits: &Limits) -> u64 {
    packed
        .saturating_mul(limits.unpacked_ratio)
        .max(limits.unpacked_bytes)
}

enum Stop {
    Error(io::Error),
    Limit(u64),
}

fn broken((unpacked, stop): (u64, Stop)) -> FileProblem {
    match stop {
        Stop::Error(error) => FileProblem::Broken {
            unpacked,
            detail: error.to_string(),
        },
        Stop::Limit(limit) => FileProblem::Bomb { limit },
    }
}

fn pump<R: BufRead>(
    mut from: R,
    most: impl Fn(&R) -> u64,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<u64, (u64, Stop)> {
    let mut total = 0_u64;
    loop {
        let chunk = match from.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err((total, Stop::Error(error))),
        };
        if chunk.is_empty() {
            return Ok(total);
        }
        let length = chunk.len();
        total = total.saturating_add(length as u64);
        sink(chunk);
        from.consume(length);
        let limit = most(&from);
        if total > limit {
            return Err((total, Stop::Limit(limit)));
        }
    }
}

/// Counts what is read, for the limit and for the progress.
struct Counted<'a, R> {
    from: R,
    own: u64,
    read: &'a AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.own = self.own.saturating_add(count as u64);
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
